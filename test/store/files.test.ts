import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { DatabaseError } from '../../src/domain/errors.ts';
import { openForReading } from '../../src/store/file/database.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { PROFILE } from '../crawl/company.ts';
import { bytesOf, employee, modeOf, RUN, readAll, rows, startedStore, withPath } from './stores.ts';

const never = new AbortController().signal;

/** Opens it, and closes it again where that went well. */
function tryToOpen(path: string): unknown {
  try {
    SqliteRunStore.open(path)[Symbol.dispose]();
    return undefined;
  } catch (error) {
    return error;
  }
}

function expectRefused(path: string, code: string): void {
  const error = tryToOpen(path);
  expect(error).toBeInstanceOf(DatabaseError);
  expect(error).toMatchObject({ code, exitCode: 7 });
  expect((error as DatabaseError).hint).not.toBe('');
}

/** A database with a thousand people, closed. */
async function fill(path: string): Promise<void> {
  using store = await startedStore(path);
  const team = Array.from({ length: 1_000 }, (_, i) => employee(`p${i}`, ['root']));
  await readAll(store.frontier, (id) => (id === 'root' ? team : []));
  await store.publish(never);
}

function overwrite(path: string, at: number, bytes: Buffer): void {
  const file = openSync(path, 'r+');
  writeSync(file, bytes, 0, bytes.length, at);
  closeSync(file);
}

describe('the files of a database', () => {
  it('are for their owner alone, whatever the umask', async () => {
    await withPath(async (path) => {
      const before = process.umask(0o022);
      try {
        using _store = await startedStore(path);
        for (const file of ['', '-wal', '-shm', '.lock']) {
          expect([file, modeOf(path + file)]).toEqual([file, '600']);
        }
        expect(process.umask()).toBe(0o022);
      } finally {
        process.umask(before);
      }
    });
  });

  it('are for their owner alone also where an empty file was there before', async () => {
    await withPath(async (path) => {
      writeFileSync(path, '', { mode: 0o644 });
      using _store = SqliteRunStore.open(path);
      expect(modeOf(path)).toBe('600');
    });
  });

  it('keep those modes when they are opened again and read by another connection', async () => {
    await withPath(async (path) => {
      const before = process.umask(0o022);
      try {
        await fill(path);
        using _store = await startedStore(path);
        openForReading(path).close();
        const modes = readdirSync(dirname(path)).map((file) => modeOf(join(dirname(path), file)));
        expect(new Set(modes)).toEqual(new Set(['600']));
        expect(modes.length).toBeGreaterThanOrEqual(4);
      } finally {
        process.umask(before);
      }
    });
  });

  it('are the database and its lock, once it is closed', async () => {
    await withPath(async (path) => {
      await fill(path);
      expect(readdirSync(dirname(path)).toSorted()).toEqual(['org.db', 'org.db.lock']);
    });
  });
});

describe('what cannot be crawled into', () => {
  it('is a text file, which stays as it is', async () => {
    await withPath(async (path) => {
      writeFileSync(path, 'Dear diary,\n'.repeat(500));
      const before = bytesOf(path);
      expectRefused(path, 'not-a-database');
      expect(bytesOf(path)).toBe(before);
    });
  });

  it('is a database of another program, which stays as it is', async () => {
    await withPath(async (path) => {
      const other = new Database(path);
      other.exec('CREATE TABLE songs (title TEXT); INSERT INTO songs VALUES (1)');
      other.close();
      const before = bytesOf(path);
      expectRefused(path, 'not-a-database');
      expect(bytesOf(path)).toBe(before);
      expect(existsSync(`${path}-wal`)).toBe(false);
    });
  });

  it('is the database of another source: nothing in it changes', async () => {
    await withPath(async (path) => {
      await fill(path);
      const before = rows(path, 'SELECT * FROM runs');
      const other = { ...RUN, source: { ...PROFILE, key: 'dc=other' } };
      const error = await startedStore(path, other).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'other-source', exitCode: 7 });
      expect((error as DatabaseError).message).toContain('dc=other');
      expect(rows(path, 'SELECT * FROM runs')).toEqual(before);
    });
  });

  it('is a path in a folder that does not exist', async () => {
    await withPath(async (path) => {
      expectRefused(join(dirname(path), 'nowhere', 'org.db'), 'not-writable');
      expect(readdirSync(dirname(path))).toEqual([]);
    });
  });

  it('is a path below a file', async () => {
    await withPath(async (path) => {
      writeFileSync(path, '');
      expectRefused(join(path, 'org.db'), 'not-writable');
    });
  });

  it('is a folder where nobody may create a file, root included', () => {
    // Permissions do not stop root; the proc file system does.
    expectRefused('/proc/self/org.db', 'not-writable');
  });

  it('is a folder', async () => {
    await withPath(async (path) => {
      mkdirSync(path);
      expect(tryToOpen(path)).toMatchObject({ exitCode: 7 });
    });
  });

  it('is a damaged database: told when it is opened, and left as it is', async () => {
    await withPath(async (path) => {
      await fill(path);
      const size = rows<{ page_size: number }>(path, 'PRAGMA page_size')[0]?.page_size ?? 0;
      const root = "SELECT rootpage FROM sqlite_schema WHERE name = '_version'";
      const page = rows<{ rootpage: number }>(path, root)[0]?.rootpage ?? 0;
      expect(page).toBeGreaterThan(1);
      overwrite(path, size * (page - 1), Buffer.alloc(size, 0xa5));
      const before = bytesOf(path);
      expectRefused(path, 'corrupt');
      expect(bytesOf(path)).toBe(before);
    });
  });

  it('is a database cut short', async () => {
    await withPath(async (path) => {
      await fill(path);
      const whole = Buffer.from(bytesOf(path), 'base64');
      writeFileSync(path, whole.subarray(0, whole.length >> 1));
      expectRefused(path, 'corrupt');
    });
  });
});

describe('what cannot be read from', () => {
  it('is a database that is not there; none is made', async () => {
    await withPath(async (path) => {
      expect(() => openForReading(path)).toThrow(
        expect.objectContaining({ code: 'missing', exitCode: 7 }),
      );
      expect(existsSync(path)).toBe(false);
    });
  });

  it('is a text file, or a database of another program', async () => {
    await withPath(async (path) => {
      writeFileSync(path, 'Dear diary,\n'.repeat(500));
      const told = expect.objectContaining({ code: 'not-a-database', exitCode: 7 });
      expect(() => openForReading(path)).toThrow(told);
      const other = new Database(`${path}.other`);
      other.exec('CREATE TABLE songs (title TEXT)');
      other.close();
      expect(() => openForReading(`${path}.other`)).toThrow(told);
    });
  });

  it('is an empty file: there is nothing to answer from', async () => {
    await withPath(async (path) => {
      writeFileSync(path, '');
      expect(() => openForReading(path)).toThrow(expect.objectContaining({ code: 'empty' }));
    });
  });

  it('cannot be written through that handle either', async () => {
    await withPath(async (path) => {
      await fill(path);
      const reader = openForReading(path);
      expect(() => reader.exec('DELETE FROM _place')).toThrow();
      expect(() => reader.exec('CREATE TEMP TABLE x (y)')).toThrow();
      reader.close();
    });
  });
});
