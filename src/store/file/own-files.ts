import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../../domain/errors.ts';
import { refuseMissing } from './database.ts';
import { realPathOf } from './file-system.ts';

/** What belongs to a database beside its file. */
const SUFFIXES = ['', '-wal', '-shm', '-journal', '.lock', '.lock-holder', '.lock-journal'];

/** Before anything is written. Throws a `UsageError` where the new file would take the place of the database, or of what it needs. */
export function refuseOverwriting(path: string, file: string): void {
  refuseMissing(path);
  const target = placeOf(file);
  const own = SUFFIXES.some((suffix) => placeOf(`${realPathOf(path)}${suffix}`) === target);
  if (!own && !isSameFile(path, file)) return;
  throw new UsageError(`${file} is the database itself, or belongs to it`, 'name another file');
}

/** Where a file is, or would be. */
function placeOf(file: string): string {
  const path = realPathOf(resolve(file));
  return join(realPathOf(dirname(path)), basename(path));
}

/** By another name, too: a hard link. */
function isSameFile(one: string, other: string): boolean {
  const [a, b] = [one, other].map((each) => statSync(each, { throwIfNoEntry: false }));
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}
