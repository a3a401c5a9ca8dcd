// SQLite's own limit on pages stands for the disk: the error and what it leaves behind are the same.
import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { DatabaseError } from '../../src/domain/errors.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { digestDatabase } from '../support/digest.ts';
import { employee, page, RUN, readAll, rows, startedStore, withPath } from './stores.ts';

const never = new AbortController().signal;

interface Limited {
  readonly store: SqliteRunStore;
  /** Lets the file grow by so many pages from now on. */
  room(pages: number): void;
}

/** A store whose connection a test can reach: SQLite's limit counts for one connection only. */
async function withLimited<T>(path: string, use: (limited: Limited) => Promise<T>): Promise<T> {
  const connections: Database.Database[] = [];
  const spy = vi.spyOn(Database.prototype, 'pragma').mockImplementation(function (
    this: Database.Database,
    source: string,
    options?: Database.PragmaOptions,
  ) {
    connections.push(this);
    return pragma.call(this, source, options);
  });
  using store = SqliteRunStore.open(path);
  spy.mockRestore();
  const connection = connections.findLast(({ name }) => name === path) as Database.Database;
  const room = (pages: number) => {
    const count = connection.pragma('page_count', { simple: true }) as number;
    connection.pragma(`max_page_count = ${count + pages}`);
  };
  return await use({ store, room });
}

const { pragma } = Database.prototype;

const team = Array.from({ length: 2_000 }, (_, i) =>
  employee(`p${i}`, ['root', `gone ${i}`], { title: 'x'.repeat(200) }),
);

const full = { name: 'DatabaseError', code: 'disk-full', exitCode: 7 };

const counts = (path: string) =>
  rows(
    path,
    'SELECT (SELECT count(*) FROM _version) AS people, (SELECT count(*) FROM _frontier) AS branches',
  );

describe('a full disk', () => {
  it('refuses a page whole: nothing of it is there, and the run goes on when there is room', async () => {
    await withPath(async (path) => {
      await withLimited(path, async ({ store, room }) => {
        await store.start(RUN);
        await store.addRoots([employee('root')]);
        const branches = await store.frontier.take(1);
        room(5);
        await expect(store.frontier.commit(page(...team), branches)).rejects.toMatchObject(full);
        expect(counts(path)).toEqual([{ people: 1, branches: 1 }]);
        expect(store.progress()).toEqual({ employees: 1, waiting: 0, inProgress: 1, failed: 0 });
        expect(store.counts().pages).toBe(0);
        room(10_000);
        await store.frontier.commit(page(...team), branches);
        expect(counts(path)).toEqual([{ people: 2_001, branches: 2_001 }]);
      });
    });
  });

  it('while the result is prepared leaves the published state, and the run can be continued', async () => {
    await withPath(async (path) => {
      {
        using store = await startedStore(path);
        await readAll(store.frontier);
        await store.publish(never);
      }
      const before = rows(path, 'SELECT * FROM employees');
      await withLimited(path, async ({ store, room }) => {
        await store.start(RUN);
        await store.addRoots([employee('root')]);
        await readAll(store.frontier, (id) => (id === 'root' ? team : []));
        room(3);
        await expect(store.publish(never)).rejects.toMatchObject(full);
        expect(rows(path, 'SELECT * FROM employees')).toEqual(before);
      });
      using store = await startedStore(path);
      expect(await store.frontier.waiting()).toBe(0);
      const published = await store.publish(never);
      expect(published).toMatchObject({ employees: 2_001, joined: 2_000 });
      expect(digestDatabase(path)).toMatch(/^[0-9a-f]{64}$/);
    });
  });

  it('at the start of a run is told as such', async () => {
    await withPath(async (path) => {
      await withLimited(path, async ({ store, room }) => {
        room(0);
        const question = { ...RUN.question, filter: `(cn=${'x'.repeat(50_000)})` };
        const error = await store.start({ ...RUN, question }).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(DatabaseError);
        expect(error).toMatchObject(full);
        expect(rows(path, 'SELECT * FROM runs')).toEqual([]);
      });
    });
  });

  it('while doubts are settled is told as such', async () => {
    await withPath(async (path) => {
      await withLimited(path, async ({ store, room }) => {
        await store.start(RUN);
        await store.addRoots([employee('root')]);
        const [root] = await store.frontier.take(1);
        const named = team.map((each, i) => ({
          ...each,
          managers: [
            { value: `uid=p${(i * 7) % 2_000}`, key: team[(i * 7) % 2_000]?.linkKey ?? '' },
          ],
        }));
        await store.frontier.commit(page(...named), root ? [root] : []);
        room(0);
        await expect(store.unknownManagers(5_000, never)).rejects.toMatchObject(full);
      });
    });
  });
});
