import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Pacer } from '../../src/pace/pacer.ts';
import { crowdedSecond, type Send } from './crowded.ts';

const HOUR_MS = 3_600_000;

describe('the pacer on a virtual clock', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('admits no second above R in 10,000 random arrivals with rate changes and outages', async () => {
    await withPacer(100, async (pacer) => {
      const sends: Send[] = [];
      const random = seeded(7);
      for (let arrival = 0; arrival < 10_000; arrival++) {
        if (random() < 0.002) pacer.setRate(1 + Math.floor(random() * 400));
        if (random() < 0.002) await vi.advanceTimersByTimeAsync(random() * 60_000);
        if (random() < 0.01) await vi.advanceTimersByTimeAsync(random() * 1_000);
        void pacer.admit().then(() => sends.push({ at: performance.now(), rate: pacer.rate }));
      }
      pacer.setRate(400);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(sends.length).toBe(10_000);
      expect(crowdedSecond(sends)).toBeUndefined();
    });
  });

  test('reaches the rate under constant demand', async () => {
    await withPacer(100, async (pacer) => {
      const sends = demand(pacer, 1000);
      await vi.advanceTimersByTimeAsync(10_500);
      expect(sends.length).toBe(1000);
    });
  });

  test('spaces the requests that come at once', async () => {
    await withPacer(10, async (pacer) => {
      const sends = demand(pacer, 5);
      await vi.advanceTimersByTimeAsync(1_000);
      const gaps = sends.slice(1).map(({ at }, i) => at - (sends[i]?.at ?? 0));
      expect(gaps).toHaveLength(4);
      for (const gap of gaps) expect(gap).toBeGreaterThan(95);
    });
  });

  test('admits in the order of arrival', async () => {
    await withPacer(200, async (pacer) => {
      const order: number[] = [];
      for (let i = 0; i < 50; i++) void pacer.admit().then(() => order.push(i));
      await vi.advanceTimersByTimeAsync(1_000);
      expect(order).toEqual(Array.from({ length: 50 }, (_, i) => i));
    });
  });

  test('holds the window after a cut of the rate against what left before it', async () => {
    await withPacer(400, async (pacer) => {
      const sends = demand(pacer, 2_000);
      await vi.advanceTimersByTimeAsync(1_000);
      const before = sends.length;
      pacer.setRate(10);
      await vi.advanceTimersByTimeAsync(900);
      expect(before).toBeGreaterThan(300);
      expect(sends.length).toBe(before);
      pacer.close();
    });
  });

  test('a raised rate holds for those who wait already', async () => {
    await withPacer(0.01, async (pacer) => {
      const sends = demand(pacer, 3);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(sends.length).toBe(1);
      pacer.setRate(100);
      await vi.advanceTimersByTimeAsync(3_500);
      expect(sends.length).toBe(3);
    });
  });

  test('a raised rate ends a wait for the window', async () => {
    await withPacer(10, async (pacer) => {
      const sends = demand(pacer, 30);
      await vi.advanceTimersByTimeAsync(900);
      pacer.setRate(1);
      await vi.advanceTimersByTimeAsync(300);
      const before = sends.length;
      pacer.setRate(300);
      await vi.advanceTimersByTimeAsync(150);
      expect(before).toBeLessThan(12);
      expect(sends.length).toBe(30);
    });
  });

  test('a rate of nought lets everyone who waits go at once', async () => {
    await withPacer(1, async (pacer) => {
      const sends = demand(pacer, 20);
      pacer.setRate(0);
      await vi.advanceTimersByTimeAsync(0);
      expect(sends.length).toBe(20);
    });
  });

  test('a limit set on a pacer without one counts what left before', async () => {
    await withPacer(0, async (pacer) => {
      const sends = demand(pacer, 10);
      pacer.setRate(10);
      demand(pacer, 1, sends);
      await vi.advanceTimersByTimeAsync(999);
      expect(sends.length).toBe(10);
      await vi.advanceTimersByTimeAsync(100);
      expect(sends.length).toBe(11);
    });
  });

  test('without a limit a request is admitted without any timer', async () => {
    await withPacer(0, async (pacer) => {
      await pacer.admit();
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  test.each([
    ['back', -HOUR_MS],
    ['forward', HOUR_MS],
  ])('a wall clock set an hour %s in mid-run changes nothing', async (_, step) => {
    await withPacer(20, async (pacer) => {
      const sends = demand(pacer, 200);
      await vi.advanceTimersByTimeAsync(2_000);
      vi.setSystemTime(Date.now() + step);
      await vi.advanceTimersByTimeAsync(12_000);
      expect(sends.length).toBe(200);
      expect(crowdedSecond(sends)).toBeUndefined();
    });
  });

  test.each([
    { how: 'back', steps: [-HOUR_MS] },
    { how: 'back a little', steps: [-1_500] },
    { how: 'forward', steps: [HOUR_MS] },
    { how: 'forward and back again', steps: [HOUR_MS, -HOUR_MS] },
  ])('a wall clock set $how in mid-run holds nobody back for a moment', async ({ steps }) => {
    await withPacer(20, async (pacer) => {
      const sends = demand(pacer, 200);
      await vi.advanceTimersByTimeAsync(2_000);
      for (const step of steps) {
        vi.setSystemTime(Date.now() + step);
        const before = sends.length;
        await vi.advanceTimersByTimeAsync(1_000);
        expect(sends.length - before).toBeGreaterThanOrEqual(19);
      }
      expect(crowdedSecond(sends)).toBeUndefined();
    });
  });

  test('an aborted request is not sent, and the next one takes its turn', async () => {
    await withPacer(1, async (pacer) => {
      const sends = demand(pacer, 1);
      const abort = new AbortController();
      const given = pacer.admit(abort.signal);
      demand(pacer, 1, sends);
      abort.abort(new Error('enough'));
      await expect(given).rejects.toThrow('enough');
      await vi.advanceTimersByTimeAsync(1_100);
      expect(sends.length).toBe(2);
      expect(pacer.load().requests).toBe(2);
    });
  });

  test('a signal that is aborted already refuses before anything else', async () => {
    await withPacer(0, async (pacer) => {
      await expect(pacer.admit(AbortSignal.abort('stop'))).rejects.toBe('stop');
      expect(pacer.load().requests).toBe(0);
    });
  });

  test('an admitted request leaves no listener on its signal', async () => {
    await withPacer(100, async (pacer) => {
      const { signal } = new AbortController();
      const remove = vi.spyOn(signal, 'removeEventListener');
      const given = pacer.admit(signal);
      await vi.advanceTimersByTimeAsync(100);
      await given;
      expect(remove).toHaveBeenCalledOnce();
    });
  });

  test('turns that nobody waits for any more do not add up to a burst', async () => {
    await withPacer(50, async (pacer) => {
      const abort = new AbortController();
      const dropped = Array.from({ length: 30 }, () => pacer.admit(abort.signal));
      abort.abort('gone');
      expect((await Promise.allSettled(dropped)).every((one) => one.status === 'rejected')).toBe(
        true,
      );
      await vi.advanceTimersByTimeAsync(5_000);
      const sends = demand(pacer, 1);
      await vi.advanceTimersByTimeAsync(100);
      expect(sends.length).toBe(1);
      demand(pacer, 10, sends);
      await vi.advanceTimersByTimeAsync(100);
      expect(sends.length).toBeLessThanOrEqual(7);
    });
  });

  test('closing refuses whoever waits and whoever comes later, and stops every timer', async () => {
    await withPacer(1, async (pacer) => {
      demand(pacer, 1);
      await vi.advanceTimersByTimeAsync(10);
      const held = [pacer.admit(), pacer.admit()];
      const refused = Promise.allSettled(held);
      await vi.advanceTimersByTimeAsync(10);
      pacer.close();
      const late = pacer.admit();
      await expect(late).rejects.toMatchObject({ name: 'AbortError' });
      for (const one of await refused)
        expect(one).toMatchObject({ reason: { name: 'AbortError' } });
      await vi.advanceTimersByTimeAsync(10);
      expect(vi.getTimerCount()).toBe(0);
    });
  });

  test('closing twice, and before anyone came, is no error', () => {
    const pacer = new Pacer({ rate: 5 });
    pacer.close();
    pacer.close();
    expect(pacer.load().waiting).toBe(0);
  });

  test('the load tells the requests, who waits, and for how long somebody did', async () => {
    await withPacer(1, async (pacer) => {
      demand(pacer, 3);
      await vi.advanceTimersByTimeAsync(1_500);
      const { requests, waiting, throttledSeconds } = pacer.load();
      expect([requests, waiting, throttledSeconds]).toEqual([2, 1, 1.5]);
      await vi.advanceTimersByTimeAsync(60_000);
      expect(pacer.load().throttledSeconds).toBeLessThan(2.5);
    });
  });

  test('the load tells how often the server refused, and the slowest rate that came of it', async () => {
    await withPacer(100, async (pacer) => {
      expect(pacer.load()).toMatchObject({ refused: 0, slowestRate: null });
      demand(pacer, 100);
      await vi.advanceTimersByTimeAsync(900);
      pacer.served();
      pacer.refused('silent');
      pacer.refused('busy');
      expect(pacer.rate).toBeCloseTo(70);
      const { refused, slowestRate } = pacer.load();
      expect([refused, slowestRate]).toEqual([2, pacer.rate]);
    });
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('a rate of %s is refused', (rate) => {
    expect(() => new Pacer({ rate })).toThrow(RangeError);
  });
});

describe('the pacer on the real clock', () => {
  test.each([30, 150, 400])('no stretch of 0.9 s holds more than %i admissions', async (rate) => {
    const pacer = new Pacer({ rate });
    const sends: Send[] = [];
    const worker = async () => {
      for (let i = 0; i < rate / 5; i++) {
        await pacer.admit();
        sends.push({ at: performance.now() * LAG, rate });
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    pacer.close();
    expect(sends.length).toBe(8 * (rate / 5));
    expect(crowdedSecond(sends)).toBeUndefined();
  });
});

// A busy machine may keep a caller from looking at the clock for a while after its admission.
const LAG = 1.1;

function demand(pacer: Pacer, count: number, sends: Send[] = []): Send[] {
  for (let i = 0; i < count; i++) {
    pacer.admit().then(
      () => sends.push({ at: performance.now(), rate: pacer.rate }),
      () => undefined,
    );
  }
  return sends;
}

async function withPacer(rate: number, use: (pacer: Pacer) => Promise<void>): Promise<void> {
  const pacer = new Pacer({ rate });
  try {
    await use(pacer);
  } finally {
    pacer.close();
  }
}

/** Mulberry32. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
