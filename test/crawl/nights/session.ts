// One session of a crawl of a directory that changes: it ends by itself, is asked to stop, or is killed.
import { copyFileSync, existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { crawl } from '../../../src/crawl/crawl.ts';
import { Interrupted, UsageError } from '../../../src/domain/errors.ts';
import type { Clock, StartedRun } from '../../../src/domain/ports.ts';
import { openForReading } from '../../../src/store/file/database.ts';
import { heldRun, release } from '../../../src/store/publishing/release.ts';
import { SqliteRunStore } from '../../../src/store/run-store.ts';
import { questionOf } from '../company.ts';
import { ChangingDirectory } from './changing-directory.ts';
import { Faults, passing } from './failing.ts';
import type { Crawling, Later } from './scenario.ts';
import type { Happening, World } from './world.ts';

export interface Ended {
  /** Undefined: none was begun or continued. */
  readonly run: StartedRun | undefined;
  /** The file that is the database from now on. */
  readonly path: string;
  /** What would have happened during a longer crawl. */
  readonly later: readonly Happening[];
}

const noPace = { admit: async () => {}, rate: 0, served: () => {}, refused: () => {} };
/** More than what passes can use up. */
const TRIES = 8;
/** Requests that no crawl of so few people needs. */
const ENDLESS = 2_000;
const LONG_MS = 1e12;

/** Time passes with every look at it, so that nothing depends on the machine. */
function patientClock(): Clock {
  let now = 0;
  const sleep = async () => void (await setImmediate());
  return {
    now: () => {
      now += 1;
      return now;
    },
    sleep,
  };
}

/** @param copy where what a killed process leaves goes */
export async function crawlOnce(
  path: string,
  copy: string,
  world: World,
  crawling: Crawling,
): Promise<Ended> {
  const session = new CrawlSession(path, copy, world, crawling);
  const run = await session.run();
  return { run, path: session.path, later: session.later.map(({ happening }) => happening) };
}

class CrawlSession {
  path: string;
  /** What has not happened yet. */
  readonly later: Later[];
  readonly #copy: string;
  readonly #world: World;
  readonly #crawling: Crawling;
  readonly #stop = new AbortController();
  #moments = 0;
  #requests = 0;
  #waited = 0;
  #run: StartedRun | undefined;
  #publishing = false;

  constructor(path: string, copy: string, world: World, crawling: Crawling) {
    this.path = path;
    this.#copy = copy;
    this.#world = world;
    this.#crawling = crawling;
    this.later = [...crawling.during];
  }

  async run(): Promise<StartedRun | undefined> {
    using store = SqliteRunStore.open(this.path);
    try {
      const { mode, fresh } = this.#crawling;
      const dryRun = mode === 'dry';
      if (mode === 'retry' && store.readOnlyFailed({ fresh, dryRun }) === 0) return undefined;
      await this.#crawl(store);
    } catch (error) {
      if (!(error instanceof Interrupted || error instanceof UsageError)) throw error;
    } finally {
      this.#publishing = false;
    }
    return this.#run;
  }

  async #crawl(store: SqliteRunStore): Promise<void> {
    const { mode, fresh, workers, batch, pageSize, maxDrop, failing } = this.#crawling;
    const world = this.#world;
    const faults = new Faults(failing, world.now);
    const moment = (request: boolean) => this.#moment(request);
    const directory = new ChangingDirectory({ world, faults, pageSize, moment });
    const options = {
      ...{ workers, batch, fresh, maxDrop, dryRun: mode === 'dry', onFailure: 'continue' as const },
      question: () => questionOf({ people: [], roots: world.roots }),
      retry: { tries: TRIES, refusals: TRIES, delayMs: () => 0 },
      ...{ outageBudgetMs: LONG_MS, resumeWithinMs: LONG_MS },
    };
    const ports = { directory, store, pace: noPace, clock: patientClock() };
    await crawl(ports, options, this.#stop.signal, {
      started: (run) => {
        this.#run = run;
        endAtLast(store);
      },
      phase: (phase) => {
        this.#publishing = phase === 'publishing';
        if (this.#publishing) void this.#whilePublishing();
      },
    });
  }

  /** Something may have happened in the meantime, and may go wrong. */
  async #moment(request: boolean): Promise<void> {
    this.#pass();
    if (!this.#stop.signal.aborted) this.#happen();
    if (!request) return;
    this.#stop.signal.throwIfAborted();
    this.#requests += 1;
    if (this.#requests > ENDLESS) throw new Error('the crawl does not end');
    const failing = this.#crawling.passing.find(({ at }) => at === this.#requests);
    // The roots are looked for before a run has begun: nothing may fail there.
    if (failing !== undefined && this.#run !== undefined) throw passing(failing.remedy);
  }

  async #whilePublishing(): Promise<void> {
    while (this.#publishing) {
      this.#pass();
      await setImmediate();
    }
  }

  #pass(): void {
    const { stop } = this.#crawling;
    this.#moments += 1;
    if (this.#moments !== stop?.after) return;
    if (stop.killed) this.#kill();
    this.#stop.abort(new Interrupted('SIGTERM', 'stopped'));
  }

  /** What is on disk now is what a killed process leaves. */
  #kill(): void {
    copyFileSync(this.path, this.#copy);
    if (existsSync(`${this.path}-wal`)) copyFileSync(`${this.path}-wal`, `${this.#copy}-wal`);
    this.path = this.#copy;
  }

  #happen(): void {
    this.#waited += 1;
    for (;;) {
      const [next] = this.later;
      if (next === undefined || next.after > this.#waited) return;
      this.#world.happen(next.happening);
      this.later.shift();
      this.#waited = 0;
    }
  }
}

/** A frontier that counts branches as waiting which nobody can take would keep the walk, and the event loop, for ever. */
function endAtLast({ frontier }: SqliteRunStore): void {
  const take = frontier.take.bind(frontier);
  let vain = 0;
  Object.assign(frontier, {
    take: async (max: number) => {
      const taken = await take(max);
      vain = taken.length > 0 ? 0 : vain + 1;
      if (vain > ENDLESS) throw new Error('branches wait that nobody can take');
      return taken;
    },
  });
}

/** False: no run is held, or none that could be released. */
export async function releaseHeld(path: string): Promise<boolean> {
  try {
    await release(path, newestHeld(path), new AbortController().signal);
    return true;
  } catch (error) {
    if (error instanceof UsageError) return false;
    throw error;
  }
}

function newestHeld(path: string): number {
  const database = openForReading(path);
  try {
    return heldRun(database).id;
  } finally {
    database.close();
  }
}
