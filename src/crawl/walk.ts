import { Interrupted, SearchFailure } from '../domain/errors.ts';
import type { Clock, Expander, Frontier } from '../domain/ports.ts';
import { type Retry, verdict } from './verdict.ts';
import { Workers } from './workers.ts';

export interface WalkOptions<B extends Attempted, P> {
  readonly frontier: Frontier<B, P>;
  readonly expander: Expander<B, P>;
  /** Slots, from 1 up. */
  readonly workers: number;
  /** How many branches one expansion takes when `waiting` of them wait; from 1 up. */
  readonly share: (waiting: number) => number;
  /** Whether the first branch that fails ends the walk. */
  readonly onFailure: 'continue' | 'abort';
  readonly retry: Retry;
  readonly clock: Clock;
  /** Resolves when the other side answers again; rejects where waiting has no end. */
  readonly outageOver: (signal: AbortSignal) => Promise<void>;
  readonly signal: AbortSignal;
  readonly observe?: WalkObserver<B, P>;
}

/** What a walk tells while it goes on. Called synchronously; must not throw. */
export interface WalkObserver<B, P> {
  expanded?(branches: readonly B[], pages: readonly P[], elapsedMs: number): void;
  committed?(): void;
  failed?(failure: SearchFailure, branches: number): void;
  busy?(workers: number): void;
}

interface Attempted {
  readonly attempts: number;
}

/**
 * Walks a tree of any kind to its end with bounded workers: each takes a share of the frontier, lists the children of
 * those nodes and commits page by page; while branches wait, every worker is at work. Resolves when the frontier is
 * empty and nobody is in progress, so that nothing can still arrive. Rejects, when all workers have stopped, with what
 * stopped the walk: the signal's reason, `Interrupted`, or the first error that is nobody's branch's fault.
 */
export async function walk<B extends Attempted, P>(options: WalkOptions<B, P>): Promise<void> {
  await new Walk(options).run();
}

class Walk<B extends Attempted, P> {
  readonly #options: WalkOptions<B, P>;
  readonly #workers: Workers;
  readonly #stopped = new AbortController();
  readonly #signal: AbortSignal;
  #outage: Promise<void> | undefined;

  constructor(options: WalkOptions<B, P>) {
    this.#options = options;
    this.#workers = new Workers(options.workers);
    this.#signal = AbortSignal.any([options.signal, this.#stopped.signal]);
  }

  async run(): Promise<void> {
    await this.#delegate();
    await this.#workers.finished();
    this.#signal.throwIfAborted();
  }

  /**
   * Adds a job for each idle worker while branches wait. To be called whenever branches may have come to wait, and
   * whenever a worker has become idle: either alone could be overtaken by the other while the frontier answers.
   */
  async #delegate(): Promise<void> {
    const waiting = await this.#options.frontier.waiting();
    if (this.#signal.aborted) return;
    const wanted = Math.min(this.#workers.idle, waiting - this.#workers.queued);
    for (let i = 0; i < wanted; i += 1) {
      this.#workers.delegate(
        (slot) => this.#guarded(() => this.#expandShare(slot)),
        () => this.#guarded(() => this.#delegate()),
      );
    }
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
    const branches = await frontier.take(share(await frontier.waiting()));
    if (branches.length === 0) return;
    try {
      await this.#expand(branches, slot);
    } catch (error) {
      if (!(error instanceof SearchFailure) || this.#signal.aborted) throw error;
      await this.#judge(error, branches);
    }
  }

  async #expand(branches: readonly B[], slot: number): Promise<void> {
    const { frontier, expander, clock, observe } = this.#options;
    const started = clock.now();
    const pages: P[] = [];
    for await (const { page, last } of expander.expand(branches, slot, this.#signal)) {
      await frontier.commit(page, last ? branches : []);
      observe?.committed?.();
      if (observe?.expanded) pages.push(page);
      if (last) {
        observe?.expanded?.(branches, pages, clock.now() - started);
        return;
      }
      await this.#delegate();
    }
    throw new Error('an expansion ended without a last page');
  }

  /** Turns a failed search into what happens to its branches: the one place where errors become outcomes. */
  async #judge(failure: SearchFailure, branches: readonly B[]): Promise<void> {
    const { frontier, retry, clock, observe } = this.#options;
    observe?.failed?.(failure, branches.length);
    const sentence = verdict(failure, branches, retry);
    switch (sentence.kind) {
      case 'wait':
        await frontier.release(branches, branches.length, false);
        return this.#waitOutage();
      case 'again':
        await clock.sleep(sentence.delayMs, this.#signal);
        return frontier.release(branches, branches.length, true);
      case 'halve':
        return frontier.release(branches, Math.ceil(branches.length / 2), false);
      case 'failed':
        return this.#fail(failure, sentence.branch);
      default:
        return sentence satisfies never;
    }
  }

  async #fail(failure: SearchFailure, branch: B): Promise<void> {
    const { reason, resultCode, message } = failure;
    const attempts = branch.attempts + 1;
    await this.#options.frontier.fail(branch, { reason, resultCode, attempts, message });
    if (this.#options.onFailure === 'continue') return;
    throw new Interrupted('abort', `a branch could not be read (${reason}: ${message})`);
  }

  /** All workers wait for the same outage to end. */
  async #waitOutage(): Promise<void> {
    this.#outage ??= this.#options.outageOver(this.#signal).finally(() => {
      this.#outage = undefined;
    });
    await this.#outage;
  }
}
