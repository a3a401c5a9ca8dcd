import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { dnKey } from '../../src/domain/dn.ts';
import type { SweptPerson } from '../../src/domain/ports.ts';
import type { SqliteRunStore } from '../../src/store/run-store.ts';
import { dnOf, questionOf } from '../crawl/company.ts';
import {
  COMPANY,
  employee,
  page,
  RUN,
  readAll,
  rows,
  startedStore,
  withPath,
  withRun,
} from './stores.ts';

const NEVER = new AbortController().signal;

function swept(id: string, more: Partial<SweptPerson> = {}): SweptPerson {
  return { id, dn: dnOf(id), hasManager: true, ...more };
}

function noted(path: string) {
  return rows<{ id: string; detail: string }>(
    path,
    "SELECT id, detail FROM _finding WHERE kind = 'unreachable' ORDER BY id",
  );
}

/** The root and Ann have been reached. */
async function read(store: SqliteRunStore): Promise<void> {
  await readAll(store.frontier, (id) => (id === 'root' ? [employee('ann', ['root'])] : []));
}

describe('people whom a run has not reached', () => {
  it('are noted once, however often a sweep comes across them', async () => {
    await withRun(async (store, path) => {
      await read(store);
      const people = [swept('root', { hasManager: false }), swept('ann'), swept('bob')];
      const guest = swept('guest', { hasManager: false });
      expect(await store.noteUnreached(people, NEVER)).toEqual({
        ...{ withManager: 1, withoutManager: 0 },
      });
      expect(await store.noteUnreached([...people, guest], NEVER)).toEqual({
        ...{ withManager: 0, withoutManager: 1 },
      });
      expect(noted(path)).toEqual([
        { id: 'bob', detail: `has a manager: ${dnOf('bob')}` },
        { id: 'guest', detail: `has no manager: ${dnOf('guest')}` },
      ]);
      await store.forgetUnreached(NEVER);
      expect(noted(path)).toEqual([]);
    });
  });

  it('are seen by readers when the run is published, and stay out of the next one', async () => {
    await withPath(async (path) => {
      const unreachable = () => rows(path, 'SELECT employee_id FROM findings');
      {
        using store = await startedStore(path);
        await read(store);
        await store.noteUnreached([swept('bob')], NEVER);
        expect(unreachable()).toEqual([]);
        await store.publish(NEVER);
        expect(unreachable()).toEqual([{ employee_id: 'bob' }]);
      }
      using store = await startedStore(path);
      await read(store);
      await store.publish(NEVER);
      expect(unreachable()).toEqual([]);
    });
  });

  it('are not those whom the sweep shows without the id that the crawl saw', async () => {
    await withRun(async (store, path) => {
      await read(store);
      const spelt = 'UID=Ann, dc=example,DC=com';
      const people = [
        swept(dnKey(spelt), { dn: spelt }),
        swept(dnKey(dnOf('bob')), { dn: dnOf('bob') }),
      ];
      await store.noteUnreached(people, NEVER);
      expect(noted(path)).toEqual([
        { id: dnKey(dnOf('bob')), detail: `has a manager: ${dnOf('bob')}` },
      ]);
    });
  });

  it('nor where people go by another link than the DN', async () => {
    await withPath(async (path) => {
      const question = questionOf(COMPANY, { managerValue: 'employeeNumber' });
      using store = await startedStore(path, { ...RUN, question });
      const ann = employee('ann', [], { link: '7' });
      await readAll(store.frontier, (id) => (id === 'root' ? [ann] : []));
      await store.noteUnreached([swept(dnKey(dnOf('ann')), { dn: dnOf('ann') })], NEVER);
      expect(noted(path)).toEqual([]);
    });
  });

  it('are somebody new at the DN of somebody who was reached', async () => {
    await withRun(async (store, path) => {
      await read(store);
      await store.noteUnreached([swept('new', { dn: dnOf('ann') })], NEVER);
      expect(noted(path).map(({ id }) => id)).toEqual(['new']);
    });
  });

  it('are not found in what an earlier run alone has seen', async () => {
    await withPath(async (path) => {
      {
        using store = await startedStore(path);
        await read(store);
        await store.publish(NEVER);
      }
      using store = await startedStore(path);
      await readAll(store.frontier);
      await store.noteUnreached([swept('ann')], NEVER);
      expect(noted(path).map(({ id }) => id)).toEqual(['ann']);
    });
  });

  it('go with a run that is abandoned', async () => {
    await withPath(async (path) => {
      {
        using store = await startedStore(path);
        await read(store);
        await store.noteUnreached([swept('bob')], NEVER);
      }
      using store = await startedStore(path, { ...RUN, fresh: true });
      expect(noted(path)).toEqual([]);
      await store.frontier.commit(page(), []);
    });
  });

  it('are noted in slices, between which a crawl can be stopped', async () => {
    await withRun(async (store, path) => {
      await read(store);
      const many = Array.from({ length: 5_000 }, (_, i) => swept(`m${i}`));
      const stop = new AbortController();
      const noting = store.noteUnreached(many, stop.signal);
      await setImmediate();
      stop.abort(new Error('enough'));
      await expect(noting).rejects.toThrow('enough');
      expect(noted(path).length).toBeLessThan(5_000);
      const { withManager } = await store.noteUnreached(many, NEVER);
      expect(noted(path)).toHaveLength(5_000);
      expect(withManager).toBeGreaterThan(0);
    });
  });
});
