import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { backoffMs } from '../../src/pace/backoff.ts';

const policy = { baseMs: 100, capMs: 5_000 };

describe('backoff', () => {
  test('the bound doubles with each attempt up to the cap', () => {
    const waits = [0, 1, 2, 5, 6, 60].map((attempt) =>
      backoffMs(attempt, { ...policy, random: () => 0.5 }),
    );
    expect(waits).toEqual([50, 100, 200, 1_600, 2_500, 2_500]);
  });

  test('the jitter is full: a wait may be nought', () => {
    expect(backoffMs(3, { ...policy, random: () => 0 })).toBe(0);
  });

  test('any attempt waits at least nought and less than the cap', () => {
    const draw = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.nat(10_000), draw, (attempt, random) => {
        const wait = backoffMs(attempt, { ...policy, random: () => random });
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThan(policy.capMs);
      }),
    );
  });
});
