// A crawl in this process, wired as the program wires it, but with waits short enough for thousands of them.
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { type CrawlObserver, type CrawlOptions, crawl } from '../../src/crawl/crawl.ts';
import type {
  Clock,
  Pace,
  Published,
  Question,
  SourceProfile,
  StartedRun,
} from '../../src/domain/ports.ts';
import { type DirectoryOptions, LdapDirectory } from '../../src/ldap/directory.ts';
import { systemClock } from '../../src/pace/clock.ts';
import { LoadRecorder } from '../../src/pace/latency.ts';
import { Pacer } from '../../src/pace/pacer.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { digestDatabase } from '../support/digest.ts';
import { CEO } from './company.ts';

export interface WiredOptions extends Partial<DirectoryOptions>, Partial<CrawlOptions> {
  /** Requests per second of a limiter as the program has it. Default: none, not even where the server is busy. */
  readonly rate?: number;
  readonly observe?: CrawlObserver;
  /** The directory's, in place of one that waits a hundredth. */
  readonly clock?: Clock;
  readonly signal?: AbortSignal;
}

export interface Wired {
  readonly run: StartedRun;
  readonly published: Published;
}

/** Long enough never to pass in a test that does not wait for it. */
const PATIENT_MS = 30_000;
const NEVER = new AbortController().signal;

const NO_PACE: Pace = { admit: async () => {}, rate: 0, served: () => {}, refused: () => {} };

/** Waits a hundredth of what it is asked to. */
const BRISK_CLOCK: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms / 100, signal),
};

/** One crawl of the directory at `url` into the database at `db`, which it opens and closes. */
export async function crawlInto(
  db: string,
  url: string,
  { rate, observe = {}, signal = NEVER, ...options }: WiredOptions = {},
): Promise<Wired> {
  using store = SqliteRunStore.open(db);
  const clock = systemClock;
  const pace = rate === undefined ? NO_PACE : new Pacer({ rate, clock });
  const load = new LoadRecorder(clock);
  const notice = (line: string) => observe.notice?.(line);
  const directory = directoryAt(url, options, {
    pace,
    load,
    clock: options.clock ?? BRISK_CLOCK,
    notice,
  });
  const question = (profile: SourceProfile) => questionOf(options, profile);
  const ports = { directory, store, pace, clock };
  try {
    return await crawl(ports, crawlOptions(question, options), signal, observe);
  } finally {
    await directory.close();
    if (pace instanceof Pacer) pace.close();
  }
}

const DIRECTORY = {
  credentials: { kind: 'anonymous' },
  base: undefined,
  roots: [CEO],
  filter: '(objectClass=person)',
  managerAttribute: 'manager',
  managerValue: 'dn',
  pageSize: 4,
  requestTimeoutMs: PATIENT_MS,
  startBudgetMs: PATIENT_MS,
} as const;

function directoryAt(
  url: string,
  options: Partial<DirectoryOptions>,
  ports: ConstructorParameters<typeof LdapDirectory>[1],
): LdapDirectory {
  const connect = { connectTimeoutMs: options.requestTimeoutMs ?? PATIENT_MS };
  return new LdapDirectory({ ...DIRECTORY, urls: [url], connect, ...options }, ports);
}

function questionOf(
  options: Partial<DirectoryOptions>,
  { base, idAttribute, filter, mapping }: SourceProfile,
): Question {
  const { roots, managerAttribute, managerValue } = { ...DIRECTORY, ...options };
  return { base, roots, filter, managerAttribute, managerValue, mapping, idAttribute };
}

function crawlOptions(question: CrawlOptions['question'], more: Partial<CrawlOptions>) {
  return {
    question,
    workers: 2,
    batch: 4,
    onFailure: 'continue',
    retry: { tries: 3, refusals: 10, delayMs: () => 1 },
    outageBudgetMs: PATIENT_MS,
    resumeWithinMs: PATIENT_MS,
    dryRun: false,
    maxDrop: 0.2,
    fresh: false,
    ...more,
  } as const;
}

/** Databases of one test, in a folder that is gone after `use`. */
export class Databases {
  readonly #folder: string;
  #last = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of one that does not exist yet. */
  next(): string {
    this.#last += 1;
    return join(this.#folder, `${this.#last}.db`);
  }

  /** The digest of the database that `use` fills, which is then deleted: thousands of them would fill the disk. */
  async digestOf(use: (db: string) => Promise<unknown>): Promise<string> {
    const db = this.next();
    try {
      await use(db);
      return digestDatabase(db);
    } finally {
      for (const suffix of ['', '-wal', '-shm', '.lock']) rmSync(`${db}${suffix}`, { force: true });
    }
  }
}

/** In memory where there is a file system for it: thousands of databases are many calls of fsync. */
export async function withDatabases<T>(use: (databases: Databases) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'orgwalk-'));
  try {
    return await use(new Databases(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function rows<Row = Record<string, unknown>>(db: string, sql: string): readonly Row[] {
  const database = new Database(db, { readonly: true });
  try {
    return database.prepare<[], Row>(sql).all();
  } finally {
    database.close();
  }
}
