import { describe, expect, it } from 'vitest';
import { outageOver } from '../../src/crawl/outage.ts';
import { VirtualClock } from '../pace/virtual-clock.ts';

const never = new AbortController().signal;

/** An outage that ends with the n-th probe. */
function outage(
  endsWith: number,
  budgetMs: number,
  {
    signal = never,
    served = () => 0,
    certain = false,
  }: { signal?: AbortSignal; served?: () => number; certain?: boolean } = {},
) {
  const clock = new VirtualClock();
  const probes: number[] = [];
  const told: (number | null)[] = [];
  const over = outageOver(
    {
      probe: async () => probes.push(clock.now()) >= endsWith,
      clock,
      budgetMs,
      delayMs: (attempt) => attempt * 100,
      since: clock.now(),
      served: () => served(),
      certain,
      observe: (state) => told.push(state?.sinceMs ?? null),
    },
    signal,
  );
  over.catch(() => undefined);
  return { clock, probes, told, over };
}

describe('waiting for the directory to come back', () => {
  it('probes with growing pauses until it answers', async () => {
    const { clock, probes, told, over } = outage(3, 10_000);
    await clock.advance(600);
    await over;
    expect(probes).toEqual([100, 300, 600]);
    expect(told).toEqual([100, 300, null]);
  });

  it('tells at once where it is certain that nobody is served', async () => {
    const { clock, told, over } = outage(2, 10_000, { certain: true });
    await clock.advance(300);
    await over;
    expect(told).toEqual([0, 100, null]);
  });

  it('tells that it is over also where another worker was served first', async () => {
    let pages = 0;
    const stop = new AbortController();
    const { clock, told, over } = outage(99, 500, { signal: stop.signal, served: () => pages });
    await clock.advance(150);
    pages = 1;
    stop.abort(new Error('nothing is left to wait for'));
    await expect(over).rejects.toThrow('nothing is left');
    expect(told).toEqual([100, null]);
  });

  it('ends as interrupted when the budget is spent, with a last probe at its very end', async () => {
    const { clock, probes, over } = outage(99, 500);
    await clock.advance(10_000);
    await expect(over).rejects.toMatchObject({
      name: 'Interrupted',
      reason: 'outage',
      exitCode: 4,
    });
    expect(probes).toEqual([100, 300, 500]);
  });

  it('is not everyone’s outage while others are served: its budget is not spent, nobody is told', async () => {
    let pages = 0;
    const { clock, probes, told, over } = outage(6, 500, { served: () => pages++ });
    await clock.advance(10_000);
    await over;
    expect(probes).toHaveLength(6);
    expect(told).toEqual([]);
  });

  it('ends with the signal’s reason', async () => {
    const stop = new AbortController();
    const { clock, over } = outage(99, 500, { signal: stop.signal });
    await clock.advance(150);
    const reason = new Error('enough');
    stop.abort(reason);
    await expect(over).rejects.toBe(reason);
  });

  it('passes on what a probe says beyond yes and no', async () => {
    const refused = new Error('credentials');
    const clock = new VirtualClock();
    const probe = async () => {
      throw refused;
    };
    const over = outageOver(
      {
        probe,
        clock,
        budgetMs: 1_000,
        delayMs: () => 1,
        since: clock.now(),
        served: () => 0,
        certain: false,
      },
      never,
    );
    over.catch(() => undefined);
    await clock.advance(10);
    await expect(over).rejects.toBe(refused);
  });
});
