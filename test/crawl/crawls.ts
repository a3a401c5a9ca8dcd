// Crawls of a company in memory into a real database in a temporary folder.
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import {
  type CrawlObserver,
  type CrawlOptions,
  type CrawlOutcome,
  crawl,
} from '../../src/crawl/crawl.ts';
import { Interrupted } from '../../src/domain/errors.ts';
import type { Question } from '../../src/domain/ports.ts';
import { systemClock } from '../../src/pace/clock.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { digestDatabase } from '../support/digest.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { type Company, CompanyDirectory, type CompanyOptions, questionOf } from './company.ts';

export interface CrawlSetup extends Partial<CrawlOptions>, CompanyOptions {
  readonly ask?: Partial<Question>;
  readonly signal?: AbortSignal;
  readonly observe?: CrawlObserver;
  /** Reads only what failed in the published run. */
  readonly onlyFailed?: boolean;
}

const never = new AbortController().signal;
const noPace = { admit: async () => {}, rate: 0, served: () => {}, refused: () => {} };

/** A database that crawls write to, one after the other. */
export class CrawledDatabase {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** One crawl as the program does it: opens the database, closes it again. */
  async crawl(company: Company, setup: CrawlSetup = {}): Promise<CrawlOutcome> {
    using store = SqliteRunStore.open(this.path);
    const directory = new CompanyDirectory(company, setup);
    const { ask, signal = never, observe = {} } = setup;
    const options: CrawlOptions = {
      question: () => questionOf(company, ask),
      workers: 1,
      batch: undefined,
      onFailure: 'continue',
      retry: { tries: 2, refusals: 2, delayMs: () => 0 },
      outageBudgetMs: 60_000,
      resumeWithinMs: 60_000,
      fresh: false,
      dryRun: false,
      maxDrop: 0.2,
      ...setup,
    };
    if (setup.onlyFailed) store.readOnlyFailed(options);
    const ports = { directory, store, pace: noPace, clock: systemClock };
    return await crawl(ports, options, signal, observe);
  }

  /** A crawl that is stopped at the `k`-th commit or, beyond those, question about a manager; false: it ended before. */
  async crawlUntil(k: number, company: Company, setup: CrawlSetup = {}): Promise<boolean> {
    const stop = new AbortController();
    const at = countdown(k, () => stop.abort(new Interrupted('SIGTERM', 'stopped')));
    try {
      await this.crawl(company, { ...setup, signal: stop.signal, committed: at, asked: at });
      return false;
    } catch (error) {
      if (error instanceof Interrupted) return true;
      throw error;
    }
  }

  /** What is on disk at the `k`-th such point, as a process that is killed there leaves it; undefined: it ended before. */
  async killedAt(k: number, company: Company, setup: CrawlSetup = {}) {
    let copy: CrawledDatabase | undefined;
    const stop = new AbortController();
    const at = countdown(k, () => {
      copy = this.copy(`killed-${k}.db`);
      stop.abort(new Interrupted('SIGTERM', 'the original is not needed any more'));
    });
    const crawling = this.crawl(company, {
      ...setup,
      signal: stop.signal,
      committed: at,
      asked: at,
    });
    await crawling.catch((error: unknown) => {
      if (!(error instanceof Interrupted)) throw error;
    });
    return copy;
  }

  /**
   * A crawl that runs `each` whenever the event loop gets its turn while the result is prepared and published.
   * `turn` counts from 1.
   */
  async crawlWatchingPublication(
    company: Company,
    each: (turn: number) => void,
    setup: CrawlSetup = {},
  ): Promise<number> {
    let turn = 0;
    let ended = false;
    const watch = () => {
      if (ended) return;
      turn += 1;
      each(turn);
      setImmediate(watch);
    };
    const phase: CrawlObserver['phase'] = (name) => {
      if (name === 'publishing') setImmediate(watch);
    };
    try {
      await this.crawl(company, { ...setup, observe: { phase } });
    } finally {
      ended = true;
    }
    return turn;
  }

  /** The file and its write-ahead log as they are now: not closed, not checkpointed. */
  copy(name: string): CrawledDatabase {
    const to = join(this.path, '..', name);
    copyFileSync(this.path, to);
    if (existsSync(`${this.path}-wal`)) copyFileSync(`${this.path}-wal`, `${to}-wal`);
    return new CrawledDatabase(to);
  }

  digest(): string {
    return digestDatabase(this.path);
  }

  read<Row = Record<string, unknown>>(sql: string, ...values: readonly unknown[]): readonly Row[] {
    const database = new Database(this.path, { readonly: true });
    try {
      return database.prepare<unknown[], Row>(sql).all(...values);
    } finally {
      database.close();
    }
  }

  /** The first column of each row. */
  column<Value = unknown>(sql: string, ...values: readonly unknown[]): readonly Value[] {
    return this.read<Record<string, Value>>(sql, ...values).flatMap((row) =>
      Object.values(row).slice(0, 1),
    );
  }
}

export function withDatabase<T>(use: (database: CrawledDatabase) => Promise<T>): Promise<T> {
  return withTemporaryDirectory((dir) => use(new CrawledDatabase(join(dir, 'org.db'))));
}

/** Calls `reached` at the k-th call. */
function countdown(k: number, reached: () => void): () => void {
  let left = k;
  return () => {
    left -= 1;
    if (left === 0) reached();
  };
}
