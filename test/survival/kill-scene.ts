// What is crawled when crawls are killed: a small organisation with all that is odd in one, on either server.
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { type StaticEntry, staticDirectory } from '../../src/simulate/organisation.ts';
import { type ObservedSearch, SimulatedServer } from '../../src/simulate/server.ts';
import { crawlOf, type Running, type RunOptions, startOrgwalk } from '../cli/orgwalk.ts';
import { type Row, rows } from '../integration/crawling.ts';
import { digestDatabase } from '../support/digest.ts';
import { writeOrganisation } from '../support/organisation.ts';
import { withSlapd } from '../support/slapd.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { readLdifFile } from '../support/truth/ldif-reader.ts';

/** Many commits, in little time. */
export const WORKERS = 3;
const SMALL = ['--workers', String(WORKERS), '--batch', '2', '--page-size', '3'];
/** So that there is something in flight whenever the kill comes (ms). */
const LATENCY_MS = 1;

export interface Scene {
  readonly url: string;
  readonly root: string;
  /** Where its databases are; gone with the scene. */
  readonly folder: string;
  /** Keeps the program as it was compiled: half of what such a small crawl takes is loading it. */
  readonly compiled: string;
  /** The database that every crawl of the scene begins with; undefined: none. */
  readonly before: string | undefined;
  /** The simulated server and what it was asked so far; undefined on a real one. */
  readonly simulated: Simulated | undefined;
}

export interface Simulated {
  readonly server: SimulatedServer;
  readonly searches: readonly ObservedSearch[];
}

export interface Organised {
  readonly entries: readonly StaticEntry[];
  readonly root: string;
}

const SUFFIX = 'dc=example,dc=com';

/** People of the LDIF generator; from 100 on, with everything that is odd in a directory. */
export async function organised(people: number): Promise<Organised> {
  return withTemporaryDirectory(async (folder) => {
    const path = join(folder, 'people.ldif');
    const { rootDn } = writeOrganisation(path, { people });
    const entries = Array.from(readLdifFile(path), ({ dn, attributes }) => ({
      dn,
      attributes: Object.fromEntries(attributes),
    }));
    return { entries, root: rootDn };
  });
}

/** Every second person also names a manager who is no more: each is to be asked about. */
export function withStrangers({ entries, root }: Organised): Organised {
  const estranged = entries.map((entry, i) => {
    const { manager } = entry.attributes;
    if (manager === undefined || i % 2 === 0) return entry;
    const strange = `uid=stranger${i},ou=people,${SUFFIX}`;
    return { ...entry, attributes: { ...entry.attributes, manager: [...manager, strange] } };
  });
  return { entries: estranged, root };
}

/** A year later: every ninth person is gone, every seventh reports to the root, every fifth has a new title. */
export function changed({ entries, root }: Organised): Organised {
  const managers = new Set(entries.flatMap(({ attributes }) => attributes['manager'] ?? []));
  const later = entries.flatMap((entry, i): readonly StaticEntry[] => {
    const { dn, attributes } = entry;
    if (attributes['manager'] === undefined) return [entry];
    if (i % 9 === 0 && !managers.has(dn)) return [];
    const moved = i % 7 === 0 ? { manager: [root] } : {};
    const promoted = i % 5 === 0 ? { title: ['Head of something'] } : {};
    return [{ dn, attributes: { ...attributes, ...moved, ...promoted } }];
  });
  return { entries: later, root };
}

/** A simulated server of those people. `before`: puts the database there that each crawl begins with. */
export async function withScene<T>(
  { entries, root }: Organised,
  use: (scene: Scene) => Promise<T>,
  before?: (path: string) => Promise<void>,
): Promise<T> {
  const searches: ObservedSearch[] = [];
  await using server = await SimulatedServer.listen({
    directory: staticDirectory(entries, SUFFIX),
    latencyMs: LATENCY_MS,
    onSearch: (search) => void searches.push(search),
  });
  return await withTemporaryDirectory(async (folder) => {
    const path = before && join(folder, 'before.db');
    if (path !== undefined) await before?.(path);
    const simulated = { server, searches };
    return use({ url: server.url, root, ...placesIn(folder), before: path, simulated });
  });
}

/** A real OpenLDAP of `people` people. */
export async function withSlapdScene<T>(
  people: number,
  use: (scene: Scene) => Promise<T>,
): Promise<T> {
  return withTemporaryDirectory(async (folder) => {
    const { path, rootDn } = writeOrganisation(join(folder, 'people.ldif'), { people });
    return withSlapd({ ldifPath: path }, ({ url }) =>
      use({ url, root: rootDn, ...placesIn(folder), before: undefined, simulated: undefined }),
    );
  });
}

function placesIn(folder: string): Pick<Scene, 'folder' | 'compiled'> {
  return { folder, compiled: join(folder, 'compiled') };
}

/** For a second night: what the first one published. */
export function publishing(organisation: Organised): (path: string) => Promise<void> {
  return (path) => withScene(organisation, (scene) => crawlToEnd(scene, path));
}

export function startCrawl(scene: Scene, db: string, options: RunOptions = {}): Running {
  const env = { NODE_COMPILE_CACHE: scene.compiled };
  return startOrgwalk(crawlOf(scene, db, ...SMALL), { env, ...options });
}

/** The crawl ends by itself and is published, without a failed branch. */
export async function crawlToEnd(scene: Scene, db: string): Promise<void> {
  const { code, stderr } = await startCrawl(scene, db).finished;
  expect([code, stderr]).toEqual([0, expect.stringContaining('complete and published')]);
}

/** A database that a crawl of the scene may begin with, under a name of its own. */
export async function freshDatabase({ folder, before }: Scene, name: string): Promise<string> {
  const db = join(folder, `${name}.db`);
  if (before !== undefined) await copyFile(before, db);
  return db;
}

/** What crawls that nobody disturbs make of it. */
export interface Undisturbed {
  readonly durationMs: number;
  readonly digest: string;
  /** After one more crawl, for a process that was killed when it had published already. */
  readonly again: string;
}

export async function undisturbed(scene: Scene): Promise<Undisturbed> {
  const db = await freshDatabase(scene, 'undisturbed');
  await crawlToEnd(scene, db);
  const digest = digestDatabase(db);
  const began = performance.now();
  await crawlToEnd(scene, db);
  const durationMs = performance.now() - began;
  return { durationMs, digest, again: digestDatabase(db) };
}

/** Runs the command to its end. However it stopped before, the database is that of undisturbed crawls. */
export async function expectUndisturbed(
  scene: Scene,
  db: string,
  { digest, again }: Undisturbed,
): Promise<void> {
  const over = isOver(scene, db);
  if (over) expect(digestDatabase(db)).toBe(digest);
  await crawlToEnd(scene, db);
  expect(digestDatabase(db)).toBe(over ? again : digest);
}

/** Whether the crawl had been published when its process ended: the same command is a new crawl then. */
export function isOver({ before }: Scene, db: string): boolean {
  return publishedIn(db) > (before === undefined ? 0 : publishedIn(before));
}

/** The number of the published run; 0 also where there is no database yet, or only the beginning of one. */
function publishedIn(db: string): number {
  const sql = "SELECT max(id) AS run FROM runs WHERE status = 'published'";
  return Number(rowsOrNone(db, sql)[0]?.['run'] ?? 0);
}

function rowsOrNone(db: string, sql: string): readonly Row[] {
  try {
    return rows(db, sql);
  } catch (error) {
    if (error instanceof Database.SqliteError) return [];
    throw error;
  }
}
