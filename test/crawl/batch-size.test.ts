import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchSize } from '../../src/crawl/batch-size.ts';
import { type Random, randomOf } from '../support/organisation/random.ts';

/** Time (ms) that a server takes for a search for so many managers. */
type Server = (managers: number) => number;

const SERVERS = {
  'far away': (n) => 10 + 0.05 * n,
  'as fast at any size': (n) => 0.1 * n,
  'slower with each manager': (n) => 0.2 * n + 0.02 * n * n,
  'slow beyond 60': (n) => (n <= 60 ? 1 + 0.05 * n : 5 + 0.5 * n),
  'bad at all batches': (n) => 0.1 * n * n,
  'a little worse with size': (n) => 0.1 * n * (1 + n / 80),
} satisfies Record<string, Server>;

const names = Object.keys(SERVERS) as (keyof typeof SERVERS)[];

interface Conditions {
  /** Each time is off by up to this share. */
  readonly noise: number;
  /** Searches in flight, so that the size has changed before a search of the old one ends. */
  readonly inFlight: number;
  readonly seed: number;
}

const steady: Conditions = { noise: 0, inFlight: 1, seed: 1 };

/** The sizes over so many searches. */
function sizes(server: Server, searches: number, { noise, inFlight, seed }: Conditions): number[] {
  const batch = new BatchSize();
  const random = randomOf(seed, 1);
  const flying: number[] = [];
  return Array.from({ length: searches }, () => {
    flying.push(batch.size);
    const ends = flying.length < inFlight ? undefined : flying.shift();
    if (ends !== undefined) answer(batch, ends, server, { noise, random });
    return batch.size;
  });
}

/** Few reports or many: the time goes with the work. */
function answer(
  batch: BatchSize,
  managers: number,
  server: Server,
  { noise, random }: { readonly noise: number; readonly random: Random },
): void {
  const entries = random.between(0, 2 * managers);
  const off = 1 + noise * (random.between(-1_000, 1_000) / 1_000);
  batch.observe(managers, entries, (server(managers) * (managers + entries) * off) / managers);
}

const settled = (server: Server, conditions = steady) => sizes(server, 300, conditions).slice(-100);

describe('the batch size', () => {
  it('never changes where it is fixed', () => {
    const batch = new BatchSize(7);
    for (let i = 1; i < 100; i += 1) batch.observe(7, 7, i % 2 === 0 ? 1 : 10_000);
    expect(batch.size).toBe(7);
  });

  it('starts in the middle, and is at most 200', () => {
    expect(new BatchSize().size).toBe(35);
    expect(Math.max(...sizes(SERVERS['far away'], 500, steady))).toBe(200);
  });

  it.each([
    ['far away', 200],
    ['as fast at any size', 200],
    ['slower with each manager', 10],
    ['slow beyond 60', 50],
    ['bad at all batches', 5],
    ['a little worse with size', 35],
  ] as const)('on a server that is %s settles at %i', (name, size) => {
    expect(new Set(settled(SERVERS[name]))).toEqual(new Set([size]));
    expect(new Set(settled(SERVERS[name], { ...steady, inFlight: 8 }))).toEqual(new Set([size]));
  });

  it('climbs rung by rung, never past one that it has not tried', () => {
    const climbed = [...new Set([35, ...sizes(SERVERS['far away'], 100, steady)])];
    expect(climbed).toEqual([35, 50, 75, 100, 140, 200]);
  });

  it('steps back from a size that turned out worse, and stays there', () => {
    const path = sizes(SERVERS['slow beyond 60'], 200, steady);
    expect(path).toContain(75);
    expect(Math.max(...path)).toBe(75);
    expect(path.lastIndexOf(75)).toBeLessThan(20);
  });

  it('goes below where it began while smaller is better', () => {
    const path = sizes(SERVERS['bad at all batches'], 100, steady);
    expect([...new Set(path)]).toEqual(expect.arrayContaining([35, 20, 10, 5]));
  });

  it('learns nothing from a search that was small for want of branches', () => {
    const batch = new BatchSize();
    for (let i = 0; i < 50; i += 1) batch.observe(3 + (i % 2), 400, i % 3 === 0 ? 0.001 : 900);
    expect(batch.size).toBe(35);
  });

  it('is not fooled by one slow answer', () => {
    const batch = new BatchSize();
    for (let i = 0; i < 10; i += 1) {
      batch.observe(35, 35, i === 1 ? 5_000 : 10);
      batch.observe(50, 50, i === 2 ? 9_000 : 14);
    }
    batch.observe(50, 50, 14);
    expect(batch.size).toBe(75);
  });

  it('stays within a few rungs, and near the best, under 30 % of noise with any number in flight', () => {
    const conditions = fc.record({
      noise: fc.constant(0.3),
      inFlight: fc.integer({ min: 1, max: 32 }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(fc.constantFrom(...names), conditions, (name, each) => {
        const server: Server = SERVERS[name];
        const path = sizes(server, 900, each).slice(-400);
        expect(new Set(path).size).toBeLessThanOrEqual(4);
        const changes = path.filter((size, i) => i > 0 && size !== path[i - 1]).length;
        expect(changes).toBeLessThanOrEqual(20);
        const perManager = (size: number) => server(size) / size;
        const mean = path.reduce((sum, size) => sum + perManager(size), 0) / path.length;
        const best = Math.min(...[5, 10, 20, 35, 50, 75, 100, 140, 200].map(perManager));
        // 1.5 is what it may cost, and noise makes 0.7 look like 1.3.
        expect(mean / best).toBeLessThan(1.5 * (1.3 / 0.7));
      }),
      { numRuns: 300 },
    );
  });

  it('is half of what was too large for a limit of the server, and grows again while searches go well', () => {
    const batch = new BatchSize();
    batch.overran(batch.size);
    expect(batch.size).toBe(10);
    batch.overran(batch.size);
    expect(batch.size).toBe(5);
    batch.overran(2);
    expect(batch.size).toBe(5);
    for (let i = 0; i < 20; i += 1) batch.observe(batch.size, batch.size, batch.size);
    expect(batch.size).toBeGreaterThan(20);
  });
});
