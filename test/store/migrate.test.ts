import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openForReading, openForWriting } from '../../src/store/database.ts';
import { migrate, migrations } from '../../src/store/migrate.ts';
import { bytesOf, withPath } from './stores.ts';

const DUMP = fileURLToPath(new URL('schema.sql', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../migrations/', import.meta.url));

/** The whole schema as SQLite keeps it, so that each migration shows as a difference of a committed file. */
function dump(database: Database.Database): string {
  const sql = database
    .prepare<[], string>(
      `SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
       ORDER BY type = 'view', type = 'index', name`,
    )
    .pluck()
    .all();
  return `${sql.join(';\n\n')};\n`;
}

const ledger = (database: Database.Database) =>
  database.prepare('SELECT number, name FROM _migration ORDER BY number').all();

describe('a fresh database', () => {
  it('has every migration in its ledger, in order and with its time', async () => {
    await withPath(async (path) => {
      const database = openForWriting(path);
      const files = readdirSync(FOLDER).toSorted();
      expect(ledger(database)).toEqual(files.map((name, i) => ({ number: i + 1, name })));
      const times = database.prepare<[], string>('SELECT applied_at FROM _migration').pluck().all();
      for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      database.close();
    });
  });

  it('has the schema of the dump beside this test (UPDATE_SCHEMA=1 writes it anew)', async () => {
    await withPath(async (path) => {
      const database = openForWriting(path);
      const schema = dump(database);
      database.close();
      if (process.env['UPDATE_SCHEMA'] === '1') writeFileSync(DUMP, schema);
      expect(schema).toBe(readFileSync(DUMP, 'utf8'));
    });
  });

  it('has STRICT tables that all begin with _, and views that do not', async () => {
    await withPath(async (path) => {
      const database = openForWriting(path);
      const tables = database
        .prepare<[], { name: string; strict: number }>(
          "SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND schema = 'main' AND name NOT LIKE 'sqlite%'",
        )
        .all();
      expect(tables.length).toBeGreaterThan(8);
      expect(tables.filter(({ name, strict }) => !name.startsWith('_') || strict === 0)).toEqual(
        [],
      );
      database.close();
    });
  });

  it('is set up for durable publishing and for readers beside the writer', async () => {
    await withPath(async (path) => {
      const database = openForWriting(path);
      const pragma = (name: string) => database.pragma(name, { simple: true });
      expect(pragma('journal_mode')).toBe('wal');
      expect(pragma('synchronous')).toBe(1);
      expect(pragma('foreign_keys')).toBe(1);
      database.close();
    });
  });
});

describe('migrations', () => {
  it('are numbered without a gap', () => {
    expect(migrations().map(({ number }) => number)).toEqual(migrations().map((_, i) => i + 1));
    expect(readdirSync(FOLDER)).toHaveLength(migrations().length);
  });

  it('are applied once: opened again, nothing changes', async () => {
    await withPath(async (path) => {
      openForWriting(path).close();
      const before = bytesOf(path);
      openForWriting(path).close();
      expect(bytesOf(path)).toBe(before);
    });
  });

  it('leave whole steps: one that is cut off leaves neither its tables nor its ledger row', async () => {
    await withPath(async (path) => {
      const database = new Database(path);
      // The last statement of the first migration cannot be carried out: as if the process ended before it.
      const { sql } = lastStatement();
      const exec = database.exec.bind(database);
      database.exec = (text: string) => {
        const cut = text.indexOf(sql);
        if (cut < 0) return exec(text);
        exec(text.slice(0, cut));
        throw new Error('killed');
      };
      expect(() => migrate(database)).toThrow('killed');
      expect(database.prepare('SELECT count(*) FROM sqlite_master').pluck().get()).toBe(0);
      database.exec = exec;
      migrate(database);
      expect(`${dump(database)}`).toBe(readFileSync(DUMP, 'utf8'));
      database.close();
    });
  });
});

function lastStatement() {
  const [migration] = migrations();
  const text = readFileSync(`${FOLDER}${migration?.name}`, 'utf8');
  const sql = text.slice(text.lastIndexOf('\nCREATE '));
  return { sql };
}

describe('a database of a newer program', () => {
  async function withNewer(use: (path: string) => void): Promise<void> {
    await withPath(async (path) => {
      const database = openForWriting(path);
      const row = database.prepare('INSERT INTO _migration VALUES (?, ?, ?)');
      row.run(migrations().length + 1, '999-from-the-future.sql', new Date().toISOString());
      database.close();
      use(path);
    });
  }

  const newer = expect.objectContaining({ code: 'newer-schema', exitCode: 7 });

  it('is refused and stays as it is, byte for byte', async () => {
    await withNewer((path) => {
      const before = bytesOf(path);
      expect(() => openForWriting(path)).toThrow(newer);
      expect(bytesOf(path)).toBe(before);
      expect(readdirSync(dirname(path))).toEqual(['org.db']);
    });
  });

  it('is refused for reading as well', async () => {
    await withNewer((path) => {
      const before = bytesOf(path);
      expect(() => openForReading(path)).toThrow(newer);
      expect(bytesOf(path)).toBe(before);
    });
  });
});
