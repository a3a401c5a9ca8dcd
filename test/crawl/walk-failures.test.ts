import { describe, expect, it } from 'vitest';
import { Interrupted, SearchFailure } from '../../src/domain/errors.ts';
import { MemoryFrontier } from './tree.ts';
import {
  evenTree,
  expectSound,
  expectWhole,
  failure,
  startWalk,
  type TreeWalk,
  valve,
  walkWhole,
} from './walking.ts';

/** `people` of them, the searches of the roots' reports held in one batch. */
function batch(people: number, more: Partial<TreeWalk>): TreeWalk {
  const roots = Array.from({ length: people }, (_, key) => key);
  return { roots, children: () => [], share: () => people, ...more };
}

const halvings = (people: number) => Math.ceil(Math.log2(people));

describe('a failed branch', () => {
  it('is recorded with its reason, its number, its attempts, and the rest goes on', async () => {
    const denied = new SearchFailure('fail', 'denied', 'not allowed', { resultCode: 50 });
    const { frontier } = await walkWhole({
      workers: 2,
      children: evenTree(40, 3),
      fault: ([key]) => (key === 2 ? denied : undefined),
    });
    expect([...frontier.failed]).toEqual([
      [2, { reason: 'denied', resultCode: 50, attempts: 1, message: 'not allowed' }],
    ]);
    expect(frontier.known.has(7)).toBe(false); // the first below 2
    expect(frontier.done).toHaveLength(frontier.known.size - 1);
  });

  it('keeps the children of the pages before the failure, and is not complete', async () => {
    const { frontier } = await walkWhole({
      children: evenTree(7, 6),
      pageSize: 2,
      fault: ([key], pages) => (key === 0 && pages === 2 ? failure('fail') : undefined),
    });
    expect([...frontier.failed.keys()]).toEqual([0]);
    expect(frontier.done).toEqual([1, 2, 3, 4]);
  });

  it('is tried three times where its search is at fault', async () => {
    const slept: number[] = [];
    const { frontier, expander } = await walkWhole({
      children: () => [],
      fault: () => failure('split'),
      retry: { tries: 3, refusals: 9, delayMs: (attempts) => attempts * 10 },
      clock: { now: () => 0, sleep: async (ms) => void slept.push(ms) },
    });
    expect(expander.searches).toEqual([[0], [0], [0]]);
    expect(slept).toEqual([10, 20]);
    expect(frontier.failed.get(0)?.attempts).toBe(3);
  });

  it('is complete when it succeeds at the last try', async () => {
    let left = 2;
    const fault = () => (left-- > 0 ? failure('split') : undefined);
    const { frontier } = await walkWhole({ children: evenTree(5, 4), fault });
    expect(frontier.failed.size).toBe(0);
    expect(frontier.done).toHaveLength(5);
  });

  it('ends the walk where it must: resumable, all others stopped', async () => {
    const held = valve();
    const started = startWalk({
      workers: 3,
      onFailure: 'abort',
      children: evenTree(20, 4),
      gate: ([key], signal) => (key === 1 || key === 2 ? held.pass(signal) : Promise.resolve()),
      fault: ([key]) => (key === 3 ? failure('fail', 'no way') : undefined),
    });
    const error = await started.finished.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Interrupted);
    expect(error).toMatchObject({ reason: 'abort', exitCode: 4 });
    expect(String(error)).toContain('no way');
    expect([...started.frontier.failed.keys()]).toEqual([3]);
    expectSound(started);
  });

  it('tells each failed search and how many branches it asked about', async () => {
    const told: string[] = [];
    await walkWhole(
      batch(2, {
        fault: (keys) => (keys.includes(1) ? failure('fail') : undefined),
        observe: { failed: ({ remedy }, branches) => told.push(`${remedy} of ${branches}`) },
      }),
    );
    expect(told).toEqual(['fail of 2', 'fail of 1']);
  });
});

describe('halving', () => {
  const sizes = [2, 3, 5, 8, 64, 100, 200] as const;

  it.each(sizes)('finds the one culprit among %i in few failing searches', async (people) => {
    for (const culprit of [0, people >> 1, people - 1]) {
      for (const [remedy, tries] of [
        ['fail', 1],
        ['split', 3],
      ] as const) {
        let failing = 0;
        const { frontier } = await walkWhole(
          batch(people, {
            fault: (keys) => {
              if (!keys.includes(culprit)) return undefined;
              failing += 1;
              return failure(remedy);
            },
          }),
        );
        expect([...frontier.failed.keys()]).toEqual([culprit]);
        expect(frontier.done).toHaveLength(people - 1);
        expect(failing).toBeLessThanOrEqual(halvings(people) + tries);
      }
    }
  });

  it('finds several culprits, and costs nobody else the branch', async () => {
    const culprits = new Set([3, 4, 77, 150]);
    const fault = (keys: readonly number[]) =>
      keys.some((key) => culprits.has(key)) ? failure('split') : undefined;
    const { frontier } = await walkWhole(batch(200, { workers: 4, fault }));
    expect(new Set(frontier.failed.keys())).toEqual(culprits);
    expect(frontier.done).toHaveLength(196);
  });

  it('is never undone by a larger share', async () => {
    const searched: number[] = [];
    await walkWhole(
      batch(8, {
        share: () => 100,
        fault: (keys) => {
          searched.push(keys.length);
          return keys.length > 1 ? failure('split') : undefined;
        },
      }),
    );
    expect(searched.filter((size) => size === 1)).toHaveLength(8);
    expect(searched).toHaveLength(15);
  });
});

describe('a busy server', () => {
  it.each([1, 2, 8])('may refuse a branch so often, and %i workers read the others', async (n) => {
    const { frontier, expander } = await walkWhole({
      workers: n,
      children: evenTree(200, 6),
      fault: ([key]) => (key === 7 ? failure('retry') : undefined),
      clock: { now: () => 0, sleep: () => new Promise((resolve) => setImmediate(resolve)) },
    });
    expect([...frontier.failed.keys()]).toEqual([7]);
    expect(expander.searches.filter(([key]) => key === 7).length).toBeGreaterThanOrEqual(3);
    expect(frontier.failed.get(7)?.attempts).toBe(3);
  });

  it('that refuses everyone costs nobody anything, and the walk goes on when it serves again', async () => {
    let left = 40;
    const { frontier } = await walkWhole({
      workers: 3,
      children: evenTree(20, 4),
      fault: ([key]) => (key !== 0 && left-- > 0 ? failure('retry') : undefined),
      servesOthers: () => left <= 0,
    });
    expect(frontier.failed.size).toBe(0);
    expect(frontier.done).toHaveLength(20);
  });

  it('that refuses the only branch there is fails nobody while it serves nobody else', async () => {
    let left = 40;
    const { frontier } = await walkWhole({
      children: evenTree(5, 4),
      fault: () => (left-- > 0 ? failure('retry') : undefined),
      servesOthers: () => false,
    });
    expect(frontier.failed.size).toBe(0);
    expect(frontier.done).toHaveLength(5);
  });

  it('that always refuses two branches and serves the others ends with both failed', async () => {
    const { frontier } = await walkWhole({
      workers: 3,
      children: evenTree(40, 4),
      fault: ([key]) => (key === 7 || key === 8 ? failure('retry') : undefined),
      clock: { now: () => 0, sleep: () => new Promise((resolve) => setImmediate(resolve)) },
    });
    expect([...frontier.failed.keys()].toSorted()).toEqual([7, 8]);
  });

  it('that refuses everyone for longer than the patience interrupts the walk', async () => {
    let now = 0;
    const sleep = async () => {
      now += 100;
    };
    const started = startWalk({
      workers: 2,
      patienceMs: 1_000,
      children: evenTree(20, 4),
      fault: ([key]) => (key === 0 ? undefined : failure('retry')),
      servesOthers: () => false,
      clock: { now: () => now, sleep },
    });
    const error = await started.finished.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'Interrupted', reason: 'outage', exitCode: 4 });
    expect(started.frontier.failed.size).toBe(0);
    expectSound(started);
  });
});

describe('a branch in backoff', () => {
  it('keeps no worker from the others', async () => {
    const rested = valve();
    const started = startWalk({
      children: evenTree(20, 4),
      fault: ([key]) => (key === 1 && !opened ? failure('split') : undefined),
      clock: { now: () => 0, sleep: (_ms, signal) => rested.pass(signal) },
    });
    let opened = false;
    await rested.reached;
    const below1 = 4;
    await expect.poll(() => started.frontier.done.length).toBe(20 - 1 - below1);
    expect(started.frontier.inProgress).toEqual(new Set([1]));
    opened = true;
    rested.open();
    await started.finished;
    expectWhole(started);
  });
});

describe('a search that brings the server down', () => {
  /** Everyone in flight together with the culprit goes down with the server. */
  async function crash(people: number, workers: number, share: number) {
    let crashes = 0;
    const crashed = new Set<string>();
    const inFlight = new Set<readonly number[]>();
    const started = await walkWhole({
      workers,
      share: () => share,
      children: evenTree(people, 6),
      gate: async (keys) => {
        inFlight.add(keys);
        await new Promise((resolve) => setImmediate(resolve));
        if (keys.includes(7)) {
          crashes += 1;
          for (const each of inFlight) crashed.add(String(each));
        }
        await new Promise((resolve) => setImmediate(resolve));
        inFlight.delete(keys);
      },
      fault: (keys) => (crashed.delete(String(keys)) ? failure('outage') : undefined),
    });
    return { ...started, crashes };
  }

  it.each([
    [1, 1],
    [1, 50],
    [4, 1],
    [8, 20],
  ])(
    'is found, isolated and recorded with %i workers and %i to a search',
    async (workers, share) => {
      const { frontier, crashes } = await crash(200, workers, share);
      expect([...frontier.failed.keys()]).toEqual([7]);
      expect(crashes).toBe(6);
      // All but those below the culprit.
      const below = frontier.known.size - frontier.done.length;
      expect(below).toBe(1);
    },
  );

  it('is known as a suspect to a walk that continues', async () => {
    const frontier: MemoryFrontier = new MemoryFrontier([0, 1, 2, 3]);
    for (let i = 0; i < 3; i += 1) await frontier.release(await frontier.take(4), 4, 'outage');
    const { expander } = await walkWhole({
      frontier,
      workers: 4,
      share: () => 9,
      children: () => [],
    });
    expect(expander.searches.every((keys) => keys.length === 1)).toBe(true);
    expect(expander.mostActive).toBe(1);
  });
});

describe('a worker that cannot connect', () => {
  it('waits by itself while others are served, and nothing waits for it at the end', async () => {
    const never = valve();
    let refusedOnce = false;
    const noConnection = new SearchFailure('outage', 'timeout', 'refused', { inFlight: false });
    const { frontier } = await walkWhole({
      workers: 2,
      children: evenTree(30, 3),
      fault: ([key]) => {
        if (refusedOnce || key === 0) return undefined;
        refusedOnce = true;
        return noConnection;
      },
      outageOver: (signal) => never.pass(signal),
    });
    expect(frontier.done).toHaveLength(30);
  });
});

describe('an outage', () => {
  const outage = () => new SearchFailure('outage', 'timeout', 'gone', { inFlight: false });

  it('costs nobody an attempt, however long', async () => {
    let left = 50;
    const { frontier, expander } = await walkWhole({
      children: evenTree(3, 2),
      fault: ([key]) => (key === 0 && left-- > 0 ? outage() : undefined),
    });
    expect(expander.searches).toHaveLength(53);
    expect(frontier.failed.size).toBe(0);
  });

  it('is waited out by all workers together', async () => {
    const over = valve();
    let waits = 0;
    let down = true;
    const started = startWalk({
      workers: 4,
      children: evenTree(30, 10),
      fault: ([key]) => (key !== 0 && down ? outage() : undefined),
      outageOver: async (signal) => {
        waits += 1;
        await over.pass(signal);
      },
    });
    await over.reached;
    await expect.poll(() => started.frontier.inProgress.size).toBe(0);
    await expect.poll(() => started.expander.active).toBe(0);
    expect(started.frontier.waitingNow).toBe(10);
    down = false;
    over.open();
    await started.finished;
    expectWhole(started);
    expect(waits).toBe(1);
  });

  it('that does not end interrupts the walk, and every branch still waits', async () => {
    const spent = new Interrupted('outage', 'the directory did not come back in time');
    const started = startWalk({
      workers: 4,
      children: evenTree(30, 10),
      fault: ([key]) => (key === 0 ? undefined : outage()),
      outageOver: async () => {
        throw spent;
      },
    });
    await expect(started.finished).rejects.toBe(spent);
    expectSound(started);
    expect(started.frontier.waitingNow + started.frontier.inProgress.size).toBe(10);
    expect(started.frontier.failed.size).toBe(0);
  });
});

describe('an error that is no branch’s fault', () => {
  const broken = new Error('the disk is full');
  const operations = ['waiting', 'take', 'commit', 'release', 'fail'] as const;

  it.each(operations)('of the frontier (%s) stops all workers and ends the walk', async (at) => {
    const frontier: MemoryFrontier = new MemoryFrontier([0], async (operation) => {
      if (operation === at && frontier.known.size > 3) throw broken;
    });
    const held = valve();
    let split = false;
    const started = startWalk({
      frontier,
      workers: 3,
      children: evenTree(30, 3),
      gate: ([key], signal) => (key === 1 ? held.pass(signal) : Promise.resolve()),
      fault: ([key]) => {
        if (key === 2 && !split) {
          split = true;
          return failure('split');
        }
        return key === 3 ? failure('fail') : undefined;
      },
    });
    await expect(started.finished).rejects.toBe(broken);
    expectSound(started);
  });

  it('of an expander stops all workers and ends the walk', async () => {
    const held = valve();
    const started = startWalk({
      workers: 3,
      children: evenTree(30, 3),
      gate: ([key], signal) => (key === 1 ? held.pass(signal) : Promise.resolve()),
      fault: ([key]) => (key === 3 ? broken : undefined),
    });
    await expect(started.finished).rejects.toBe(broken);
    expectSound(started);
    const { known, done, inProgress, waitingNow } = started.frontier;
    expect(done.length + inProgress.size + waitingNow).toBe(known.size);
  });

  it('is the first one where several fail', async () => {
    const errors: Error[] = [];
    const started = startWalk({
      workers: 3,
      children: evenTree(30, 3),
      fault: ([key]) => {
        if (key === 0) return undefined;
        errors.push(new Error(`of ${key}`));
        return errors.at(-1);
      },
    });
    const error = await started.finished.catch((reason: unknown) => reason);
    expect(error).toBe(errors[0]);
    expectSound(started);
  });
});
