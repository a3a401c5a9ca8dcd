// Crawls that are killed (SIGKILL) at random instants, and what that cost.
import { setImmediate } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ObservedSearch } from '../../src/simulate/server.ts';
import { digestDatabase } from '../support/digest.ts';
import type { Random } from '../support/organisation/random.ts';
import {
  expectUndisturbed,
  freshDatabase,
  isOver,
  type Scene,
  startCrawl,
  type Undisturbed,
  WORKERS,
} from './kill-scene.ts';

/** What one kill made the next process do again. */
export interface Waste {
  /** Searches, of one or more pages, whose managers were asked about again. */
  readonly searches: number;
  /** Manager values that were asked about again. */
  readonly values: number;
}

/** Kills over all crawls so far, in the order of time. */
export interface Tally {
  kills: number;
  crawls: number;
  equal: number;
  readonly waste: Waste[];
}

export function newTally(): Tally {
  return { kills: 0, crawls: 0, equal: 0, waste: [] };
}

/** Crawls, killed again and again, until as many kills as wanted have hit. Each must end like the undisturbed one. */
export async function killCrawls(
  scene: Scene,
  expected: Undisturbed,
  { kills, random, tally }: { readonly kills: number; readonly random: Random; tally: Tally },
): Promise<void> {
  const enough = tally.kills + kills;
  while (tally.kills < enough) {
    const db = await freshDatabase(scene, `killed${tally.crawls}`);
    const most = Math.min(random.between(1, 6), enough - tally.kills);
    const last = Math.ceil(expected.durationMs);
    const instants = Array.from({ length: most }, () => random.between(0, last));
    const { attempts, ended } = await crawlKilledAt(scene, db, instants);
    tally.crawls += 1;
    tally.kills += attempts.length - (ended ? 1 : 0);
    const searches = await goneOn(scene, db, { attempts, ended, expected });
    if (scene.simulated !== undefined) tally.waste.push(...wasteOf(searches, scene.root));
    tally.equal += 1;
  }
}

type Searches = readonly ObservedSearch[];

interface Attempts {
  /** What each process asked. */
  readonly attempts: readonly Searches[];
  /** Whether the last one has ended by itself. */
  readonly ended: boolean;
}

/** One process for each instant at which it is killed, until one has come to its end or to publish. */
async function crawlKilledAt(
  scene: Scene,
  db: string,
  instants: readonly number[],
): Promise<Attempts> {
  const attempts: Searches[] = [];
  let ended = false;
  for (const instant of instants) {
    const crawl = async () => {
      ended = !(await crawlUntil(scene, db, instant));
    };
    attempts.push(await searchesOf(scene, crawl));
    if (ended || isOver(scene, db)) break;
  }
  return { attempts, ended };
}

/** The command once more, where it has not ended: what all of its processes asked, the last of which was not killed. */
async function goneOn(
  scene: Scene,
  db: string,
  { attempts, ended, expected }: Attempts & { readonly expected: Undisturbed },
): Promise<readonly Searches[]> {
  if (ended) {
    expect(digestDatabase(db)).toBe(expected.digest);
    return attempts;
  }
  const over = isOver(scene, db);
  const last = await searchesOf(scene, () => expectUndisturbed(scene, db, expected));
  // A new crawl asks everything anew, and rightly so.
  return [...attempts, over ? [] : last];
}

async function searchesOf({ simulated }: Scene, crawl: () => Promise<void>): Promise<Searches> {
  const from = simulated?.searches.length ?? 0;
  await crawl();
  if (simulated === undefined) return [];
  const { searches, server } = simulated;
  // What a process sent before its end is its own.
  while (server.stats.openConnections > 0) await setImmediate();
  return searches.slice(from);
}

/** Whether it was killed; it may have ended before, as it should. */
async function crawlUntil(scene: Scene, db: string, instantMs: number): Promise<boolean> {
  const running = startCrawl(scene, db);
  const timer = setTimeout(() => running.kill('SIGKILL'), instantMs);
  const { code, signal, stderr } = await running.finished;
  clearTimeout(timer);
  expect(signal === 'SIGKILL' || code === 0, stderr).toBe(true);
  return signal === 'SIGKILL';
}

function wasteOf(attempts: readonly Searches[], root: string): readonly Waste[] {
  return attempts.slice(0, -1).map((searches, i) => {
    const later = attempts.slice(i + 1).flat();
    const managers = new Set(later.flatMap((search) => search.managers));
    const values = new Set(later.filter(isLookUp(root)).map(({ base }) => base));
    const again = expansionsOf(searches).filter((search) =>
      search.managers.some((manager) => managers.has(manager)),
    );
    const asked = new Set(searches.filter(isLookUp(root)).map(({ base }) => base));
    return { searches: again.length, values: asked.intersection(values).size };
  });
}

/** Later pages belong to the search that they continue. */
function expansionsOf(searches: Searches): Searches {
  return searches.filter(({ managers, continues }) => managers.length > 0 && !continues);
}

/** A question about a manager value: neither the rootDSE, nor the root that each process looks for. */
function isLookUp(root: string) {
  return ({ base, scope }: ObservedSearch) => scope === 'base' && base !== '' && base !== root;
}

/** What holds for every single kill, whenever it comes. */
export function expectLittleWaste({ waste }: Tally): void {
  for (const { searches, values } of waste) {
    expect(searches).toBeLessThanOrEqual(WORKERS);
    expect(values).toBeLessThanOrEqual(WORKERS);
  }
}

export function summaryOf({ kills, crawls, equal, waste }: Tally): string {
  const told = (name: keyof Waste) => {
    const counts = waste.map((each) => each[name]);
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    return `${name} done twice per kill: max ${Math.max(...counts)}, mean ${mean.toFixed(2)}`;
  };
  return `${kills} kills in ${crawls} crawls, ${equal} equal; ${told('searches')}; ${told('values')}`;
}
