// Plays a scenario and judges every state that is published on the way.
import { join } from 'node:path';
import { withTemporaryDirectory } from '../../support/temporary.ts';
import { CRAWL, type Crawling, type Scenario, type Step } from './scenario.ts';
import { crawlOnce, releaseHeld } from './session.ts';
import { NOTHING, readOutcome, readState, type State } from './state.ts';
import { Truth } from './truth.ts';
import { broken } from './verdict.ts';
import { World } from './world.ts';

/** What became of the steps, to tell whether scenarios reach what they are for. */
export interface Played {
  readonly complaints: readonly string[];
  /** In the words of the runs' states, changes and findings. */
  readonly seen: ReadonlyMap<string, number>;
}

interface Begun {
  /** Instants of the world: the first, and the one behind the last. */
  readonly from: number;
  readonly to: number;
  readonly mode: Crawling['mode'];
}

/** Resolves with what was wrong, step by step; empty: nothing. */
export function play(scenario: Scenario): Promise<Played> {
  return withTemporaryDirectory(async (dir) => {
    const nights = new Nights(scenario, dir);
    for (const step of scenario.steps) await nights.step(step);
    await nights.end();
    return nights;
  });
}

class Nights implements Played {
  readonly complaints: string[] = [];
  readonly seen = new Map<string, number>();
  readonly #dir: string;
  readonly #world: World;
  readonly #begun = new Map<number, Begun>();
  readonly #known = new Map<string, string>();
  #path: string;
  #state: State | undefined;
  #steps = 0;

  constructor({ managers, roots }: Scenario, dir: string) {
    this.#dir = dir;
    this.#path = join(dir, 'org.db');
    this.#world = new World(managers, roots);
  }

  async step(step: Step): Promise<void> {
    this.#steps += 1;
    switch (step.kind) {
      case 'day':
        for (const happening of step.happenings) this.#world.happen(happening);
        return;
      case 'crawl':
        return this.#crawl(step);
      case 'release':
        return this.#release();
      default:
        return step satisfies never;
    }
  }

  /** A quiet night ends with what a single crawl of the same directory finds. */
  async end(): Promise<void> {
    // The first one may continue a run that has seen much.
    for (const _ of [1, 2]) {
      await this.step(CRAWL);
      await this.step({ kind: 'release' });
    }
    const fresh = join(this.#dir, 'fresh.db');
    await crawlOnce(fresh, '', this.#world, CRAWL);
    if (readState(fresh).timeless === this.#state?.timeless) return;
    this.#complain('a quiet night ends with another state than a first crawl');
  }

  async #crawl(crawling: Crawling): Promise<void> {
    const { past } = this.#world;
    const now = past.length - 1;
    const copy = join(this.#dir, `killed-${this.#steps}.db`);
    const { run, path, later } = await crawlOnce(this.#path, copy, this.#world, crawling);
    this.#path = path;
    if (run !== undefined) {
      const { status, held } = readOutcome(path, run.id);
      const { from, mode } = this.#begun.get(run.id) ?? { from: now, mode: crawling.mode };
      this.#begun.set(run.id, { from, mode, to: past.length });
      this.#see(held === null ? status : `held: ${held}`);
    }
    this.#judge();
    for (const happening of later) this.#world.happen(happening);
  }

  async #release(): Promise<void> {
    if (this.#state === undefined || !(await releaseHeld(this.#path))) return;
    this.#see('released');
    this.#judge();
  }

  /** Either nothing is new for readers, or a run has been published, and is right. */
  #judge(): void {
    const before = this.#state;
    const after = readState(this.#path);
    this.#state = after;
    const run = after.run?.id;
    if (run === before?.run?.id) {
      if (before !== undefined && before.text !== after.text)
        this.#complain('readers see a change');
      return;
    }
    this.#see('published');
    const begun = this.#begun.get(run ?? 0);
    if (begun === undefined) this.#complain('a run is published that nobody began');
    else this.#judgePublished(before ?? NOTHING, after, begun);
  }

  #judgePublished(before: State, after: State, { from, to, mode }: Begun): void {
    const { roots, past } = this.#world;
    const truth = new Truth(past.slice(from, to), roots);
    const facts = { whole: mode !== 'retry', known: this.#known };
    for (const line of broken({ before, after, truth, roots, ...facts })) this.#complain(line);
    for (const { id, first_seen_at } of after.people.values()) this.#known.set(id, first_seen_at);
    for (const [kind, ids] of Object.entries(after.changes)) this.#see(kind, ids.size);
    this.#see('failed', after.failed.size);
  }

  #complain(what: string): void {
    this.complaints.push(`step ${this.#steps}, run ${this.#state?.run?.id}: ${what}`);
  }

  #see(what: string, times = 1): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + times);
  }
}
