// The eight toxics, each by itself and mixed at random, on the way to a real slapd.
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Retry } from '../../src/crawl/verdict.ts';
import { type Random, randomOf } from '../support/organisation/random.ts';
import { writeOrganisation } from '../support/organisation.ts';
import { withProxy } from '../support/proxy.ts';
import { type Slapd, withSlapd } from '../support/slapd.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import {
  Bandwidth,
  Down,
  Latency,
  LimitedData,
  Reset,
  Silence,
  Slicer,
  SlowClose,
  type Toxic,
} from '../support/toxics.ts';
import { compareWithTruth, readTruth, SAME } from '../support/truth.ts';
import { crawlInto, type Databases, type WiredOptions, withDatabases } from './wired.ts';

/** By name: what it is by itself. Those that end connections leave enough of them alone for the crawl to go on. */
export const TOXICS: Readonly<Record<string, readonly Toxic[]>> = {
  latency: [new Latency(20, 10)],
  down: [new Down({ from: 2, to: 6 })],
  bandwidth: [new Bandwidth(60_000)],
  'slow close': [new SlowClose(300)],
  silence: [new Silence(9_000, { from: 2, to: 5 })],
  reset: [new Reset(15, { to: 6 })],
  slicer: [new Slicer(1)],
  'limited data': [new LimitedData(12_000, { to: 6 }, 'fin')],
};

const PEOPLE = 120;
const OPTIONS = { workers: 4, batch: 10, pageSize: 12, requestTimeoutMs: 400 } as const;

export interface Made {
  readonly digest: string;
  /** How many the proxy took. */
  readonly connections: number;
}

export interface Tested {
  /** What a crawl through a proxy with these toxics makes. */
  through(toxics: readonly Toxic[]): Promise<Made>;
  readonly undisturbed: Made;
}

/** A slapd of 120 odd people. */
export async function withTested<T>(use: (tested: Tested) => Promise<T>): Promise<T> {
  return withTemporaryDirectory(async (folder) => {
    const { path, rootDn } = writeOrganisation(join(folder, 'o.ldif'), { people: PEOPLE });
    const truth = readTruth(path, { roots: [rootDn] });
    const options: WiredOptions = { ...OPTIONS, roots: [rootDn], retry: RETRY };
    return withSlapd({ ldifPath: path }, (server) =>
      withDatabases(async (databases) => {
        const db = databases.next();
        await crawlInto(db, server.url, options);
        expect(compareWithTruth(db, truth)).toEqual(SAME);
        const through = (toxics: readonly Toxic[]) => crawl(server, databases, options, toxics);
        return use({ through, undisturbed: await through([]) });
      }),
    );
  });
}

/** Toxics that strike at random strike one branch several times in a row now and then. */
const RETRY: Retry = { tries: 8, refusals: 10, delayMs: () => 5 };

function crawl(
  server: Slapd,
  databases: Databases,
  options: WiredOptions,
  toxics: readonly Toxic[],
): Promise<Made> {
  return withProxy({ to: server.port, toxics }, async (proxy) => {
    const digest = await databases.digestOf((db) => crawlInto(db, proxy.url, options));
    return { digest, connections: proxy.accepted };
  });
}

/** One to four toxics, on some connections each. The same seed gives the same mix. */
export function mixOf(seed: number): readonly Toxic[] {
  const random = randomOf(seed, 11);
  return Array.from({ length: random.between(1, 4) }, () => random.pick(KINDS)(random));
}

/** Those that end connections do so on a few only. */
const KINDS: readonly ((random: Random) => Toxic)[] = [
  (random) => new Latency(random.between(1, 10), random.between(0, 10), some(random)),
  (random) => new Down(few(random)),
  (random) => new Bandwidth(random.between(50_000, 500_000), some(random)),
  (random) => new SlowClose(random.between(1, 300), some(random)),
  (random) => new Silence(random.between(0, 20_000), few(random), random.pick(['up', 'down'])),
  (random) => new Reset(random.between(0, 30), few(random)),
  (random) => new Slicer(random.between(1, 40), some(random)),
  (random) => {
    const [bytes, ending] = [random.between(0, 20_000), random.pick(['fin', 'rst'] as const)];
    return new LimitedData(bytes, few(random), ending, random.pick(['up', 'down']));
  },
];

function some(random: Random) {
  return { from: random.between(1, 3), every: random.between(1, 3) };
}

function few(random: Random) {
  const from = random.between(1, 6);
  return { from, to: from + random.between(0, 3) };
}

/** What differed, by seed. */
export async function mixesThatDiffer(
  { through, undisturbed }: Tested,
  seeds: { readonly from: number; readonly count: number },
): Promise<readonly string[]> {
  const different: string[] = [];
  for (let seed = seeds.from; seed < seeds.from + seeds.count; seed += 1) {
    const mix = mixOf(seed);
    const made = await through(mix).then(({ digest }) => digest, String);
    if (made !== undisturbed.digest) different.push(`seed ${seed} (${mix.join(', ')}): ${made}`);
  }
  return different;
}
