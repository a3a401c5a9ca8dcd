import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { DatabaseError } from '../../src/domain/errors.ts';
import { explained } from '../../src/store/file/errors.ts';

const sqlite = (code: string) => new Database.SqliteError('raw', code);

describe('an error of SQLite', () => {
  it.each([
    ['SQLITE_NOTADB', 'not-a-database'],
    ['SQLITE_CORRUPT', 'corrupt'],
    ['SQLITE_CORRUPT_VTAB', 'corrupt'],
    ['SQLITE_CORRUPT_INDEX', 'corrupt'],
    ['SQLITE_FULL', 'disk-full'],
    ['SQLITE_IOERR_SHMSIZE', 'disk-full'],
    ['SQLITE_BUSY', 'locked'],
    ['SQLITE_BUSY_SNAPSHOT', 'locked'],
    ['SQLITE_BUSY_RECOVERY', 'locked'],
    ['SQLITE_READONLY', 'not-writable'],
    ['SQLITE_READONLY_DIRECTORY', 'not-writable'],
    ['SQLITE_READONLY_DBMOVED', 'not-writable'],
    ['SQLITE_CANTOPEN', 'not-writable'],
    ['SQLITE_CANTOPEN_ISDIR', 'not-writable'],
    ['SQLITE_PERM', 'not-writable'],
    ['SQLITE_IOERR_WRITE', 'not-writable'],
    ['SQLITE_IOERR_FSYNC', 'not-writable'],
  ])('%s is told as %s, with the path and what to do', (code, told) => {
    const error = explained(sqlite(code), '/data/org.db') as DatabaseError;
    expect(error).toBeInstanceOf(DatabaseError);
    expect(error).toMatchObject({ code: told, exitCode: 7 });
    expect(error.message).toContain('/data/org.db');
    expect(error.hint.length).toBeGreaterThan(10);
    expect(error.cause).toMatchObject({ code });
  });

  it.each(['SQLITE_ERROR', 'SQLITE_CONSTRAINT_NOTNULL', 'SQLITE_MISUSE'])(
    '%s is a bug and stays what it is',
    (code) => {
      const error = sqlite(code);
      expect(explained(error, 'x')).toBe(error);
    },
  );

  it('is told from all others by its class', () => {
    const other = Object.assign(new Error('raw'), { code: 'SQLITE_FULL' });
    expect(explained(other, 'x')).toBe(other);
  });
});
