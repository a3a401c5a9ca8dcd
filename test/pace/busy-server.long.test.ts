import { describe, expect, test } from 'vitest';
import { crawlBusy, settledFrom } from './busy-servers.ts';

const SETTLED_S = 10;
const WATCHED_S = 20;

const RATES = [10, 40, 200].flatMap((hidden) =>
  [100, 1_000, 0].map((configured) => ({ hidden, configured })),
);

describe('a server that refuses above a hidden rate', () => {
  test.each(RATES)('of $hidden is crawled politely from --rate $configured', async (rates) => {
    const borne = Math.min(rates.hidden, rates.configured || rates.hidden);
    const people = borne * (SETTLED_S + WATCHED_S);
    const { code, summary, seconds, isComplete } = await crawlBusy({ ...rates, people });
    expect([code, summary.failedBranches, isComplete]).toEqual([0, [], true]);
    const { servedPerSecond, refusedShare } = settledFrom(seconds, SETTLED_S);
    expect(servedPerSecond).toBeGreaterThanOrEqual(0.75 * borne);
    expect(refusedShare).toBeLessThan(0.02);
  });
});
