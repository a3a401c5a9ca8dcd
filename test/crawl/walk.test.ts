import { describe, expect, it } from 'vitest';
import { MemoryFrontier } from './tree.ts';
import { evenTree, expectSound, expectWhole, startWalk, valve, walkWhole } from './walking.ts';

describe('a walk', () => {
  it.each([1, 2, 8, 100])('completes every branch once with %i workers', async (workers) => {
    const { frontier, expander } = await walkWhole({ workers, children: evenTree(3_000, 7) });
    expect(frontier.done).toHaveLength(3_000);
    expect(expander.mostActive).toBeLessThanOrEqual(workers);
  });

  it('uses all of 100 workers where there is work for them', async () => {
    const gate = valve();
    const started = startWalk({
      workers: 100,
      children: evenTree(10_101, 100),
      gate: ([key], signal) => (key === 0 ? Promise.resolve() : gate.pass(signal)),
    });
    await expect.poll(() => started.expander.active).toBe(100);
    gate.open();
    await started.finished;
    expectWhole(started);
    expect(started.expander.mostActive).toBe(100);
    expect(started.expander.slots).toEqual(new Set(Array.from({ length: 100 }, (_, i) => i)));
  });

  it.each([1, 8])('walks a chain 100,000 deep with %i workers', async (workers) => {
    const { frontier } = await walkWhole({ workers, children: evenTree(100_000, 1) });
    expect(frontier.done).toHaveLength(100_000);
  });

  it('lists one manager with 50,000 reports, page by page', async () => {
    const { frontier, expander } = await walkWhole({
      workers: 8,
      share: () => 200,
      children: evenTree(50_001, 50_000),
      pageSize: 500,
    });
    expect(frontier.done).toHaveLength(50_001);
    expect(expander.searches[0]).toEqual([0]);
  });

  it('hands the first reports out while the last are still to come', async () => {
    const gate = valve();
    const started = startWalk({
      workers: 2,
      children: (key) => (key === 0 ? [1, 2, 3, 4] : []),
      pageSize: 2,
      fault: () => undefined,
      gate: ([key], signal) =>
        key === 0 && started.frontier.known.size > 1 ? gate.pass(signal) : Promise.resolve(),
    });
    await expect.poll(() => started.frontier.done).toEqual([1, 2]);
    gate.open();
    await started.finished;
    expectWhole(started);
    expect(started.frontier.done).toHaveLength(5);
  });

  it('goes on alone where it always finds the others busy', async () => {
    const gate = valve();
    const started = startWalk({
      workers: 3,
      children: evenTree(1_000, 3),
      gate: ([key], signal) => (key === 2 || key === 3 ? gate.pass(signal) : Promise.resolve()),
    });
    // All but what lies below the two that are held.
    await expect.poll(() => started.frontier.waitingNow).toBe(0);
    await expect.poll(() => started.expander.active).toBe(2);
    expect(started.frontier.inProgress).toEqual(new Set([2, 3]));
    gate.open();
    await started.finished;
    expectWhole(started);
    expect(started.frontier.done).toHaveLength(1_000);
  });

  it('ends where it always finds the others idle', async () => {
    const { frontier, expander } = await walkWhole({ workers: 8, children: evenTree(500, 1) });
    expect(frontier.done).toEqual(Array.from({ length: 500 }, (_, i) => i));
    expect(expander.mostActive).toBe(1);
  });

  it('completes each branch once on a graph with cycles', async () => {
    const children = (key: number) => [(key * 2) % 97, (key + 13) % 97, key];
    const { frontier } = await walkWhole({ workers: 4, children });
    expect(frontier.done).toHaveLength(97);
  });

  it('does not end before the very last page of the very last branch has been committed', async () => {
    const last = valve();
    let ended = false;
    // Only the last page of the last branch brings the two that are left.
    const started = startWalk({
      workers: 4,
      children: (key) => (key < 20 ? [key + 1] : key === 20 ? [21, 22, 23, 24, 25, 26] : []),
      pageSize: 2,
      gate: ([key], signal) =>
        key === 20 && started.frontier.known.has(24) ? last.pass(signal) : Promise.resolve(),
    });
    void started.finished.then(() => {
      ended = true;
    });
    await expect.poll(() => started.frontier.done.length).toBe(24);
    expect(started.frontier.waitingNow).toBe(0);
    expect(ended).toBe(false);
    last.open();
    await started.finished;
    expectWhole(started);
    expect(started.frontier.done).toHaveLength(27);
  });

  it('ends when the last branch is done: nothing keeps it', async () => {
    const frontier = new MemoryFrontier([]);
    await startWalk({ frontier, workers: 5, children: () => [] }).finished;
    expect(frontier.done).toEqual([]);
  });

  it('takes no larger share than it is told, and tells how many wait', async () => {
    const told: number[] = [];
    const { expander } = await walkWhole({
      workers: 1,
      children: evenTree(111, 10),
      share: (waiting) => {
        told.push(waiting);
        return Math.min(4, waiting);
      },
    });
    expect(told.slice(0, 3)).toEqual([1, 10, 46]);
    expect(expander.searches.slice(0, 3)).toEqual([[0], [1, 2, 3, 4], [5, 6, 7, 8]]);
    expect(Math.max(...expander.searches.map((keys) => keys.length))).toBe(4);
  });

  it('tells what it did: each expansion with all its children, each commit, who is busy', async () => {
    const expanded: string[] = [];
    const busy: number[] = [];
    let commits = 0;
    await walkWhole({
      children: evenTree(6, 5),
      pageSize: 2,
      share: () => 9,
      observe: {
        sizeOf: (page) => page.length,
        expanded: (branches, children) => expanded.push(`${branches.length}: ${children}`),
        committed: () => {
          commits += 1;
        },
        busy: (workers) => busy.push(workers),
      },
    });
    expect(expanded).toEqual(['1: 5', '5: 0']);
    expect(commits).toBe(4);
    expect(new Set(busy)).toEqual(new Set([0, 1]));
    expect(busy.at(-1)).toBe(0);
  });

  it('refuses an expansion that ends without a last page: its branch is not complete', async () => {
    const started = startWalk({ workers: 2, children: evenTree(9, 2), cutShort: true });
    await expect(started.finished).rejects.toThrow('without a last page');
    expect(started.frontier.done).toEqual([]);
    expectSound(started);
  });
});
