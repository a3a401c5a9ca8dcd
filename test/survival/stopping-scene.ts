// Crawls that hang at one place each, so that nothing but the stop can end them.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import type { Fault } from '../../src/simulate/faults.ts';
import { type StaticEntry, staticDirectory } from '../../src/simulate/organisation.ts';
import { type ObservedSearch, SimulatedServer } from '../../src/simulate/server.ts';
import { type Outcome, type Running, runOrgwalk, startOrgwalk, withPlace } from '../cli/orgwalk.ts';
import { person, SUFFIX, top } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';

const PEOPLE = 120;
/** A manager value of everyone that names nobody: each crawl asks about it when it has read all. */
export const STRANGER = `uid=stranger,${SUFFIX}`;
const ROOT = `uid=p1,${SUFFIX}`;
/** rootDSE, people, root, and a few branches: a crawl has begun to walk by then. */
export const MID_CRAWL = 8;
/** Whatever waits for an answer waits for longer than any test does. */
const PATIENT = ['--request-timeout', '1h', '--outage-budget', '7d'];
const QUIET = ['--progress', 'none'];
const SMALL = ['--workers', '2', '--batch', '2', '--rate', '0'];

/** Three to a manager, in two lines each. */
function people(): readonly StaticEntry[] {
  return Array.from({ length: PEOPLE }, (_, i) => {
    const manager = `uid=p${Math.floor((i + 2) / 3)},${SUFFIX}`;
    return person(`p${i + 1}`, { manager: [manager, STRANGER] });
  });
}

const directory = () => staticDirectory([top, ...people()], SUFFIX);
export interface Scene {
  readonly server: SimulatedServer;
  readonly db: string;
  start(options?: StartOptions): Running;
  /** Resolves when a search arrives for which `isIt` holds; `n` counts those since the scene began, from 1. */
  arrived(isIt: (search: ObservedSearch, n: number) => boolean): Promise<void>;
  /** Resolves when the n-th search from now on arrives. */
  nth(n: number): Promise<void>;
}

export interface StartOptions {
  readonly args?: readonly string[];
  readonly preload?: string;
  readonly url?: string;
  /** Instead of small batches without a limit. */
  readonly pace?: readonly string[];
  /** Instead of no progress. */
  readonly quiet?: readonly string[];
  /** A command that turns into the one that it is given. */
  readonly under?: readonly string[];
}

interface SceneOptions {
  readonly faults?: readonly Fault[];
  readonly bind?: { readonly bindDn: string; readonly password: string };
}

export async function withScene<T>(
  { faults = [], bind }: SceneOptions,
  use: (scene: Scene) => Promise<T>,
): Promise<T> {
  const listeners = new Set<(search: ObservedSearch, n: number) => void>();
  let searches = 0;
  await using server = await SimulatedServer.listen({
    ...{ directory: directory(), faults, ...bind },
    onSearch: (search) => {
      searches += 1;
      for (const listener of listeners) listener(search, searches);
    },
  });
  return await withPlace(async ({ db, folder }) => {
    const start = (options: StartOptions = {}) => {
      const { args = [], preload, url = server.url, pace = SMALL, quiet = QUIET, under } = options;
      const common = ['crawl', '--url', url, '--root', ROOT, '--db', db, ...PATIENT];
      return startOrgwalk([...common, ...pace, ...quiet, ...args], {
        ...(under ? { under } : {}),
        node: preload ? ['--import', preload] : [],
        // Half of what such a small crawl takes is loading the program.
        env: { NODE_COMPILE_CACHE: join(folder, 'compiled') },
      });
    };
    const arrived: Scene['arrived'] = (isIt) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      listeners.add((search, n) => isIt(search, n) && resolve());
      return promise;
    };
    const nth: Scene['nth'] = (n) => {
      const before = searches;
      return arrived((_, count) => count === before + n);
    };
    return use({ server, db, start, arrived, nth });
  });
}

/** SIGTERM, as soon as it hangs. */
export async function stopped(running: Running, hangs: Promise<unknown>): Promise<Outcome> {
  await Promise.race([hangs, running.finished]);
  running.kill('SIGTERM');
  return running.finished;
}

export const TERM = 'SIGTERM was received';

/** `?key=value` are for the preload. */
export function preload(name: string, query: Readonly<Record<string, string>> = {}): string {
  const url = pathToFileURL(new URL(`preload-${name}.ts`, import.meta.url).pathname);
  url.search = String(new URLSearchParams(query));
  return url.href;
}

/** It has said how far it came and how to go on. */
export function expectStopped({ code, stderr }: Outcome, expected: number, why: string): void {
  expect(stderr).toContain(`Run 1 stopped: ${why}\n`);
  expect(stderr).toMatch(/^ {2}\d+ employees? so far/m);
  expect(stderr).toMatch(/everything read so far is kept.*run the same command again to continue/);
  expect(code).toBe(expected);
}

/** Nothing was begun that could be told of. */
export function expectNotBegun({ code, stderr }: Outcome, expected: number, why: string): void {
  expect(stderr).toMatch(new RegExp(`^Error: ${why}\nTry: run the same command again`, 'm'));
  expect(code).toBe(expected);
}

let digest: Promise<string> | undefined;

/** Of the database of a crawl that nothing disturbed. */
export function undisturbed(): Promise<string> {
  digest ??= withScene({}, async ({ db, start }) => {
    expect((await start().finished).code).toBe(0);
    return digestDatabase(db);
  });
  return digest;
}

/** The same command again, now that nothing is in its way, ends as if nothing had happened. */
export async function expectFinished(
  { server, db, start }: Scene,
  { resumed = true, args = [], ...more }: StartOptions & { readonly resumed?: boolean } = {},
): Promise<void> {
  server.setFaults();
  const { code, stdout, stderr } = await start({ ...more, args: [...args, '--json'] }).finished;
  expect([code, stderr]).toEqual([0, expect.any(String)]);
  expect(JSON.parse(stdout)).toMatchObject({ resumed, status: 'published', employees: PEOPLE });
  expect(digestDatabase(db)).toBe(await undisturbed());
}

export async function statusOf(db: string) {
  const { stdout } = await runOrgwalk(['status', '--db', db, '--format', 'json']);
  return JSON.parse(stdout)[0];
}
