import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { IdTable } from '../../src/store/recording/id-table.ts';
import { KnownIds } from '../../src/store/recording/known-ids.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { employee, page, RUN, readAll, rows, startedStore, withPath } from './stores.ts';

const never = new AbortController().signal;

const hasIndex = (path: string) =>
  rows(path, "SELECT 1 FROM sqlite_schema WHERE name = '_version_id'").length > 0;

const people = (path: string) =>
  rows<{ id: string }>(path, 'SELECT id FROM crawl_employees ORDER BY id').map(({ id }) => id);

describe('a table of ids', () => {
  it('gives every version that goes by an id, however many others there are', () => {
    const table = new IdTable();
    for (let i = 1; i <= 20_000; i += 1) table.add(`id ${i}`, i);
    table.add('id 7', 20_001);
    expect(table.size).toBe(20_001);
    for (let i = 1; i <= 20_000; i += 1) expect(table.candidates(`id ${i}`)).toContain(i);
    expect(table.candidates('id 7').toSorted()).toEqual([20_001, 7]);
    expect(table.candidates('nobody').length).toBeLessThan(2);
  });
});

describe('the index of ids', () => {
  it('is not kept up to date while a first run reads, and is there when it has read everyone', async () => {
    await withPath(async (path) => {
      using store = await startedStore(path);
      await readAll(store.frontier, (id) => (id === 'root' ? [employee('a', ['root'])] : []));
      expect(hasIndex(path)).toBe(false);
      expect(await store.twins(10, never)).toEqual([]);
      expect(hasIndex(path)).toBe(true);
    });
  });

  it('is not needed to know again who was seen, in this session or the one before', async () => {
    await withPath(async (path) => {
      {
        using store = await startedStore(path);
        const branches = await store.frontier.take(1);
        await store.frontier.commit(page(employee('a', ['root']), employee('a', ['root'])), []);
        await store.frontier.commit(page(employee('a', ['root'])), []);
        await store.frontier.release(branches, 1, 'nothing');
        expect(people(path)).toEqual(['a', 'root']);
      }
      using store = SqliteRunStore.open(path);
      await store.start(RUN);
      await readAll(store.frontier, (id) => (id === 'root' ? [employee('a', ['root'])] : []));
      expect(hasIndex(path)).toBe(false);
      expect(people(path)).toEqual(['a', 'root']);
      expect(rows(path, 'SELECT vid FROM _version')).toHaveLength(2);
    });
  });

  it('is made again where the transaction that made it failed', async () => {
    await withPath(async (path) => {
      (await startedStore(path))[Symbol.dispose]();
      const database = new Database(path);
      const numbers = { run: 1, published: 0, inherits: false, whole: 0 };
      const ids = new KnownIds(database, numbers);
      const full = database.transaction(() => {
        ids.index();
        throw new Error('full');
      });
      expect(full).toThrow('full');
      ids.index();
      database.close();
      expect(hasIndex(path)).toBe(true);
    });
  });

  it('is made by whoever goes on after a state that was published without it', async () => {
    await withPath(async (path) => {
      {
        using store = await startedStore(path);
        await readAll(store.frontier);
        await store.publish(never);
      }
      const database = new Database(path);
      database.exec('DROP INDEX _version_id');
      database.close();
      using store = await startedStore(path);
      expect(hasIndex(path)).toBe(true);
      await readAll(store.frontier);
      expect(await store.publish(never)).toMatchObject({ employees: 1, joined: 0, left: 0 });
    });
  });
});
