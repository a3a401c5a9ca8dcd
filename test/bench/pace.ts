// The limiter, measured where it matters: at the socket of the directory.
import { join } from 'node:path';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { SimulatedServer } from '../../src/simulate/server.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { figure, textTableOf } from './report.ts';
import { crawl } from './simulated.ts';

export type PaceLine = {
  /** Requests per second that the crawl may send. */
  readonly rate: number;
  readonly requests: number;
  readonly seconds: number;
  /** The most requests that arrived within any one second. */
  readonly mostInASecond: number;
  /** The same against the rate. */
  readonly ratio: number;
};

export const RATES: readonly number[] = [20, 100, 300];
/** What a crawl may exceed its rate by: the network and two schedulers lie between its clock and the server's. */
export const PACE_LIMIT = 1.02;

const SECONDS = 12;
const SECOND_MS = 1_000;

/** One crawl of a simulated directory, a search per person, at each of the rates. */
export async function measurePace(program: string): Promise<readonly PaceLine[]> {
  const lines: PaceLine[] = [];
  for (const rate of RATES) lines.push(await paceOf(program, rate));
  return lines;
}

async function paceOf(program: string, rate: number): Promise<PaceLine> {
  const directory = syntheticOrganisation({ people: rate * SECONDS, seed: 1 });
  await using server = await SimulatedServer.listen({ directory });
  await withTemporaryDirectory((dir) => {
    const where = ['--url', server.url, '--root', directory.rootDn, '--db', join(dir, 'p.db')];
    return crawl(program, [...where, '--rate', String(rate), '--batch', '1']);
  });
  const times = server.stats.requestTimes();
  const mostInASecond = mostWithin(times, SECOND_MS);
  return {
    rate,
    requests: times.length,
    seconds: ((times.at(-1) ?? 0) - (times[0] ?? 0)) / SECOND_MS,
    mostInASecond,
    ratio: mostInASecond / rate,
  };
}

/** The most of ascending `times` that lie within any `windowMs`, its end left out. */
export function mostWithin(times: readonly number[], windowMs: number): number {
  let most = 0;
  let first = 0;
  for (const [i, time] of times.entries()) {
    while (time - (times[first] ?? time) >= windowMs) first += 1;
    most = Math.max(most, i - first + 1);
  }
  return most;
}

export function paceTableOf(lines: readonly PaceLine[]): string {
  const head = [
    '--rate',
    'requests',
    'seconds',
    'most in any second',
    `against R (≤ ${PACE_LIMIT})`,
  ];
  const rows = lines.map(({ rate, requests, seconds, mostInASecond, ratio }) => [
    figure(rate),
    figure(requests),
    figure(seconds, 1),
    figure(mostInASecond),
    figure(ratio, 3),
  ]);
  return textTableOf([head, ...rows]);
}
