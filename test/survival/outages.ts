// A real slapd that goes away in the middle of a crawl by the program itself.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { type Running, startOrgwalk } from '../cli/orgwalk.ts';
import { digestDatabase } from '../support/digest.ts';
import { randomOf } from '../support/organisation/random.ts';
import { writeOrganisation } from '../support/organisation.ts';
import { type Slapd, withSlapd } from '../support/slapd.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { type Databases, rows, withDatabases } from './wired.ts';

const PEOPLE = 300;
/** Slow enough that there is a middle. */
const PACE = ['--rate', '40', '--batch', '12', '--page-size', '20'];
const ALWAYS = ['--json', '--request-timeout', '500ms'];

export interface Scene {
  readonly server: Slapd;
  readonly databases: Databases;
  /** Of the database that an undisturbed crawl makes. */
  readonly digest: string;
  start(db: string, ...more: readonly string[]): Running;
  /** The same at another URL. */
  startAt(url: string, db: string, ...more: readonly string[]): Running;
}

export async function withScene<T>(use: (scene: Scene) => Promise<T>): Promise<T> {
  return withTemporaryDirectory(async (folder) => {
    const { path, rootDn } = writeOrganisation(join(folder, 'o.ldif'), { people: PEOPLE });
    return withSlapd({ ldifPath: path }, (server) =>
      withDatabases(async (databases) => {
        const startAt = (url: string, db: string, ...more: readonly string[]) =>
          startOrgwalk(['crawl', '--url', url, '--root', rootDn, '--db', db, ...ALWAYS, ...more]);
        const start = (db: string, ...more: readonly string[]) => startAt(server.url, db, ...more);
        const db = databases.next();
        const { code, stderr } = await start(db, '--rate', '0').finished;
        expect(code, stderr).toBe(0);
        return use({ server, databases, digest: digestDatabase(db), start, startAt });
      }),
    );
  });
}

export interface Disturbed {
  readonly db: string;
  readonly running: Running;
}

/** A slow crawl that has read a part of the organisation. */
export async function crawlInTheMiddle(
  { databases, start }: Scene,
  ...more: readonly string[]
): Promise<Disturbed> {
  const db = databases.next();
  const running = start(db, ...PACE, ...more);
  await reading({ db, running }, PEOPLE / 5);
  expect([running.child.exitCode, entriesIn(db) < PEOPLE]).toEqual([null, true]);
  return { db, running };
}

/** Resolves when the crawl has committed so many entries, or has ended. */
async function reading({ db, running }: Disturbed, entries: number): Promise<void> {
  while (running.child.exitCode === null && entriesIn(db) < entries) await delay(2);
}

/** Kills and restarts the server at random instants until the crawl has ended. Returns how often. */
export async function flap(
  { server }: Scene,
  { running }: Disturbed,
  seed: number,
): Promise<number> {
  const random = randomOf(seed, 13);
  for (let times = 0; ; times += 1) {
    await delay(random.between(200, 1_200));
    if (running.child.exitCode !== null) return times;
    await server.restart();
  }
}

/** Entries that the last run has committed; 0 while there is none. */
function entriesIn(db: string): number {
  if (!existsSync(db)) return 0;
  try {
    return rows<{ entries: number }>(db, 'SELECT entries FROM runs')[0]?.entries ?? 0;
  } catch (error) {
    // The program has not come to make its views.
    if (error instanceof Database.SqliteError) return 0;
    throw error;
  }
}

/** What nobody may lose in an outage. */
export function lossesIn({ db }: Disturbed) {
  return rows(
    db,
    `SELECT status, failed_branches, retries, (SELECT max(attempts) FROM _frontier WHERE run = id) AS attempts
     FROM runs ORDER BY id`,
  );
}

export const AWAY = /The directory does not answer: waiting for it, 10m 0s at most\n/;
export const BACK = /The directory answers again\n/;

/** What `--json` told. */
export interface Ended {
  readonly retries: number;
}

/** The crawl ends as if nothing had been. */
export async function expectUndisturbed({ digest }: Scene, disturbed: Disturbed): Promise<Ended> {
  const outcome = await disturbed.running.finished;
  expect(outcome.code, `${outcome.stderr}${outcome.stdout}`).toBe(0);
  expect(digestDatabase(disturbed.db)).toBe(digest);
  return JSON.parse(outcome.stdout);
}
