import { describe, expect, it } from 'vitest';
import { Shares } from '../../src/crawl/shares.ts';

const shares = (workers: number, rate: number, latencyMs: number) =>
  new Shares(workers, { pace: { rate }, directory: { latencyMs } });

describe('a share', () => {
  it('spreads what waits over all workers, and is one branch at least and the batch at most', () => {
    const spread = shares(8, 0, 20);
    expect([0, 1, 8, 9, 80, 10_000].map((waiting) => spread.of(waiting, 50))).toEqual([
      1, 1, 1, 2, 10, 50,
    ]);
  });

  it('is all that waits where the rate is the limit: more searches would only wait for it', () => {
    expect(shares(8, 100, 20).of(30, 50)).toBe(30);
    expect(shares(8, 100, 20).of(90, 50)).toBe(50);
  });

  it('is spread where the workers are the limit in spite of a rate, or nothing is known yet', () => {
    expect(shares(8, 100, 80).of(80, 50)).toBe(10);
    expect(shares(8, 100, 0).of(80, 50)).toBe(10);
  });
});

describe('the lanes', () => {
  it('are all workers where there is no rate, or nothing is known yet', () => {
    expect(shares(8, 0, 20).lanes).toBe(8);
    expect(shares(8, 20, 0).lanes).toBe(8);
  });

  it('are as many as the rate lets be under way, and one more that has its turn next', () => {
    expect(shares(8, 20, 1).lanes).toBe(2);
    expect(shares(8, 100, 20).lanes).toBe(3);
    expect(shares(8, 100, 25).lanes).toBe(4);
    expect(shares(8, 100, 79).lanes).toBe(8);
    expect(shares(1, 20, 1).lanes).toBe(1);
  });
});
