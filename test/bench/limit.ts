// How close the scheduler comes to what physics allows: in virtual time, so exact, and as fast as the machine can think.
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { type Link, type Organisation, walkFar } from '../crawl/virtual-walks.ts';

export type LimitLine = {
  readonly shape: string;
  readonly people: number;
  readonly roundTripMs: number;
  /** Requests a second; 0: no limit. */
  readonly rate: number;
  readonly workers: number;
  readonly requests: number;
  /** Requests each of which needed the one before it: pages, and searches for whom that one found. */
  readonly longestChain: number;
  readonly ms: number;
  /** The least that so many requests can take. */
  readonly limitMs: number;
  readonly limitedBy: 'rate' | 'workers' | 'chain';
  /** Time against the limit. */
  readonly ratio: number;
  /** Requests against those of one worker. */
  readonly requestsRatio: number;
};

/** What a crawl may take beyond the limit and, where the rate is the limit, in requests beyond those of one worker. */
export const LIMIT_TOLERANCE = 1.1;

export const ROUND_TRIPS_MS: readonly number[] = [1, 20, 100];
export const LIMIT_RATES: readonly number[] = [20, 100, 0];
export const LIMIT_WORKERS: readonly number[] = [1, 8, 32];

export const SHAPES: Readonly<Record<string, Organisation>> = {
  typical: syntheticOrganisation({ people: 100_000, seed: 1 }),
  'a few very wide managers': syntheticOrganisation({
    people: 20_000,
    seed: 1,
    spans: [8, 1_200, 0, 3, 900, 0, 0, 2_500],
  }),
};

const SECOND_MS = 1_000;

/** Every combination on every shape; some seconds. */
export async function measureLimit(): Promise<readonly LimitLine[]> {
  const lines: LimitLine[] = [];
  for (const shape of Object.keys(SHAPES)) {
    for (const roundTripMs of ROUND_TRIPS_MS) {
      for (const rate of LIMIT_RATES) lines.push(...(await limitsOf(shape, { roundTripMs, rate })));
    }
  }
  return lines;
}

/** By one worker, and by more. */
export async function limitsOf(
  shape: string,
  link: Omit<Link, 'workers'>,
): Promise<readonly LimitLine[]> {
  const organisation = SHAPES[shape];
  if (organisation === undefined) throw new RangeError(`there is no shape \`${shape}\``);
  const lines: LimitLine[] = [];
  for (const workers of LIMIT_WORKERS) {
    const line = await limitOf(organisation, { ...link, workers });
    const requestsRatio = line.requests / (lines[0] ?? line).requests;
    lines.push({ shape, ...line, requestsRatio });
  }
  return lines;
}

async function limitOf(organisation: Organisation, { roundTripMs, rate, workers }: Link) {
  const walked = await walkFar(organisation, { roundTripMs, rate, workers });
  const { requests, longestChain, ms } = walked;
  const limits = {
    rate: rate === 0 ? 0 : (requests * SECOND_MS) / rate,
    workers: (requests * roundTripMs) / workers,
    chain: longestChain * roundTripMs,
  };
  const limitMs = Math.max(...Object.values(limits));
  const limitedBy = (['rate', 'workers', 'chain'] as const).find((by) => limits[by] === limitMs);
  if (limitedBy === undefined) throw new Error('one of them is the largest');
  return { ...walked, roundTripMs, rate, workers, limitMs, limitedBy, ratio: ms / limitMs };
}

export function limitTableOf(lines: readonly LimitLine[]): string {
  const head = ['shape', 'round trip', 'rate', 'workers', 'requests', 'against one worker'];
  const more = ['chain', 'seconds', 'limit', 'by', `ratio (≤ ${LIMIT_TOLERANCE})`];
  const rows = lines.map((line) => [
    line.shape,
    `${line.roundTripMs} ms`,
    line.rate === 0 ? 'no limit' : `${line.rate}/s`,
    line.workers,
    line.requests,
    line.requestsRatio.toFixed(2),
    line.longestChain,
    (line.ms / SECOND_MS).toFixed(2),
    (line.limitMs / SECOND_MS).toFixed(2),
    line.limitedBy,
    line.ratio.toFixed(3),
  ]);
  const titles = [...head, ...more];
  const rule = titles.map((_, i) => (i === 0 ? '---' : '---:'));
  return [titles, rule, ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
