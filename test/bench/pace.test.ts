import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mostWithin } from './pace.ts';

describe('the most within a window', () => {
  it.each([
    [[], 0],
    [[5], 1],
    [[0, 999], 2],
    [[0, 1_000], 1],
    [[0, 0, 0, 500, 1_000, 1_400], 4],
  ])('of %j is %i', (times, most) => {
    expect(mostWithin(times, 1_000)).toBe(most);
  });

  it('is what looking from each of them finds', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5_000)), (times) => {
        const sorted = times.toSorted((a, b) => a - b);
        const from = sorted.map((start) => sorted.filter((t) => t >= start && t < start + 1_000));
        expect(mostWithin(sorted, 1_000)).toBe(Math.max(0, ...from.map((found) => found.length)));
      }),
    );
  });
});
