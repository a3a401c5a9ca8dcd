// Servers whose answers take what real ones were measured to take, with noise; and the batch sizes that come of it.
import { BatchSize } from '../../src/crawl/batch-size.ts';
import { type Random, randomOf } from '../support/organisation/random.ts';

/** Time (ms) of a search for so many managers who have as many reports. */
export type Server = (managers: number) => number;

/** Parabolas through what was measured with 10, 50 and 200 managers to a search on one connection. */
export const SERVERS = {
  openldap: (n) => 0.149 + 0.01312 * n + 0.0000622 * n * n,
  '389': (n) => 0.05 + 0.0688 * n + 0.000658 * n * n,
  samba: (n) => 0.02 + 0.185 * n + 0.00463 * n * n,
} satisfies Record<string, Server>;

export type ServerName = keyof typeof SERVERS;

export const SIZES: readonly number[] = [5, 10, 20, 35, 50, 75, 100, 140, 200];
const TOLERANCE = 1.5;
/** One answer in a hundred is an outlier, this many times as slow. */
const OUTLIER = 20;
const IN_FLIGHT = 8;
const FINE = 1_000_000;
/** Reports of each manager who is asked about at the beginning, and what is left of them at the end. */
const MANY = 10;
const FEWER = 0.02;

export interface Conditions {
  /** Of the logarithm of the time: 1 means that every third answer is at least 2.7 times too slow or too fast. */
  readonly sigma: number;
  readonly seed: number;
  readonly searches: number;
  /** The root's reports have many reports, the last who are asked about none. */
  readonly drifts?: boolean;
}

/** A server and the way to it. */
export interface Link {
  readonly name: ServerName;
  readonly roundTripMs: number;
}

export function far({ name, roundTripMs }: Link): Server {
  return (managers) => roundTripMs + SERVERS[name](managers);
}

/** The batch size before each search. @param link at the n-th search */
export function sizesOver(link: (n: number) => Link, conditions: Conditions): number[] {
  const { sigma, seed, searches, drifts = false } = conditions;
  const batch = new BatchSize();
  const random = randomOf(seed, 1);
  const flying: number[] = [];
  return Array.from({ length: searches }, (_, n) => {
    flying.push(batch.size);
    const managers = flying.length < IN_FLIGHT ? undefined : flying.shift();
    if (managers !== undefined) {
      const perManager = drifts ? MANY * FEWER ** (n / searches) : 1;
      const entries = random.between(0, Math.ceil(2 * perManager * managers));
      const { name, roundTripMs } = link(n);
      const work = (SERVERS[name](managers) * (managers + entries)) / (2 * managers);
      batch.observe(managers, entries, (roundTripMs + work) * noise(sigma, random));
    }
    return batch.size;
  });
}

function noise(sigma: number, random: Random): number {
  const even = () => random.between(1, FINE) / FINE;
  // Box and Muller's way to a normal distribution.
  const normal = Math.sqrt(-2 * Math.log(even())) * Math.cos(2 * Math.PI * even());
  return Math.exp(sigma * normal) * (random.onceIn(100) ? OUTLIER : 1);
}

/** How often the size went up after it had gone down, or down after up. */
export function turnsOf(sizes: readonly number[]): number {
  const steps = sizes.slice(1).map((size, i) => Math.sign(size - (sizes[i] ?? size)));
  const moves = steps.filter((step) => step !== 0);
  return moves.filter((step, i) => i > 0 && step !== moves[i - 1]).length;
}

/** Mean time per manager at those sizes, against the best there is. */
export function costOf(sizes: readonly number[], server: Server): number {
  const perManager = (size: number) => server(size) / size;
  const mean = sizes.reduce((sum, size) => sum + perManager(size), 0) / sizes.length;
  return mean / Math.min(...SIZES.map(perManager));
}

/** What is looked for: the largest size whose time per manager is within 1.5 times that of the best. */
export function wantedOf(server: Server): number {
  const perManager = (size: number) => server(size) / size;
  const best = Math.min(...SIZES.map(perManager));
  return SIZES.findLast((size) => perManager(size) <= best * TOLERANCE) ?? 1;
}
