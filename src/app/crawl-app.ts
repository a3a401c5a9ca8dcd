import type { Config } from '../config/options.ts';
import { type CrawlObserver, crawl, type Phase } from '../crawl/crawl.ts';
import { Interrupted } from '../domain/errors.ts';
import type {
  Published,
  Question,
  RunCounts,
  SourceProfile,
  StartedRun,
  Unreached,
} from '../domain/ports.ts';
import { formatTimeOfDay, nextLocalTime, timeOfDayAt } from '../domain/time-of-day.ts';
import { LdapDirectory } from '../ldap/directory.ts';
import { backoffMs } from '../pace/backoff.ts';
import { systemClock } from '../pace/clock.ts';
import { LoadRecorder, type LoadSummary } from '../pace/latency.ts';
import { type PaceLoad, Pacer } from '../pace/pacer.ts';
import { wallClockReaches } from '../pace/wall-clock.ts';
import { refuseMissing } from '../store/file/database.ts';
import { type FailedBranch, SqliteRunStore } from '../store/run-store.ts';
import { directoryOptions, refuseBadQuestion, START_BUDGET_MS } from './directory-options.ts';

/** How often a branch is tried before it counts as failed. */
const TRIES = 3;
/** How often a busy server may refuse a branch while it serves others. */
const REFUSALS = 10;
const BACKOFF = { baseMs: 500, capMs: 30_000, random: Math.random };

const NOTHING_YET = { employees: 0, waiting: 0, inProgress: 0, failed: 0 };

/** What is known while a crawl goes on. */
export interface CrawlProgress {
  readonly phase: Phase;
  readonly employees: number;
  readonly waiting: number;
  readonly inProgress: number;
  readonly failed: number;
  readonly searches: number;
  readonly workers: number;
  readonly busy: number;
  /** How many people there will be; 0 where nothing tells. */
  readonly expected: number;
  /** How long the directory has not answered (ms), null while it does. */
  readonly outageMs: number | null;
}

/** How a crawl ended. Published or not, it tells how far it came. */
export interface CrawlResult {
  readonly run: StartedRun;
  /** Null where the run was interrupted. */
  readonly published: Published | null;
  /** People whom a sweep found and the crawl had not reached; null: there was none, or it could not tell. */
  readonly unreached: Unreached | null;
  readonly employees: number;
  /** Of them, those whom this session has found: not those before it was continued. */
  readonly found: number;
  /** Branches that the run has still to read. */
  readonly waiting: number;
  readonly counts: RunCounts;
  readonly failures: readonly FailedBranch[];
  readonly seconds: number;
  readonly load: LoadSummary & Omit<PaceLoad, 'requests' | 'waiting'>;
  readonly interrupted: Interrupted | null;
}

/** Everything that one crawl needs, built from its config and closed again with it. */
export class CrawlApp implements AsyncDisposable {
  readonly #config: Config<'crawl'>;
  readonly #store: SqliteRunStore;
  readonly #pace: Pacer;
  readonly #load = new LoadRecorder(systemClock);
  readonly #directory: LdapDirectory;
  readonly #observer: CrawlObserver;
  readonly #stop = new AbortController();
  #phase: Phase = 'connecting';
  #run: StartedRun | undefined;
  #foundBefore = 0;
  #busy = 0;
  #outageMs: number | null = null;

  /** @param password of the bind DN, where there is one. Throws a `DatabaseError` where the database cannot be used. */
  constructor(config: Config<'crawl'>, password: string | undefined, observer: CrawlObserver) {
    this.#config = config;
    this.#observer = observer;
    const options = directoryOptions(config, password);
    refuseBadQuestion(config);
    if (config.retryFailed) refuseMissing(config.db);
    this.#store = SqliteRunStore.open(config.db);
    this.#pace = new Pacer({ rate: config.rate, clock: systemClock });
    const notice = (line: string) => observer.notice?.(line);
    const ports = { pace: this.#pace, load: this.#load, clock: systemClock, notice };
    const startBudgetMs = Math.min(START_BUDGET_MS, config.outageBudgetMs);
    this.#directory = new LdapDirectory({ ...options, startBudgetMs }, ports);
  }

  /** Ends the crawl at the next page: it can be continued. May be called at any time, and again. */
  stop(reason: Interrupted): void {
    this.#stop.abort(reason);
  }

  /** How many branches failed in the published run. @returns 0 where `run` would have nothing to retry. Throws a `UsageError`. */
  failedBranches(): number {
    return this.#store.readOnlyFailed(this.#config);
  }

  /** How many there are in the published state; 0 before the first. */
  get publishedEmployees(): number {
    return this.#store.publishedEmployees;
  }

  progress(): CrawlProgress {
    const counted = this.#run ? this.#store.progress() : NOTHING_YET;
    return {
      ...counted,
      phase: this.#phase,
      searches: this.#pace.load().requests,
      workers: this.#config.workers,
      busy: this.#busy,
      // A run that only retries cannot know how many there are below what failed.
      expected: this.#run?.retries ? 0 : (this.#run?.expected ?? 0),
      outageMs: this.#outageMs,
    };
  }

  /** Rejects where the crawl could not begin, or where it met something that running it again will not mend. */
  async run(): Promise<CrawlResult> {
    const began = systemClock.now();
    const over = new AbortController();
    this.#armDeadlines(over.signal);
    try {
      const ended = await this.#crawl();
      return this.#result({ ...ended, interrupted: null }, began);
    } catch (error) {
      if (!(error instanceof Interrupted) || this.#run === undefined) throw error;
      return this.#result({ published: null, unreached: null, interrupted: error }, began);
    } finally {
      over.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory.close();
    this.#pace.close();
    this.#store[Symbol.dispose]();
  }

  #crawl() {
    const { workers, batch, onFailure, outageBudgetMs } = this.#config;
    const { resumeWithinMs, fresh, reconcile, dryRun, maxDrop } = this.#config;
    const ports = {
      directory: this.#directory,
      store: this.#store,
      pace: this.#pace,
      clock: systemClock,
    };
    const retry = {
      tries: TRIES,
      refusals: REFUSALS,
      delayMs: (attempts: number) => backoffMs(attempts - 1, BACKOFF),
    };
    const question = (profile: SourceProfile) => this.#question(profile);
    return crawl(
      ports,
      {
        ...{ question, workers, batch, onFailure, retry, outageBudgetMs },
        ...{ resumeWithinMs, fresh, reconcile, dryRun, maxDrop },
      },
      this.#stop.signal,
      this.#watching(),
    );
  }

  #question({ base, idAttribute, filter, mapping }: SourceProfile): Question {
    const { roots, managerAttribute, managerValue } = this.#config;
    return { base, roots, filter, managerAttribute, managerValue, mapping, idAttribute };
  }

  /** Notes what `progress` tells, and passes everything on. */
  #watching(): CrawlObserver {
    const other = this.#observer;
    return {
      ...other,
      started: (run) => {
        this.#run = run;
        this.#foundBefore = this.#store.progress().employees;
        other.started?.(run);
      },
      phase: (phase) => {
        this.#phase = phase;
        other.phase?.(phase);
      },
      busy: (workers) => {
        this.#busy = workers;
        other.busy?.(workers);
      },
      outage: (state) => {
        this.#outageMs = state?.sinceMs ?? null;
        other.outage?.(state);
      },
    };
  }

  /** Whichever comes first ends the crawl. */
  #armDeadlines(over: AbortSignal): void {
    const { deadlineMs, until } = this.#config;
    const end = (message: string) => this.stop(new Interrupted('deadline', message));
    const never = () => undefined;
    if (deadlineMs !== undefined) {
      const sleeping = systemClock.sleep(deadlineMs, over);
      void sleeping.then(() => end('the deadline was reached'), never);
    }
    if (until === undefined) return;
    const waiting = wallClockReaches(nextLocalTime(until, Date.now()), systemClock, over);
    void waiting.then(() => end(`it is ${formatTimeOfDay(timeOfDayAt(Date.now()))}`), never);
  }

  #result(
    {
      published,
      unreached,
      interrupted,
    }: Pick<CrawlResult, 'published' | 'unreached' | 'interrupted'>,
    began: number,
  ): CrawlResult {
    const { throttledSeconds, refused, slowestRate } = this.#pace.load();
    const { employees, waiting, inProgress } = this.#store.progress();
    return {
      run: this.#run as StartedRun,
      published,
      unreached,
      employees,
      found: employees - this.#foundBefore,
      waiting: waiting + inProgress,
      counts: this.#store.counts(),
      failures: this.#store.failures(),
      seconds: (systemClock.now() - began) / 1_000,
      load: { ...this.#load.summary(), throttledSeconds, refused, slowestRate },
      interrupted,
    };
  }
}
