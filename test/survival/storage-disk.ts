// A small file system in memory, that can be filled: where the system lets us mount one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEBIBYTES = 4;

/** Needs Linux, and the right to mount: root outside of a strict container. */
export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'orgwalk-disk-'));
  try {
    return mount(folder) && unmount(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export async function withSmallDisk<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'orgwalk-disk-'));
  if (!mount(folder)) throw new Error(`Expected to be allowed to mount at ${folder}`);
  try {
    return await use(folder);
  } finally {
    unmount(folder);
    rmSync(folder, { recursive: true });
  }
}

/** Leaves `bytes` of the file system at `folder`. */
export function fill(folder: string, bytes: number): void {
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(join(folder, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - bytes)));
}

function mount(folder: string): boolean {
  const options = `size=${MEBIBYTES}m,mode=700`;
  return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]).status === 0;
}

function unmount(folder: string): boolean {
  return spawnSync('umount', [folder]).status === 0;
}
