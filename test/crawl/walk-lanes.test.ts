import { describe, expect, it } from 'vitest';
import { evenTree, expectWhole, failure, startWalk, valve, walkWhole } from './walking.ts';

const children = evenTree(200, 5);

describe('the lanes of a walk', () => {
  it.each([1, 3])('hold the number of workers at work to %i', async (lanes) => {
    const { expander } = await walkWhole({ workers: 8, lanes: () => lanes, children });
    expect(expander.mostActive).toBe(lanes);
  });

  it('are no more than there are workers', async () => {
    const { expander } = await walkWhole({ workers: 2, lanes: () => 5, children });
    expect(expander.mostActive).toBe(2);
  });

  it('may become more while it goes on', async () => {
    let committed = 0;
    const { expander } = await walkWhole({
      ...{ workers: 8, children, lanes: () => (committed < 20 ? 1 : 4) },
      observe: {
        committed: () => {
          committed += 1;
        },
      },
    });
    expect(expander.mostActive).toBe(4);
  });

  it('are free again while a worker waits for an outage to end: others may be served', async () => {
    const over = valve();
    let faults = 1;
    const started = startWalk({
      ...{ workers: 2, lanes: () => 1, children },
      fault: ([key]) => (key === 1 && faults-- > 0 ? failure('outage') : undefined),
      // Ends when there is nothing left to wait for, and not before.
      outageOver: (signal) => over.pass(signal),
    });
    await started.finished;
    expectWhole(started);
    expect(started.frontier.done).toHaveLength(200);
  });
});
