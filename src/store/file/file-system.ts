import { realpathSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseError } from '../../domain/errors.ts';

/**
 * File systems whose files other machines may change, by the number that Linux gives them: statfs(2), linux/magic.h.
 * What may be a disk of one's own as well (FUSE, 9P, VirtualBox) is not among them.
 */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x564c, 'NCP'],
  [0x5346414f, 'AFS'],
  [0x6b414653, 'AFS'],
  [0x73757245, 'Coda'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x19830326, 'BeeGFS'],
  [0xaad7aaea, 'PanFS'],
  [0x20030528, 'OrangeFS'],
  [0x01161970, 'GFS2'],
  [0x7461636f, 'OCFS2'],
]);

/** @param type as statfs(2) tells it. Undefined where the file system is not known to be shared by machines. */
export function networkFileSystem(type: number): string | undefined {
  // On 32 bits the number comes with a sign.
  return NETWORK_FILE_SYSTEMS.get(type >>> 0);
}

/** Locks and shared memory, by which SQLite keeps writers and readers apart, do not reach from one machine to another. */
export function refuseNetworkFileSystem(path: string): void {
  const folder = dirname(realPathOf(path));
  const name = networkFileSystem(typeOf(folder));
  if (name === undefined) return;
  throw new DatabaseError(
    'network-file-system',
    `the database ${path} is on a network file system (${name})`,
    'name a file on a disk of this machine with --db; this one was left as it is',
  );
}

/** Without symbolic links; a file that does not exist yet, or cannot be looked at, is what it is called. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** 0 where the system does not tell: opening the file will say what is wrong. */
function typeOf(folder: string): number {
  try {
    return statfsSync(folder).type;
  } catch {
    return 0;
  }
}
