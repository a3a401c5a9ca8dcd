import Database from 'better-sqlite3';
import { DatabaseError, type DatabaseErrorCode } from '../../domain/errors.ts';

interface Explanation {
  readonly code: DatabaseErrorCode;
  readonly what: string;
  readonly hint: string;
}

const FULL: Explanation = {
  code: 'disk-full',
  what: 'cannot grow: the disk is full',
  hint: 'free some space, then run the same command again: it continues',
};

/** SQLite's result codes (sqlite.org/rescode.html) that a person can do something about: extended ones go first. */
const EXPLANATIONS: Readonly<Record<string, Explanation>> = {
  SQLITE_NOTADB: {
    code: 'not-a-database',
    what: 'is not a SQLite database',
    hint: 'name another file with --db; this one was left as it is',
  },
  SQLITE_CORRUPT: {
    code: 'corrupt',
    what: 'is damaged',
    hint: 'restore a backup, or move the file away and crawl into a new one; nothing was changed',
  },
  SQLITE_FULL: FULL,
  // The index of the WAL finds no room.
  SQLITE_IOERR_SHMSIZE: FULL,
  SQLITE_BUSY: {
    code: 'locked',
    what: 'is locked by another program',
    hint: 'close the program that writes to it, then run the same command again',
  },
  SQLITE_READONLY: {
    code: 'not-writable',
    what: 'cannot be written',
    hint: 'check the permissions of the file and of its folder',
  },
  SQLITE_CANTOPEN: {
    code: 'not-writable',
    what: 'cannot be opened',
    hint: 'check that the folder exists and may be written to',
  },
  SQLITE_PERM: {
    code: 'not-writable',
    what: 'may not be accessed',
    hint: 'check the permissions of the file and of its folder',
  },
  SQLITE_IOERR: {
    code: 'not-writable',
    what: 'cannot be read or written: the disk reports an error',
    hint: 'check the disk, then run the same command again: it continues',
  },
};

/** SQLite's own error as one that tells a person what to do; anything else as it came. */
export function explained(error: unknown, path: string): unknown {
  if (!(error instanceof Database.SqliteError)) return error;
  const primary = error.code.split('_').slice(0, 2).join('_');
  const known = EXPLANATIONS[error.code] ?? EXPLANATIONS[primary];
  if (known === undefined) return error;
  return new DatabaseError(known.code, `the database ${path} ${known.what}`, known.hint, {
    cause: error,
  });
}
