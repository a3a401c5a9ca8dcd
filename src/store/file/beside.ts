import { rmSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { DatabaseError } from '../../domain/errors.ts';
import { realPathOf } from './file-system.ts';
import type { Sqlite } from './sqlite.ts';

/** Where SQLite keeps what is not in the file yet, whatever name the file was called by. */
export function walOf(path: string): string {
  return `${realPathOf(path)}-wal`;
}

/**
 * Removes what an earlier database of this name has left behind. SQLite removes the WAL of a file without pages itself,
 * but takes the index for its own as long as someone is still reading the earlier one: the new file would be damaged.
 */
export function dropLeftovers(path: string): void {
  try {
    for (const suffix of ['-wal', '-shm']) rmSync(`${realPathOf(path)}${suffix}`, { force: true });
  } catch (cause) {
    throw new DatabaseError(
      'not-writable',
      `what an earlier database has left beside ${path} cannot be removed`,
      'remove its -wal and its -shm file, or name another file with --db',
      { cause },
    );
  }
}

/**
 * Closes a handle that cannot write. That leaves a WAL without a page and its index behind, which it cannot remove: the
 * last one that can write does so when it closes, and changes nothing else. A WAL that holds something stays.
 */
export function closeReading(database: Sqlite): void {
  const { name } = database;
  database.close();
  if (statSync(walOf(name), { throwIfNoEntry: false })?.size !== 0) return;
  try {
    const last = new Database(name, { fileMustExist: true, timeout: 0 });
    try {
      last.prepare('SELECT count(*) FROM sqlite_master').get();
    } finally {
      last.close();
    }
  } catch {
    // Someone else is at it, or may: they will.
  }
}
