import { Interrupted, SearchFailure } from '../domain/errors.ts';
import type { Clock, Expander, ExpansionPage, Frontier } from '../domain/ports.ts';
import type { OutageKnown } from './outage.ts';
import { isSuspect, type Retry, type Tried, type Verdict, verdict } from './verdict.ts';
import { Workers } from './workers.ts';

export interface WalkOptions<B extends Tried, P> {
  readonly frontier: Frontier<B, P>;
  readonly expander: Expander<B, P>;
  /** Slots, from 1 up. */
  readonly workers: number;
  /** How many workers may be at work at once, from 1 up; all of them unless given. */
  readonly lanes?: () => number;
  /** How many branches one expansion takes when `waiting` of them wait; from 1 up. */
  readonly share: (waiting: number) => number;
  /** Whether the first branch that fails ends the walk. */
  readonly onFailure: 'continue' | 'abort';
  readonly retry: Retry;
  readonly clock: Clock;
  /** Resolves when the other side answers again; rejects where waiting has no end. */
  readonly outageOver: (signal: AbortSignal, known: OutageKnown) => Promise<void>;
  /** How long (ms) the other side may refuse everyone, without an outage, before the walk is given up for now. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
  readonly observe?: WalkObserver<B, P>;
}

/** What a walk tells while it goes on. Called synchronously; must not throw. */
export interface WalkObserver<B, P> {
  /** How many children a page holds. */
  sizeOf?(page: P): number;
  /** @param children found, by `sizeOf`; the pages themselves are gone, however many there were */
  expanded?(branches: readonly B[], children: number, elapsedMs: number): void;
  committed?(): void;
  failed?(failure: SearchFailure, branches: number): void;
  busy?(workers: number): void;
}

/**
 * Walks a tree of any kind to its end with bounded workers: each takes a share of the frontier, lists the children of
 * those nodes and commits page by page; while branches wait, every worker is at work. Resolves when the frontier is
 * empty and nobody is in progress, so that nothing can still arrive. Rejects, when all workers have stopped, with what
 * stopped the walk: the signal's reason, `Interrupted`, or the first error that is nobody's branch's fault.
 */
export async function walk<B extends Tried, P>(options: WalkOptions<B, P>): Promise<void> {
  await new Walk(options).run();
}

class Walk<B extends Tried, P> {
  readonly #options: WalkOptions<B, P>;
  readonly #workers: Workers;
  readonly #stopped = new AbortController();
  readonly #signal: AbortSignal;
  /** Branches in backoff: they are in progress still, but no worker is. */
  readonly #resting = new Set<Promise<void>>();
  /** Pages that were answered and committed. */
  #served = 0;
  /** Since when, and how often, everyone was refused. */
  #refused: { readonly since: number; times: number } | undefined;
  /** Suspects that wait, rest or are being tried: while there are any, one worker is at work at most. */
  #suspects = 0;
  #outage: { readonly over: Promise<void>; readonly settled: AbortController } | undefined;
  /** Since when no connection was to be had, or none that served. */
  #unconnected: number | undefined;
  /** Workers that wait for the outage to end. */
  #stuck = 0;

  constructor(options: WalkOptions<B, P>) {
    this.#options = options;
    this.#workers = new Workers(options.workers);
    this.#signal = AbortSignal.any([options.signal, this.#stopped.signal]);
  }

  async run(): Promise<void> {
    await this.#delegate();
    for (;;) {
      await this.#workers.finished();
      if (this.#resting.size === 0) break;
      await Promise.race(this.#resting);
    }
    this.#signal.throwIfAborted();
  }

  /**
   * Adds a job for each idle worker while branches wait. To be called whenever branches may have come to wait, and
   * whenever a worker has become idle: either alone could be overtaken by the other while the frontier answers.
   */
  async #delegate(): Promise<void> {
    const waiting = await this.#options.frontier.waiting();
    if (this.#signal.aborted) return;
    this.#leaveOutage(waiting);
    const wanted = Math.min(this.#available(), waiting - this.#workers.queued);
    for (let i = 0; i < wanted; i += 1) {
      this.#workers.delegate(
        (slot) => this.#guarded(() => this.#expandShare(slot)),
        () => this.#guarded(() => this.#delegate()),
      );
    }
  }

  /** A suspect is tried when nobody else is at work, so that whatever then happens is its own doing. */
  #available(): number {
    const { workers, lanes } = this.#options;
    const { idle } = this.#workers;
    if (this.#suspects > 0) return idle === workers ? 1 : 0;
    // Whoever waits for an outage to end is in nobody's way.
    const atWork = workers - idle - this.#stuck;
    return lanes === undefined ? idle : Math.max(0, Math.min(idle, lanes() - atWork));
  }

  /** Nothing that goes wrong leaves a job: it stops the walk, unless it became the outcome of its branches. */
  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      this.#options.observe?.busy?.(this.#options.workers - this.#workers.idle);
      await work();
    } catch (error) {
      this.#stopped.abort(error);
    }
  }

  async #expandShare(slot: number): Promise<void> {
    const { frontier, share } = this.#options;
    if (this.#signal.aborted) return;
    const taken = await frontier.take(share(await frontier.waiting()));
    if (!isSome(taken)) return;
    if (taken.some(isSuspect) && !this.#isAlone(taken)) return this.#separate(taken);
    const served = this.#served;
    try {
      await this.#expand(taken, slot);
    } catch (error) {
      if (!(error instanceof SearchFailure) || this.#signal.aborted) throw error;
      await this.#judge(error, taken, { served, slot });
    }
  }

  #isAlone(branches: readonly B[]): boolean {
    if (branches.length > 1 || this.#workers.idle < this.#options.workers - 1) return false;
    this.#suspects = Math.max(1, this.#suspects);
    return true;
  }

  /** Suspects of an earlier session come among others, or while others are at work. */
  async #separate(branches: readonly B[]): Promise<void> {
    const { frontier } = this.#options;
    const suspects = branches.filter(isSuspect);
    const others = branches.filter((branch) => !isSuspect(branch));
    if (others.length > 0) await frontier.release(others, others.length, 'nothing');
    await frontier.release(suspects, 1, 'nothing');
    this.#suspects += suspects.length;
  }

  async #expand(branches: readonly [B, ...B[]], slot: number): Promise<void> {
    const { expander, clock, observe } = this.#options;
    const started = clock.now();
    const pages = expander.expand(branches, slot, this.#signal)[Symbol.asyncIterator]();
    let children = 0;
    try {
      for (;;) {
        const { last, size } = await this.#expandPage(pages, branches);
        children += size;
        if (last) break;
        await this.#delegate();
      }
    } finally {
      await pages.return?.();
    }
    this.#acquit(branches);
    observe?.expanded?.(branches, children, clock.now() - started);
  }

  /** In a call of its own, or its frame would keep the page until the next one is here. */
  async #expandPage(
    pages: AsyncIterator<ExpansionPage<P>>,
    branches: readonly B[],
  ): Promise<{ readonly last: boolean; readonly size: number }> {
    const { frontier, observe } = this.#options;
    const step = await pages.next();
    if (step.done) throw new Error('an expansion ended without a last page');
    const { page, last } = step.value;
    await frontier.commit(page, last ? branches : []);
    this.#served += 1;
    this.#refused = undefined;
    this.#unconnected = undefined;
    observe?.committed?.();
    return { last, size: observe?.sizeOf?.(page) ?? 0 };
  }

  /** Turns a failed search into what happens to its branches: the one place where errors become outcomes. */
  async #judge(
    failure: SearchFailure,
    branches: readonly [B, ...B[]],
    when: { readonly served: number; readonly slot: number },
  ): Promise<void> {
    const { frontier, retry, observe } = this.#options;
    observe?.failed?.(failure, branches.length);
    const alone = this.#workers.idle === this.#options.workers - 1;
    const othersServed = await this.#servesOthers(failure, when);
    const sentence = verdict(failure, branches, retry, othersServed);
    switch (sentence.kind) {
      case 'wait':
        await this.#release(branches, sentence);
        return this.#waitOutage(failure, alone);
      case 'again':
        return this.#rest(branches, sentence);
      case 'halve':
        return frontier.release(branches, Math.ceil(branches.length / 2), 'nothing');
      case 'failed':
        await this.#fail(failure, sentence.branch);
        return failure.remedy === 'outage' ? this.#waitOutage(failure, alone) : undefined;
      default:
        return sentence satisfies never;
    }
  }

  /** Where nobody happened to be served meanwhile, a probe tells whether anybody would have been. */
  async #servesOthers(
    { remedy }: SearchFailure,
    { served, slot }: { readonly served: number; readonly slot: number },
  ): Promise<boolean> {
    if (remedy !== 'retry' || this.#served !== served) return true;
    const serves = await this.#options.expander.probe(this.#signal, slot);
    if (serves) this.#refused = undefined;
    return serves;
  }

  async #release(
    branches: readonly B[],
    { cost, alone }: Extract<Verdict<B>, { kind: 'wait' }>,
  ): Promise<void> {
    await this.#options.frontier.release(branches, alone ? 1 : branches.length, cost);
    if (cost !== 'outage') return;
    this.#suspects += branches.filter((branch) => {
      return !isSuspect(branch) && isSuspect({ outages: branch.outages + 1 });
    }).length;
  }

  /** The branches wait their time out; the worker goes on with others. */
  #rest(branches: readonly B[], { cost, delayMs }: Extract<Verdict<B>, { kind: 'again' }>): void {
    const { clock, frontier } = this.#options;
    const wait = cost === 'nothing' ? this.#whileRefused() : delayMs;
    const resting = this.#guarded(async () => {
      await clock.sleep(wait, this.#signal);
      await frontier.release(branches, branches.length, cost);
      await this.#delegate();
    });
    const rested = resting.finally(() => this.#resting.delete(rested));
    this.#resting.add(rested);
  }

  /** Time to wait (ms) while nobody is served. */
  #whileRefused(): number {
    const { clock, patienceMs, retry } = this.#options;
    this.#refused ??= { since: clock.now(), times: 0 };
    this.#refused.times += 1;
    if (clock.now() - this.#refused.since > patienceMs) {
      throw new Interrupted('outage', 'the directory refused every search for too long');
    }
    return retry.delayMs(Math.ceil(this.#refused.times / this.#options.workers));
  }

  async #fail(failure: SearchFailure, branch: B): Promise<void> {
    const { reason, resultCode, message } = failure;
    const attempts = branch.attempts + branch.refusals + branch.outages + 1;
    await this.#options.frontier.fail(branch, { reason, resultCode, attempts, message });
    this.#acquit([branch]);
    if (this.#options.onFailure === 'continue') return;
    throw new Interrupted('abort', `a branch could not be read (${reason}: ${message})`);
  }

  /** What became of them is known: nobody needs to keep out of their way any more. */
  #acquit(branches: readonly B[]): void {
    this.#suspects = Math.max(0, this.#suspects - branches.filter(isSuspect).length);
  }

  /** All workers wait for the same outage to end; others may be served meanwhile. */
  async #waitOutage(failure: SearchFailure, alone: boolean): Promise<void> {
    this.#outage ??= this.#beginOutage(failure, alone);
    const { over } = this.#outage;
    over.catch(() => undefined); // awaited below
    this.#stuck += 1;
    try {
      await this.#delegate();
      await over;
    } finally {
      this.#stuck -= 1;
    }
  }

  #beginOutage({ inFlight, elsewhere }: SearchFailure, alone: boolean) {
    // A server that is there for the probe and not for us may do so for ever: that is one outage.
    if (inFlight || this.#unconnected === undefined) this.#unconnected = this.#options.clock.now();
    const since = this.#unconnected;
    const settled = new AbortController();
    const signal = AbortSignal.any([this.#signal, settled.signal]);
    const over = this.#options
      .outageOver(signal, {
        certain: inFlight && alone && !elsewhere,
        since,
        served: () => this.#served,
      })
      .catch((error: unknown) => {
        if (!settled.signal.aborted || this.#signal.aborted) throw error;
      })
      .finally(() => {
        this.#outage = undefined;
      });
    return { over, settled };
  }

  /** What those who wait for the outage gave back may have been read by others: then there is nothing left to wait for. */
  #leaveOutage(waiting: number): void {
    const atWork = this.#options.workers - this.#workers.idle;
    if (waiting > 0 || this.#resting.size > 0 || atWork > this.#stuck) return;
    this.#outage?.settled.abort();
  }
}

function isSome<T>(list: readonly T[]): list is readonly [T, ...T[]] {
  return list.length > 0;
}
