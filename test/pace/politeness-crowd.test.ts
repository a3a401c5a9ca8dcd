// The limiter before a server that refuses above a rate it tells nobody.
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Pacer } from '../../src/pace/pacer.ts';
import { type CrowdOptions, ModelServer, type Request, startCrowd, tally } from './crowd.ts';

const SECOND_MS = 1_000;
/** Long enough to find the hidden rate from any configured one. */
const SETTLING_MS = 10 * SECOND_MS;
const WATCHED_MS = 25 * SECOND_MS;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a server that refuses above a hidden rate', () => {
  const rates = [10, 40, 200].flatMap((hidden) =>
    [100, 1_000, 0].map((configured) => ({ hidden, configured })),
  );
  test.each(rates)('of $hidden is found from --rate $configured', async (rate) => {
    await expectPolite(rate);
  });

  test.each([
    { hidden: 40, configured: 0, latencyMs: 2 },
    { hidden: 40, configured: 1_000, latencyMs: 150 },
    { hidden: 10, configured: 0, latencyMs: 400 },
  ])('of $hidden is found from --rate $configured at $latencyMs ms to an answer', async (rate) => {
    await expectPolite(rate, { latencyMs: rate.latencyMs });
  });

  test.each([
    [20, 100],
    [100, 20],
  ])('that changes from %i to %i is followed', async (before, after) => {
    await withCrowd(1_000, before, async ({ server, requests, pass }) => {
      await pass(2 * SETTLING_MS);
      server.rate = after;
      await pass(4 * SETTLING_MS);
      const from = performance.now();
      await pass(WATCHED_MS);
      const { servedPerSecond, refusedShare } = tally(requests, from, performance.now());
      expect(servedPerSecond).toBeGreaterThan(0.75 * after);
      expect(refusedShare).toBeLessThan(0.02);
    });
  });

  test('is never asked more than configured, however much it bears', async () => {
    await withCrowd(30, 10, async ({ server, requests, pass }) => {
      await pass(SETTLING_MS);
      server.rate = 1_000;
      await pass(6 * SETTLING_MS);
      const from = performance.now();
      await pass(WATCHED_MS);
      const { servedPerSecond } = tally(requests, from, performance.now());
      expect(servedPerSecond).toBeGreaterThan(29);
      expect(servedPerSecond).toBeLessThanOrEqual(30);
    });
  });

  test('is asked without a limit again when it has proved to bear that', async () => {
    await withCrowd(0, 50, async ({ server, pacer, pass }) => {
      await pass(SETTLING_MS);
      expect(pacer.rate).toBeGreaterThan(0);
      server.rate = 100_000;
      for (let waited = 0; waited < 6 && pacer.rate > 0; waited += 1) await pass(SETTLING_MS);
      expect(pacer.rate).toBe(0);
    });
  });
});

describe('a server that serves nobody', () => {
  test('never sees the rate rise, nor cut ever more', async () => {
    await withCrowd(100, 40, async ({ server, pacer, pass }) => {
      await pass(SETTLING_MS);
      server.rate = 0;
      await pass(SECOND_MS);
      await pass(SECOND_MS);
      const before = pacer.rate;
      await pass(60 * SECOND_MS);
      expect(pacer.rate).toBe(before);
      server.rate = 40;
      await pass(3 * SETTLING_MS);
      expect(pacer.rate).toBeGreaterThan(30);
    });
  });
});

interface Crowd {
  readonly pacer: Pacer;
  readonly server: ModelServer;
  readonly requests: readonly Request[];
  readonly pass: (ms: number) => Promise<unknown>;
}

async function withCrowd(
  configured: number,
  hidden: number,
  use: (crowd: Crowd) => Promise<void>,
  options: CrowdOptions = {},
): Promise<void> {
  const pacer = new Pacer({ rate: configured });
  const server = new ModelServer(hidden);
  const stop = new AbortController();
  const requests = startCrowd(pacer, server, stop.signal, options);
  try {
    await use({ pacer, server, requests, pass: (ms) => vi.advanceTimersByTimeAsync(ms) });
  } finally {
    stop.abort();
    pacer.close();
  }
}

async function expectPolite(
  { hidden, configured }: { readonly hidden: number; readonly configured: number },
  options: CrowdOptions = {},
): Promise<void> {
  const borne = configured === 0 ? hidden : Math.min(hidden, configured);
  await withCrowd(
    configured,
    hidden,
    async ({ requests, pass }) => {
      await pass(SETTLING_MS);
      const from = performance.now();
      await pass(WATCHED_MS);
      const { servedPerSecond, refusedShare } = tally(requests, from, performance.now());
      expect(servedPerSecond).toBeGreaterThanOrEqual(0.75 * Math.min(borne, bound(options)));
      expect(refusedShare).toBeLessThan(0.02);
    },
    options,
  );
}

/** What workers can ask at most who each wait for their answer. */
function bound({ workers = 8, latencyMs = 20 }: CrowdOptions): number {
  return (workers * SECOND_MS) / latencyMs;
}
