import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { dnKey } from '../../src/domain/dn.ts';
import type { Employee } from '../../src/domain/employee.ts';
import { openForReading, openForWriting } from '../../src/store/file/database.ts';
import { defineFold } from '../../src/store/file/folding.ts';
import { migrate, migrations } from '../../src/store/file/migrate.ts';
import { Reader } from '../../src/store/reader.ts';
import { linkHash } from '../../src/store/recording/link-hash.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { PROFILE } from '../crawl/company.ts';
import { askForUnseen, bytesOf, employee, page, RUN, readAll, rows, withPath } from './stores.ts';

const NEVER = new AbortController().signal;

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

  it.each(migrations())(
    'leave whole steps: $name, cut off, leaves neither its tables nor its ledger row',
    async (migration) => {
      await withPath(async (path) => {
        const database = new Database(path);
        defineFold(database);
        const before = migrations().filter(({ number }) => number < migration.number);
        for (const each of before) apply(database, each);
        const schema = dump(database);
        const exec = database.exec.bind(database);
        // As if the process ended before the last statement.
        database.exec = (text: string) => {
          if (text !== textOf(migration)) return exec(text);
          exec(text.slice(0, text.lastIndexOf('\nCREATE ')));
          throw new Error('killed');
        };
        expect(() => migrate(database)).toThrow('killed');
        expect(dump(database)).toBe(schema);
        expect(before.length === 0 ? [] : ledger(database)).toEqual(before);
        database.exec = exec;
        migrate(database);
        expect(dump(database)).toBe(readFileSync(DUMP, 'utf8'));
        database.close();
      });
    },
  );
});

type Migration = ReturnType<typeof migrations>[number];

function textOf({ name }: Migration): string {
  return readFileSync(`${FOLDER}${name}`, 'utf8');
}

/** As the program that brought it did. */
function apply(database: Database.Database, migration: Migration): void {
  const { number, name } = migration;
  if (number === 1) {
    database.exec(`CREATE TABLE _migration (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at TEXT NOT NULL
  ) STRICT`);
  }
  database.exec(textOf(migration));
  const row = database.prepare('INSERT INTO _migration VALUES (?, ?, ?)');
  row.run(number, name, '2026-01-01T00:00:00.000Z');
}

/** What the first version left: a published run in which a's branch failed, and an unfinished one that has read the root. */
function fillByFirstVersion(database: Database.Database): void {
  const question = JSON.stringify({
    ...{ base: RUN.question.base, roots: RUN.question.roots, filter: RUN.question.filter },
    ...{ managerAttribute: 'manager', managerValue: 'dn' },
    ...{ mapping: RUN.question.mapping, idAttribute: 'entryUUID' },
  });
  const now = new Date().toISOString();
  const run = database.prepare(
    `INSERT INTO _run (status, question, started_at, committed_at, finished_at, published_at, employees, failed_branches)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  run.run('partial', question, '2026-01-01T00:00:00.000Z', now, now, now, 3, 1);
  run.run('interrupted', question, '2026-01-02T00:00:00.000Z', now, null, null, 0, 0);
  database.exec(`
    INSERT INTO _source VALUES (1, '${PROFILE.key}', 'entryUUID', 'memory', '${now}');
    UPDATE _published SET run = 1;
    INSERT INTO _failure VALUES (1, 2, 2, 'denied', 50, 1, 'no');
  `);
  const people = [employee('root'), employee('a', ['root']), employee('b', ['root'])];
  for (const [i, each] of people.entries()) insertPerson(database, i + 1, each);
  database.exec(`
    INSERT INTO _place VALUES (1, 1, NULL, 1, 1, NULL, NULL, 0, 2, 2),
      (2, 1, NULL, 2, 1, NULL, 1, 1, 0, 0), (3, 1, NULL, 3, 1, NULL, 1, 1, 0, 0);
    INSERT INTO _frontier (run, pid, vid, state, root, attempts) VALUES (2, 1, 1, 1, 1, 0), (2, 2, 2, 0, 0, 1);
  `);
}

function insertPerson(database: Database.Database, vid: number, { id, dn, profile }: Employee) {
  const columns = Object.keys(profile);
  database
    .prepare(
      `INSERT INTO _version (vid, pid, from_run, id, link_hash, dn, active, attributes, ${columns.join(', ')})
       VALUES (?, ?, 1, ?, ?, ?, 1, '{}', ${columns.map(() => '?').join(', ')})`,
    )
    .run(vid, vid, id, linkHash(dnKey(dn)), dn, ...Object.values(profile));
  if (vid === 1) return;
  const root = employee('root').dn;
  database.prepare('INSERT INTO _line VALUES (?, 0, 1, ?)').run(vid, root);
}

describe('a database of the first version', () => {
  async function withFormer(use: (path: string) => Promise<void>): Promise<void> {
    await withPath(async (path) => {
      const database = new Database(path);
      const [first] = migrations();
      if (first !== undefined) apply(database, first);
      fillByFirstVersion(database);
      database.close();
      await use(path);
    });
  }

  it('shows the same people after its migration, and its unfinished run goes on where it stopped', async () => {
    await withFormer(async (path) => {
      const view = 'SELECT * FROM employees ORDER BY id';
      const before = rows(path, view);
      expect(before).toHaveLength(3);
      expect(() => new Reader(path)).toThrow(expect.objectContaining({ code: 'older-schema' }));
      using store = SqliteRunStore.open(path);
      expect(rows(path, view)).toEqual(before);
      using reader = new Reader(path);
      expect(reader.search('name of').map(({ id }) => id)).toEqual(['a', 'b', 'root']);
      expect(rows(path, 'SELECT id, status, employees FROM runs ORDER BY id')).toEqual([
        { id: 1, status: 'partial', employees: 3 },
        { id: 2, status: 'interrupted', employees: 2 },
      ]);
      const started = await store.start(RUN);
      expect(started).toEqual({ id: 2, resumed: true, base: 1, expected: 3, abandoned: null });
      await store.addRoots([employee('root')]);
      const [a, ...others] = await store.frontier.take(9);
      expect([a?.id, a?.attempts, a?.outages, others]).toEqual(['a', 1, 0, []]);
      await store.frontier.commit(page(employee('new', ['a'])), a === undefined ? [] : [a]);
      await readAll(store.frontier);
      await askForUnseen(store);
      const { employees, joined, left } = await store.publish(NEVER);
      expect({ employees, joined, left }).toEqual({ employees: 3, joined: 1, left: 1 });
      expect(rows(path, 'SELECT DISTINCT confirmed_at FROM employees')).toEqual([
        { confirmed_at: '2026-01-02T00:00:00.000Z' },
      ]);
    });
  });

  it('knows who goes by DN: their id may appear', async () => {
    await withFormer(async (path) => {
      const database = new Database(path);
      const { dn } = employee('b');
      database.prepare('UPDATE _version SET id = ? WHERE vid = 3').run(dnKey(dn));
      database.close();
      using store = SqliteRunStore.open(path);
      await store.start({ ...RUN, fresh: true });
      await store.addRoots([employee('root')]);
      const team = [employee('a', ['root']), employee('b', ['root'])];
      await readAll(store.frontier, (id) => (id === 'root' ? team : []));
      expect(await store.publish(NEVER)).toMatchObject({ joined: 0, left: 0, changed: 1 });
    });
  });

  it('can have its failed branches retried', async () => {
    await withFormer(async (path) => {
      using store = SqliteRunStore.open(path);
      expect(store.readOnlyFailed({ fresh: true, dryRun: false })).toBe(1);
      const { id, retries } = await store.start({ ...RUN, fresh: true });
      expect({ id, retries }).toEqual({ id: 3, retries: { run: 1, branches: 1, employees: 3 } });
      await store.addRoots([employee('root')]);
      expect(await readAll(store.frontier)).toEqual(['a']);
      expect(await store.publish(NEVER)).toMatchObject({ status: 'published', employees: 3 });
    });
  });
});

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
