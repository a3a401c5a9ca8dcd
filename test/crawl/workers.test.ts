import { describe, expect, it } from 'vitest';
import { Workers } from '../../src/crawl/workers.ts';
import { valve } from './walking.ts';

describe('the slots of the workers', () => {
  it('are given out one to a job, never two jobs on one', async () => {
    const workers = new Workers(3);
    const taken = new Set<number>();
    const done: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      workers.delegate(async (slot) => {
        expect(taken.has(slot)).toBe(false);
        taken.add(slot);
        await Promise.resolve();
        taken.delete(slot);
        done.push(slot);
      });
    }
    expect(workers.idle).toBe(0);
    await workers.finished();
    expect(done.toSorted()).toEqual([0, 1, 2]);
    expect(workers.idle).toBe(3);
  });

  it('count as idle again before what comes after the job, which `finished` waits for', async () => {
    const workers = new Workers(1);
    const after = valve();
    let finished = false;
    let idleAfter = -1;
    workers.delegate(
      async () => {},
      async () => {
        idleAfter = workers.idle;
        await after.pass();
        workers.delegate(async () => {
          finished = true;
        });
        expect([workers.idle, workers.queued]).toEqual([0, 1]);
      },
    );
    await after.reached;
    expect(idleAfter).toBe(1);
    after.open();
    await workers.finished();
    expect(finished).toBe(true);
  });

  it('are all idle, and finished, when nothing was delegated', async () => {
    const workers = new Workers(2);
    expect(workers.idle).toBe(2);
    await workers.finished();
  });
});
