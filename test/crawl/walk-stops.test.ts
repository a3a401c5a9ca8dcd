import { describe, expect, it } from 'vitest';
import { MemoryFrontier } from './tree.ts';
import {
  evenTree,
  expectSound,
  expectWhole,
  failure,
  type StartedWalk,
  startWalk,
  type TreeWalk,
  type Valve,
  valve,
  walkWhole,
} from './walking.ts';

const reason = new Error('enough');

/** Nothing was lost: what was in progress waits again after a restart, and a new walk finds everything. */
async function expectResumable(
  { frontier, expander }: StartedWalk,
  children: TreeWalk['children'],
) {
  expectSound({ frontier, expander });
  frontier.restart();
  await walkWhole({ frontier, workers: 3, children });
  expect(frontier.done).toHaveLength(frontier.known.size);
}

/** Starts a walk that comes to a stop at `at`, aborts it there, and lets whatever does not heed the signal come to its end. */
async function abortAt(at: Valve, begin: (signal: AbortSignal) => StartedWalk) {
  const stop = new AbortController();
  const started = begin(stop.signal);
  await at.reached;
  stop.abort(reason);
  at.open();
  await expect(started.finished).rejects.toBe(reason);
  return started;
}

const children = evenTree(40, 3);

describe('a walk that is aborted', () => {
  it('before it starts asks nobody', async () => {
    const started = startWalk({ children, signal: AbortSignal.abort(reason) });
    await expect(started.finished).rejects.toBe(reason);
    expect(started.expander.searches).toEqual([]);
    await expectResumable(started, children);
  });

  it.each(['waiting', 'take', 'commit'])(
    'during %s of the frontier lets it end and does no more',
    async (operation) => {
      for (const answered of ['', ' answered']) {
        const at = valve();
        const frontier: MemoryFrontier = new MemoryFrontier([0], async (name) => {
          if (name === operation + answered && frontier.done.length === 2) await at.pass();
        });
        const started = await abortAt(at, (signal) => startWalk({ frontier, children, signal }));
        expect(frontier.done.length).toBeLessThanOrEqual(3);
        await expectResumable(started, children);
      }
    },
  );

  it.each(['release', 'fail'])('during %s lets it end and does no more', async (operation) => {
    const at = valve();
    const remedy = operation === 'fail' ? 'fail' : 'split';
    const frontier = new MemoryFrontier([0], (name) =>
      name === operation ? at.pass() : Promise.resolve(),
    );
    const started = await abortAt(at, (signal) =>
      startWalk({
        frontier,
        children,
        signal,
        fault: ([key]) => (key === 1 ? failure(remedy) : undefined),
      }),
    );
    expect(started.expander.searches).toEqual([[0], [1]]);
    expectSound(started);
  });

  it('during an expansion stops it at once, on every worker', async () => {
    const at = valve();
    const stop = new AbortController();
    const started = startWalk({
      workers: 3,
      children,
      signal: stop.signal,
      // Never opened: only the signal ends it.
      gate: ([key], signal) => (key === 0 ? Promise.resolve() : at.pass(signal)),
    });
    await expect.poll(() => started.expander.active).toBe(3);
    stop.abort(reason);
    await expect(started.finished).rejects.toBe(reason);
    expect(started.frontier.done).toEqual([0]);
    await expectResumable(started, children);
  });

  it('between two pages keeps the first and does not complete the branch', async () => {
    const stop = new AbortController();
    const wide = evenTree(30, 9);
    const started = startWalk({
      children: wide,
      pageSize: 2,
      signal: stop.signal,
      observe: { committed: () => stop.abort(reason) },
    });
    await expect(started.finished).rejects.toBe(reason);
    expect(started.frontier.known).toEqual(new Set([0, 1, 2]));
    expect(started.frontier.done).toEqual([]);
    await expectResumable(started, wide);
  });

  it('during the wait before a retry ends the wait', async () => {
    const at = valve();
    const stop = new AbortController();
    const started = startWalk({
      children,
      signal: stop.signal,
      clock: { now: () => 0, sleep: (_ms, signal) => at.pass(signal) },
      fault: ([key]) => (key === 1 ? failure('retry') : undefined),
    });
    await at.reached;
    stop.abort(reason);
    await expect(started.finished).rejects.toBe(reason);
    await expectResumable(started, children);
  });

  it('during an outage ends the wait of all workers', async () => {
    const at = valve();
    const stop = new AbortController();
    const started = startWalk({
      workers: 3,
      children,
      signal: stop.signal,
      outageOver: (signal) => at.pass(signal),
      fault: ([key]) => (key === 0 ? undefined : failure('outage')),
    });
    await at.reached;
    stop.abort(reason);
    await expect(started.finished).rejects.toBe(reason);
    await expectResumable(started, children);
  });

  it('rejects only when the last worker has stopped', async () => {
    const slow = valve();
    const stop = new AbortController();
    let rejected = false;
    const started = startWalk({
      workers: 3,
      children,
      signal: stop.signal,
      gate: ([key]) => (key === 2 ? slow.pass() : Promise.resolve()),
    });
    void started.finished.catch(() => {
      rejected = true;
    });
    await expect.poll(() => started.frontier.waitingNow).toBe(0);
    stop.abort(reason);
    await new Promise(setImmediate);
    expect(rejected).toBe(false);
    slow.open();
    await expect(started.finished).rejects.toBe(reason);
    await expectResumable(started, children);
  });

  it('blames the signal, not what a worker says on its way out', async () => {
    const at = valve();
    const started = await abortAt(at, (signal) =>
      startWalk({
        children,
        signal,
        gate: async () => {
          await at.pass();
          throw failure('outage');
        },
      }),
    );
    expect(started.frontier.failed.size).toBe(0);
    await expectResumable(started, children);
  });

  it('after its end is a walk that ended', async () => {
    const stop = new AbortController();
    const started = startWalk({ children, signal: stop.signal });
    await started.finished;
    stop.abort(reason);
    expectWhole(started);
  });
});
