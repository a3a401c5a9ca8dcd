import { describe, expect, it } from 'vitest';
import { FetchSize } from '../../src/ldap/expansion/fetch-size.ts';

/** The size that it comes to at a server whose batches of n take `cost(n)` ms. */
function settled(cost: (entries: number) => number, from = new FetchSize()): number {
  for (let n = 0; n < 200; n += 1) from.observe(from.size, cost(from.size));
  return from.size;
}

/** Measured on Samba 4.17: ms for one search for so many DNs. */
const SAMBA: Readonly<Record<number, number>> = {
  1: 0.3,
  10: 0.9,
  25: 2.2,
  50: 4.6,
  100: 17,
  200: 49,
};

describe('how many entries are fetched in one search', () => {
  it('is what Samba is at its best with', () => {
    expect(settled((entries) => SAMBA[entries] ?? 0)).toBe(50);
  });

  it('is as many as there may be where each search costs a round trip', () => {
    expect(settled((entries) => 20 + 0.1 * entries)).toBe(200);
  });

  it('is one where a server is slow with more', () => {
    expect(settled((entries) => (entries === 1 ? 0.3 : entries * 5))).toBe(1);
  });

  it('stays below what has failed', () => {
    const size = new FetchSize();
    settled(() => 20, size);
    size.shrink(200);
    expect(size.size).toBe(100);
    expect(settled(() => 20, size)).toBe(100);
    size.shrink(1);
    expect(size.size).toBe(1);
  });

  it('is not judged by batches that were small for want of more', () => {
    const size = new FetchSize();
    for (let n = 0; n < 20; n += 1) size.observe(7, 1);
    expect(size.size).toBe(25);
  });
});
