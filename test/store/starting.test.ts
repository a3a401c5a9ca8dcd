import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/domain/errors.ts';
import type { SourceProfile } from '../../src/domain/ports.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { employee, page, RUN, readAll, rows, startedStore, withPath } from './stores.ts';

const never = new AbortController().signal;
const reason = new Interrupted('SIGTERM', 'stopped');

/** A published run of two people, and an unfinished one that has seen another. */
async function withUnfinished(use: (path: string) => Promise<void>): Promise<void> {
  await withPath(async (path) => {
    {
      using store = await startedStore(path);
      await readAll(store.frontier, (id) => (id === 'root' ? [employee('a', ['root'])] : []));
      await store.publish(never);
    }
    {
      using store = await startedStore(path);
      const [root] = await store.frontier.take(1);
      await store.frontier.commit(page(employee('new', ['root'])), root ? [root] : []);
      await store.interrupt();
    }
    await use(path);
  });
}

describe('a start that is called off', () => {
  it('while it abandons the unfinished run is brought to its end by the next one', async () => {
    await withUnfinished(async (path) => {
      {
        using store = SqliteRunStore.open(path);
        const stop = new AbortController();
        const starting = store.start({ ...RUN, fresh: true }, stop.signal);
        const failed = expect(starting).rejects.toBe(reason);
        await setImmediate();
        stop.abort(reason);
        await failed;
      }
      expect(rows(path, 'SELECT status, employees FROM runs ORDER BY id')).toEqual([
        { status: 'published', employees: 2 },
        { status: 'abandoned', employees: 2 },
      ]);
      expect(rows(path, 'SELECT id FROM employees ORDER BY id')).toHaveLength(2);
      using store = SqliteRunStore.open(path);
      const run = await store.start(RUN);
      expect(run).toEqual({ id: 3, resumed: false, base: 1, expected: 2, abandoned: null });
      const left = rows(
        path,
        'SELECT (SELECT count(*) FROM _version WHERE from_run = 2) AS people',
      );
      expect(left).toEqual([{ people: 0 }]);
      expect(rows(path, 'SELECT count(*) AS n FROM _frontier')).toEqual([{ n: 0 }]);
    });
  });

  it('before it has done anything leaves the unfinished run, to be continued', async () => {
    await withUnfinished(async (path) => {
      using store = SqliteRunStore.open(path);
      expect(await store.start(RUN, AbortSignal.abort(reason))).toMatchObject({
        id: 2,
        resumed: true,
      });
    });
  });
});

it('a run that has only begun shows in the view runs how many it has seen', async () => {
  await withUnfinished(async (path) => {
    expect(rows(path, 'SELECT status, employees FROM runs WHERE id = 2')).toEqual([
      { status: 'interrupted', employees: 2 },
    ]);
  });
});

it('a run whose failures are retried asks anew about the managers that could not be told', async () => {
  await withPath(async (path) => {
    const boss = { key: 'cn=boss,dc=example,dc=com', value: 'cn=boss,dc=example,dc=com' };
    const failure = { reason: 'denied', resultCode: 50, attempts: 1, message: 'no' } as const;
    {
      using store = await startedStore(path);
      await readAll(store.frontier, (id) =>
        id === 'root' ? [{ ...employee('a'), managers: [boss] }] : [],
      );
      expect(await store.unknownManagers(10, never)).toEqual([boss]);
      await store.failManager(boss, failure);
      expect(await store.unknownManagers(10, never)).toEqual([]);
      await store.interrupt();
    }
    {
      using store = await startedStore(path);
      expect(await store.unknownManagers(10, never)).toEqual([]);
      expect(store.failures()).toHaveLength(1);
    }
    using store = await startedStore(path, { ...RUN, retryFailed: true });
    expect(store.failures()).toEqual([]);
    expect(await store.unknownManagers(10, never)).toEqual([boss]);
  });
});

it('what is known of the server is noted at each start; the id attribute stays what it is', async () => {
  await withPath(async (path) => {
    const started = async (source: Partial<SourceProfile>) => {
      using store = SqliteRunStore.open(path);
      await store.start({ ...RUN, source: { ...RUN.source, ...source } });
      const sql = 'SELECT id_attribute, vendor, profile FROM _source';
      const [row] = rows<Record<'id_attribute' | 'vendor' | 'profile', string>>(path, sql);
      return { ...row, profile: JSON.parse(row?.profile ?? '') as unknown };
    };
    expect(await started({ traits: { leaves: true } })).toEqual({
      ...{ id_attribute: 'entryUUID', vendor: 'memory' },
      profile: { vendor: 'memory', paging: true, leaves: true },
    });
    expect(await started({ vendor: 'new', paging: false, idAttribute: 'other' })).toEqual({
      ...{ id_attribute: 'entryUUID', vendor: 'new' },
      profile: { vendor: 'new', paging: false },
    });
  });
});
