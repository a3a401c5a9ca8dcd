import Database from 'better-sqlite3';
import { DatabaseError } from '../../domain/errors.ts';
import { closeReading } from '../file/beside.ts';
import { openForReading } from '../file/database.ts';
import { explained } from '../file/errors.ts';

/**
 * Copies one state of the database at `path`, also while a crawl writes to it, into the empty file at `copy`: everything in
 * one file, in rollback-journal mode, so that whoever may read it and nothing else can (sqlite.org/wal.html#read_only_databases).
 * @param called how the copy is named to the person
 */
export function copyDatabase(path: string, copy: string, called: string): void {
  const database = openForReading(path);
  try {
    // It would forbid the writing of the copy as well.
    database.pragma('query_only = off');
    database.prepare('VACUUM INTO ?').run(copy);
    leaveWalMode(copy);
  } catch (error) {
    throw told(explained(error, path), called);
  } finally {
    closeReading(database);
  }
}

/** VACUUM INTO writes none today; that is nowhere promised. */
function leaveWalMode(copy: string): void {
  const database = new Database(copy, { fileMustExist: true });
  try {
    database.pragma('journal_mode = delete');
  } finally {
    database.close();
  }
}

/** A disk that is full is the copy's: nothing is written anywhere else. */
function told(error: unknown, called: string): unknown {
  if (!(error instanceof DatabaseError) || error.code !== 'disk-full') return error;
  return new DatabaseError(
    'disk-full',
    `the copy ${called} cannot be written: the disk is full`,
    'free some space, then run the same command again; a file that was there is as it was',
    { cause: error },
  );
}
