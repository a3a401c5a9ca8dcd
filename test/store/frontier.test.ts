import { describe, expect, it } from 'vitest';
import type { Branch, Employee } from '../../src/domain/employee.ts';
import type { Frontier, RunCounts, RunProgress } from '../../src/domain/ports.ts';
import type { SqliteRunStore } from '../../src/store/run-store.ts';
import { employee, page, RUN, readAll, rows, startedStore, withPath, withRun } from './stores.ts';

const never = new AbortController().signal;

interface Steps {
  /** One step of a scenario; it leaves nothing in progress. */
  step<T>(act: (frontier: Frontier) => Promise<T>): Promise<T>;
  readonly progress: RunProgress;
  readonly counts: RunCounts;
  readonly path: string;
  publish(): Promise<void>;
}

/** Either one store for all steps, or each step on one that was just opened. */
async function withSteps(reopens: boolean, use: (steps: Steps) => Promise<void>): Promise<void> {
  await withPath(async (path) => {
    let store: SqliteRunStore = await startedStore(path);
    const reopen = async () => {
      store[Symbol.dispose]();
      store = await startedStore(path);
    };
    try {
      await use({
        path,
        step: async (act) => {
          const result = await act(store.frontier);
          if (reopens) await reopen();
          return result;
        },
        get progress() {
          return store.progress();
        },
        get counts() {
          return store.counts();
        },
        publish: async () => void (await store.publish(never)),
      });
    } finally {
      store[Symbol.dispose]();
    }
  });
}

const two = [employee('a', ['root']), employee('b', ['root'])];

const first = async (frontier: Frontier, ...found: readonly Employee[]) => {
  const branches = await frontier.take(1);
  await frontier.commit(page(...found), branches);
  return branches[0]?.id;
};

const FAILURE = { reason: 'denied', resultCode: 50, attempts: 1, message: 'no' } as const;

describe.each([
  ['straight', false],
  ['closed and opened again between steps', true],
])('the frontier, %s', (_how, reopens) => {
  it('begins with the root, however often it is added', async () => {
    await withSteps(reopens, async ({ step }) => {
      expect(await step((frontier) => frontier.waiting())).toBe(1);
      expect(await step((frontier) => first(frontier))).toBe('root');
      expect(await step((frontier) => frontier.waiting())).toBe(0);
      expect(await step((frontier) => frontier.take(5))).toEqual([]);
    });
  });

  it('serves children in the order in which they were found, each once', async () => {
    await withSteps(reopens, async ({ step }) => {
      await step((frontier) => first(frontier, ...two));
      expect(await step((frontier) => first(frontier, employee('c', ['a'])))).toBe('a');
      expect(await step((frontier) => first(frontier))).toBe('b');
      expect(await step((frontier) => first(frontier))).toBe('c');
      expect(await step((frontier) => frontier.waiting())).toBe(0);
    });
  });

  it('knows whom it has seen: found again, they do not wait again', async () => {
    await withSteps(reopens, async (steps) => {
      await steps.step((frontier) => first(frontier, ...two, ...two));
      expect(await steps.step((frontier) => first(frontier, ...two, employee('root')))).toBe('a');
      expect(await steps.step((frontier) => first(frontier, ...two))).toBe('b');
      expect(await steps.step((frontier) => frontier.waiting())).toBe(0);
      expect(steps.progress).toEqual({ employees: 3, waiting: 0, inProgress: 0, failed: 0 });
    });
  });

  it('lets nobody wait who cannot have reports', async () => {
    await withSteps(reopens, async (steps) => {
      const leaf = { ...employee('leaf', ['root']), leaf: true };
      const linkless = { ...employee('linkless', ['root']), link: null, linkKey: null };
      await steps.step((frontier) => first(frontier, leaf, linkless, ...two));
      expect(steps.progress).toEqual({ employees: 5, waiting: 2, inProgress: 0, failed: 0 });
      expect(await steps.step((frontier) => first(frontier))).toBe('a');
      expect(await steps.step((frontier) => first(frontier))).toBe('b');
      expect(await steps.step((frontier) => first(frontier))).toBeUndefined();
    });
  });

  it('keeps what a page brought although its branch is not complete, and serves it again', async () => {
    await withSteps(reopens, async (steps) => {
      await steps.step(async (frontier) => {
        const branches = await frontier.take(1);
        await frontier.commit(page(...two), []);
        await frontier.release(branches, 1, 'nothing');
      });
      expect(steps.progress).toEqual({ employees: 3, waiting: 3, inProgress: 0, failed: 0 });
      const order = await steps.step((frontier) => readAll(frontier));
      expect(order.toSorted()).toEqual(['a', 'b', 'root']);
    });
  });

  it('serves no branch again that has failed, and lists it', async () => {
    await withSteps(reopens, async (steps) => {
      await steps.step((frontier) => first(frontier, ...two));
      await steps.step(async (frontier) => {
        const [branch] = await frontier.take(1);
        if (branch !== undefined) await frontier.fail(branch, FAILURE);
      });
      expect(steps.progress).toEqual({ employees: 3, waiting: 1, inProgress: 0, failed: 1 });
      expect(await steps.step((frontier) => first(frontier))).toBe('b');
      expect(await steps.step((frontier) => first(frontier))).toBeUndefined();
      expect(rows(steps.path, 'SELECT employee_id, reason, result_code FROM failures')).toEqual([
        { employee_id: 'a', reason: 'denied', result_code: 50 },
      ]);
    });
  });

  it('counts attempts, retries, splits and the work on the wire', async () => {
    await withSteps(reopens, async (steps) => {
      await steps.step((frontier) => first(frontier, ...two));
      for (const attempts of [0, 1, 2]) {
        await steps.step(async (frontier) => {
          const branches = await frontier.take(2);
          expect(branches.map((branch) => branch.attempts)).toEqual([attempts, attempts]);
          await frontier.release(branches, 2, 'attempt');
        });
      }
      await steps.step(async (frontier) => frontier.release(await frontier.take(2), 1, 'nothing'));
      await steps.step((frontier) => readAll(frontier));
      expect(steps.counts).toEqual({
        ...{ searches: 3, pages: 3, entries: 2, reconnects: 0 },
        ...{ retries: 3, splits: 1 },
      });
    });
  });

  it('is published with everyone in it', async () => {
    await withSteps(reopens, async (steps) => {
      await steps.step((frontier) => first(frontier, ...two));
      await steps.step((frontier) => readAll(frontier));
      await steps.publish();
      expect(rows(steps.path, 'SELECT id, manager_id, depth FROM employees ORDER BY id')).toEqual([
        { id: 'a', manager_id: 'root', depth: 1 },
        { id: 'b', manager_id: 'root', depth: 1 },
        { id: 'root', manager_id: null, depth: 0 },
      ]);
    });
  });
});

const team = (...ids: readonly string[]) => ids.map((id) => employee(id, ['root']));
const idsOf = (branches: readonly { readonly id: string }[]) => branches.map(({ id }) => id);

describe('branches in progress', () => {
  it('are given to nobody else', async () => {
    await withRun(async ({ frontier }) => {
      await first(frontier, ...team('a', 'b', 'c', 'd', 'e'));
      const taken = [await frontier.take(2), await frontier.take(2), await frontier.take(2)];
      expect(taken.map(idsOf)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
      expect(await frontier.waiting()).toBe(0);
      expect(await frontier.take(1)).toEqual([]);
    });
  });

  it('wait again after a restart, however it came', async () => {
    await withPath(async (path) => {
      {
        using store = await startedStore(path);
        await first(store.frontier, ...team('a', 'b', 'c'));
        const taken = await store.frontier.take(2);
        await store.frontier.commit(page(employee('x', ['a'])), []);
        expect(taken).toHaveLength(2);
      }
      using store = await startedStore(path);
      expect(await store.frontier.waiting()).toBe(4);
      expect(idsOf(await store.frontier.take(9))).toEqual(['a', 'b', 'c', 'x']);
    });
  });

  it('given back in groups are never taken in larger ones, but may be in smaller', async () => {
    await withRun(async ({ frontier }) => {
      await first(frontier, ...team('a', 'b', 'c', 'd', 'e', 'f'));
      await frontier.release(await frontier.take(5), 3, 'nothing');
      expect(await frontier.waiting()).toBe(6);
      const taken: string[][] = [];
      for (const max of [9, 1, 9, 9]) taken.push(idsOf(await frontier.take(max)));
      expect(taken).toEqual([['d', 'e'], ['a'], ['b', 'c'], ['f']]);
    });
  });

  it('tell whose report an employee is, without a question', async () => {
    await withRun(async (store) => {
      await first(store.frontier, ...team('a'));
      expect(await store.unknownManagers(10, never)).toEqual([]);
      await readAll(store.frontier, (id) => (id === 'a' ? [employee('x', ['a', 'gone'])] : []));
      const unknown = await store.unknownManagers(10, never);
      expect(unknown.map(({ value }) => value)).toEqual(['uid=gone,dc=example,dc=com']);
    });
  });
});

describe('a branch that is named otherwise meanwhile', () => {
  it('twice in one page waits again, as it says last', async () => {
    const question = { ...RUN.question, managerValue: 'employeeNumber' };
    const named = (id: string, link = id) => ({ ...employee(id, ['root']), link, linkKey: link });
    await withPath(async (path) => {
      using store = await startedStore(path, { ...RUN, question });
      const { frontier } = store;
      const team = page(named('p', '1'), named('a'));
      await frontier.commit(team, await frontier.take(1));
      await frontier.commit(page(), await frontier.take(1));
      await frontier.commit(page(named('p', '2'), named('p', '3')), await frontier.take(1));
      expect(await frontier.waiting()).toBe(1);
      const again = await frontier.take(5);
      expect(again.map(({ id, link }) => [id, link])).toEqual([['p', '3']]);
    });
  });

  const numbered = (id: string, link: string) => ({
    ...employee(id, ['root']),
    link,
    linkKey: link,
  });

  async function withRenumbered(
    use: (frontier: Frontier, branches: readonly Branch[]) => Promise<void>,
  ) {
    await withRun(async ({ frontier }) => {
      await first(frontier, numbered('a', '1'), numbered('b', '2'));
      const branches = await frontier.take(2);
      await frontier.commit(page(numbered('a', '3')), []);
      await use(frontier, branches);
      const again = await frontier.take(9);
      expect(again.map(({ id, link }) => [id, link])).toEqual([['a', '3']]);
      await frontier.commit(page(), again);
      expect([await frontier.waiting(), await frontier.take(1)]).toEqual([0, []]);
    });
  }

  it('while it is in progress is read again when it was read', async () => {
    await withRenumbered((frontier, branches) => frontier.commit(page(), branches));
  });

  it('is read again also if it could not be read, or was given back', async () => {
    await withRenumbered(async (frontier, [a, b]) => {
      if (a === undefined || b === undefined) return;
      await frontier.fail(a, FAILURE);
      await frontier.commit(page(), [b]);
    });
    await withRenumbered(async (frontier, [a, b]) => {
      if (a === undefined || b === undefined) return;
      await frontier.release([a], 1, 'nothing');
      await frontier.commit(page(), [b]);
    });
  });

  it('when it was read, or had failed, waits again; its failure is forgotten', async () => {
    await withRun(async (store) => {
      const { frontier } = store;
      await first(frontier, numbered('a', '1'), numbered('b', '2'));
      const [a, b] = await frontier.take(2);
      if (a !== undefined) await frontier.fail(a, FAILURE);
      await frontier.commit(page(), b === undefined ? [] : [b]);
      await frontier.commit(page(numbered('a', '3'), numbered('b', '4')), []);
      expect(store.progress()).toEqual({ employees: 3, waiting: 2, inProgress: 0, failed: 0 });
      const again = await frontier
        .take(9)
        .then(async (one) => [...one, ...(await frontier.take(9))]);
      expect(again.map(({ link }) => link).toSorted()).toEqual(['3', '4']);
    });
  });
});

describe('a page', () => {
  it('is committed whole or not at all', async () => {
    await withRun(async (store, path) => {
      const [root] = await store.frontier.take(1);
      if (root === undefined) throw new Error('no root');
      const bad = { ...employee('b', ['root']), attributes: null as unknown as string };
      await expect(store.frontier.commit(page(...team('a'), bad), [root])).rejects.toThrow();
      expect(store.progress()).toEqual({ employees: 1, waiting: 0, inProgress: 1, failed: 0 });
      expect(rows(path, 'SELECT count(*) AS people FROM _version')).toEqual([{ people: 1 }]);
      expect(store.counts().pages).toBe(0);
      await store.frontier.commit(page(...team('a')), [root]);
      expect(store.progress()).toEqual({ employees: 2, waiting: 1, inProgress: 0, failed: 0 });
    });
  });

  it('that says something else about a person replaces what an earlier page of the run said', async () => {
    await withRun(async (store, path) => {
      await first(store.frontier, employee('a', ['root'], { title: 'old' }));
      await first(store.frontier, employee('a', ['root'], { title: 'new' }));
      expect(rows(path, "SELECT title FROM crawl_employees WHERE id = 'a'")).toEqual([
        { title: 'new' },
      ]);
      expect(rows(path, "SELECT count(*) AS n FROM _version WHERE id = 'a'")).toEqual([{ n: 1 }]);
    });
  });
});

it('a run is asked for before it was started', async () => {
  await withPath(async (path) => {
    const { SqliteRunStore } = await import('../../src/store/run-store.ts');
    using store = SqliteRunStore.open(path);
    expect(() => store.frontier).toThrow('no run was started');
    await store.start(RUN);
    expect(await store.frontier.waiting()).toBe(0);
  });
});
