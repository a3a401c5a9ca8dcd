// A walk over a tree in memory, and what it must come to.
import { expect } from 'vitest';
import { type WalkOptions, walk } from '../../src/crawl/walk.ts';
import type { Remedy } from '../../src/domain/errors.ts';
import { SearchFailure } from '../../src/domain/errors.ts';
import { VirtualClock } from '../pace/virtual-clock.ts';
import { type Leaves, MemoryFrontier, TreeExpander, type TreeOptions, type Twig } from './tree.ts';

export type TreeWalk = Partial<WalkOptions<Twig, Leaves>> &
  TreeOptions & { readonly frontier?: MemoryFrontier; readonly roots?: readonly number[] };

export interface StartedWalk {
  readonly frontier: MemoryFrontier;
  readonly expander: TreeExpander;
  readonly clock: VirtualClock;
  readonly finished: Promise<void>;
}

/** Starts a walk from root 0 with one worker, one branch to a search, three tries without delay, unless told otherwise. */
export function startWalk(options: TreeWalk): StartedWalk {
  const frontier = options.frontier ?? new MemoryFrontier(options.roots ?? [0]);
  const expander = new TreeExpander(options);
  const clock = new VirtualClock();
  const finished = walk<Twig, Leaves>({
    workers: 1,
    share: () => 1,
    onFailure: 'continue',
    retry: { tries: 3, refusals: 3, delayMs: () => 0 },
    patienceMs: 1_000,
    clock: { now: () => clock.now(), sleep: async () => {} },
    outageOver: async () => {},
    signal: new AbortController().signal,
    ...options,
    frontier,
    expander,
  });
  finished.catch(() => undefined); // a test looks at it later, or not at all
  return { frontier, expander, clock, finished };
}

/** Walks to the end; every branch must have been completed once, and none in breach of a contract. */
export async function walkWhole(options: TreeWalk): Promise<StartedWalk> {
  const started = startWalk(options);
  await started.finished;
  expectWhole(started);
  return started;
}

export function expectWhole({ frontier, expander }: StartedWalk): void {
  expectSound({ frontier, expander });
  expect(frontier.waitingNow).toBe(0);
  expect(frontier.inProgress.size).toBe(0);
  expect(frontier.done.length).toBe(new Set(frontier.done).size);
  expect(frontier.done.length + frontier.failed.size).toBe(frontier.known.size);
}

/** Nobody works any more, and no contract was broken. */
export function expectSound({ frontier, expander }: Pick<StartedWalk, 'frontier' | 'expander'>) {
  expect(frontier.breaches).toEqual([]);
  expect(expander.breaches).toEqual([]);
  expect(expander.active).toBe(0);
  expect(frontier.pending).toBe(0);
}

export function failure(remedy: Remedy, message = `${remedy}, as asked for`): SearchFailure {
  return new SearchFailure(remedy, 'timeout', message, { resultCode: 51 });
}

/** `count` people in all, `span` to a manager. */
export function evenTree(count: number, span: number): (key: number) => Leaves {
  return (key) => {
    const first = key * span + 1;
    return Array.from({ length: Math.max(0, Math.min(span, count - first)) }, (_, i) => first + i);
  };
}

/** A gate that a test opens. */
export interface Valve {
  readonly passed: Promise<void>;
  readonly reached: Promise<void>;
  pass(signal?: AbortSignal): Promise<void>;
  open(): void;
}

/** `pass` waits until `open`, or rejects with the signal's reason. `reached` tells that somebody waits. */
export function valve(): Valve {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  return {
    passed: gate.promise,
    reached: reached.promise,
    open: () => gate.resolve(),
    pass: async (signal) => {
      reached.resolve();
      const aborted = Promise.withResolvers<never>();
      const abort = () => aborted.reject(signal?.reason);
      if (signal?.aborted) abort();
      signal?.addEventListener('abort', abort, { once: true });
      try {
        await Promise.race([gate.promise, aborted.promise]);
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
  };
}
