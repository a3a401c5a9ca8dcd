import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GUARD_MS, LARGEST_WINDOW, SendWindow } from '../../src/pace/window.ts';
import { crowdedSecond } from './crowded.ts';

describe('the record of the last sends', () => {
  test('lets R requests leave at once and holds the next until the first is a second old', () => {
    const window = new SendWindow();
    const holds = [0, 10, 20, 30].map((now) => sendAt(window, 3, now));
    expect(holds).toEqual([0, 0, 0, 970 + GUARD_MS]);
  });

  test('lets a request leave when the R-th before it is a second old, and not before', () => {
    const window = new SendWindow();
    window.record(500);
    expect(window.holdMs(1, 1499.5 + GUARD_MS)).toBe(1);
    expect(window.holdMs(1, 1500 + GUARD_MS)).toBe(0);
  });

  test('counts the sends at the former rate against a lower one', () => {
    const window = new SendWindow();
    for (let now = 0; now < 100; now++) window.record(now);
    expect(window.holdMs(100, 99)).toBe(901 + GUARD_MS);
    expect(window.holdMs(10, 99)).toBe(991 + GUARD_MS);
  });

  test('spaces rates below one a second by more than a second', () => {
    const window = new SendWindow();
    window.record(0);
    expect(window.holdMs(0.25, 1500)).toBe(2500 + GUARD_MS);
  });

  test('remembers as many sends as the highest rate that it is used for', () => {
    const window = new SendWindow();
    for (let i = 0; i < LARGEST_WINDOW; i++) window.record(i / 10);
    expect(window.holdMs(LARGEST_WINDOW, 50)).toBe(950 + GUARD_MS);
  });

  test('admits no second above R in 10,000 random arrivals with rate changes and outages', () => {
    fc.assert(
      fc.property(fc.array(episode, { minLength: 20, maxLength: 20 }), (episodes) => {
        const sends = replay(episodes);
        expect(sends.length).toBe(10_000);
        expect(crowdedSecond(sends)).toBeUndefined();
      }),
      { numRuns: 25 },
    );
  });

  test('loses no throughput: under constant demand every second but the last is full', () => {
    const sends = replay([{ rate: 40, silenceMs: 0, gapsMs: [0] }], 400);
    const last = sends.at(-1)?.at ?? 0;
    expect(last).toBe(9 * (1000 + GUARD_MS));
  });

  test('counts the sends of the last second, as many as it remembers', () => {
    const window = new SendWindow();
    expect(window.count(0)).toBe(0);
    for (const at of [0, 500, 999, 1_000]) window.record(at);
    expect([window.count(1_000), window.count(1_500), window.count(9_000)]).toEqual([3, 2, 0]);
    for (let n = 0; n < 2 * LARGEST_WINDOW; n++) window.record(10_000);
    expect(window.count(10_000)).toBe(LARGEST_WINDOW);
  });
});

interface Episode {
  readonly rate: number;
  readonly silenceMs: number;
  readonly gapsMs: readonly number[];
}

/** 500 arrivals at one rate, after a silence; bursts where the gaps are nought. */
const episode: fc.Arbitrary<Episode> = fc.record({
  rate: fc.oneof(
    fc.integer({ min: 1, max: LARGEST_WINDOW }),
    fc.double({ min: 0.5, max: 90, noNaN: true }),
  ),
  silenceMs: fc.constantFrom(0, 1, 999, 1000, 1001, 600_000),
  gapsMs: fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 40, noNaN: true })), {
    minLength: 1,
    maxLength: 50,
  }),
});

function replay(episodes: readonly Episode[], arrivals = 500) {
  const window = new SendWindow();
  const sends: { at: number; rate: number }[] = [];
  let now = 0;
  for (const { rate, silenceMs, gapsMs } of episodes) {
    now += silenceMs;
    for (let i = 0; i < arrivals; i++) {
      now += gapsMs[i % gapsMs.length] ?? 0;
      for (let hold = window.holdMs(rate, now); hold > 0; hold = window.holdMs(rate, now))
        now += hold;
      window.record(now);
      sends.push({ at: now, rate });
    }
  }
  return sends;
}

function sendAt(window: SendWindow, rate: number, now: number): number {
  const hold = window.holdMs(rate, now);
  if (hold === 0) window.record(now);
  return hold;
}
