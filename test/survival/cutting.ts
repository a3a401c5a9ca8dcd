// One crawl for each byte of a session, cut after that byte.
import type { SimulatedServer } from '../../src/simulate/server.ts';
import { crawlOf, runOrgwalk } from '../cli/orgwalk.ts';
import { withServer } from '../simulate/servers.ts';
import { randomOf } from '../support/organisation/random.ts';
import type { Ending } from '../support/proxy/shape.ts';
import { withProxy } from '../support/proxy.ts';
import { CutOnce, type Direction } from '../support/toxics.ts';
import { CEO, company } from './company.ts';
import { crawlInto, type Databases, withDatabases } from './wired.ts';

export interface Session {
  readonly server: SimulatedServer;
  readonly databases: Databases;
  /** Of the database that an undisturbed crawl makes. */
  readonly digest: string;
  /** That an undisturbed crawl takes. */
  readonly bytes: Readonly<Record<Direction, number>>;
}

/** A small company, served, and what an undisturbed crawl of it is like. */
export async function withSession<T>(use: (session: Session) => Promise<T>): Promise<T> {
  return withServer({ directory: company() }, (server) =>
    withDatabases((databases) =>
      withProxy({ to: server.port }, async (proxy) => {
        const digest = await databases.digestOf((db) => crawlInto(db, proxy.url));
        return use({ server, databases, digest, bytes: proxy.bytes });
      }),
    ),
  );
}

/** The digest of what a crawl makes whose connections are cut, each cut once, wherever the bytes travel. */
async function crawlCut({ server, databases }: Session, toxics: readonly CutOnce[]): Promise<Made> {
  let status = '';
  const digest = await withProxy({ to: server.port, toxics }, (proxy) =>
    databases.digestOf(async (db) => {
      ({ status } = (await crawlInto(db, proxy.url)).published);
    }),
  );
  return { digest, status };
}

interface Made {
  readonly digest: string;
  readonly status: string;
}

export interface Tally {
  tried: number;
  readonly different: string[];
}

/** Cuts at every `step`-th byte, from none on. What differs is named by its offset. */
export async function cutEverywhere(
  session: Session,
  ending: Ending,
  direction: Direction,
  step: number,
): Promise<Tally> {
  const tally: Tally = { tried: 0, different: [] };
  for (let offset = 0; offset < session.bytes[direction]; offset += step) {
    tally.tried += 1;
    const cut = new CutOnce(offset, ending, direction);
    const made = await crawlCut(session, [cut]).then(({ digest }) => digest, String);
    if (made !== session.digest) tally.different.push(`${offset}: ${made}`);
  }
  return tally;
}

/** The same by the program, in a process of its own, with the waits that it has. */
export async function programCutAfter(
  { server, databases }: Session,
  bytes: number,
  ending: Ending,
  direction: Direction,
): Promise<{ readonly code: number | null; readonly digest: string }> {
  const toxics = [new CutOnce(bytes, ending, direction)];
  return withProxy({ to: server.port, toxics }, async ({ url }) => {
    const small = ['--workers', '2', '--batch', '4', '--page-size', '4'];
    let code: number | null = null;
    const digest = await databases.digestOf(async (db) => {
      ({ code } = await runOrgwalk(crawlOf({ url, root: CEO }, db, ...small)));
    });
    return { code, digest };
  });
}

export interface ManyTally extends Tally {
  /** Crawls that said that a branch could not be read: it had been cut at each of its tries. */
  told: number;
}

/**
 * Several cuts in one crawl, at random: what tries again may be cut again. What differs and does not say so is named by
 * its seed.
 */
export async function cutManyTimes(
  session: Session,
  seeds: { readonly from: number; readonly count: number },
  cuts: number,
): Promise<ManyTally> {
  const tally: ManyTally = { tried: 0, told: 0, different: [] };
  for (let seed = seeds.from; seed < seeds.from + seeds.count; seed += 1) {
    tally.tried += 1;
    const { digest, status } = await crawlCut(session, randomCuts(session, seed, cuts));
    if (digest === session.digest) continue;
    if (status === 'partial') tally.told += 1;
    else tally.different.push(`seed ${seed}: ${digest}`);
  }
  return tally;
}

function randomCuts({ bytes }: Session, seed: number, cuts: number): readonly CutOnce[] {
  const random = randomOf(seed, 7);
  return Array.from({ length: cuts }, () => {
    const direction = random.pick<Direction>(['up', 'down']);
    const ending = random.pick<Ending>(['fin', 'rst']);
    return new CutOnce(random.between(0, bytes[direction]), ending, direction);
  });
}
