// The frontier and the expander answer in any order: a seeded scheduler chooses.
import fc, { type Scheduler } from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Remedy } from '../../src/domain/errors.ts';
import { MemoryFrontier, type Twig } from './tree.ts';
import { expectSound, expectWhole, failure, type StartedWalk, startWalk } from './walking.ts';

interface Case {
  readonly scheduler: Scheduler;
  readonly workers: number;
  readonly share: number;
  readonly pageSize: number;
  /** Children of node i; edges may lead anywhere. */
  readonly graph: readonly (readonly number[])[];
  /** What becomes of the searches, in the order in which they end; then all succeed. */
  readonly faults: readonly (Remedy | 'none')[];
}

const PEOPLE = 16;
/** What `startWalk` allows. */
const TRIES = 3;
const REFUSALS = 3;

const graph = fc.array(fc.array(fc.nat(PEOPLE - 1), { maxLength: 3 }), {
  minLength: PEOPLE,
  maxLength: PEOPLE,
});

const remedy = fc.constantFrom<Remedy | 'none'>('none', 'none', 'retry', 'split', 'fail', 'outage');

const cases = (faults: fc.Arbitrary<readonly (Remedy | 'none')[]>): fc.Arbitrary<Case> =>
  fc.record({
    scheduler: fc.scheduler(),
    workers: fc.integer({ min: 1, max: 5 }),
    share: fc.integer({ min: 1, max: 4 }),
    pageSize: fc.integer({ min: 1, max: 4 }),
    graph,
    faults,
  });

interface Waits {
  outages: number;
  sleeps: number;
}

/** A walk all of whose operations wait for the scheduler. */
class ScheduledWalk {
  readonly started: StartedWalk;
  readonly waits: Waits = { outages: 0, sleeps: 0 };
  /** How often the walk came to rest with branches waiting, and every worker was at work. */
  conserved = 0;
  readonly #case: Case;
  readonly #faults: IterableIterator<Remedy | 'none'>;
  #settled = false;

  constructor(each: Case, signal: AbortSignal, frontier?: MemoryFrontier) {
    this.#case = each;
    this.#faults = each.faults.values();
    this.started = startWalk({
      frontier: frontier ?? new MemoryFrontier([0], (operation) => this.#turn(operation)),
      workers: each.workers,
      share: () => each.share,
      pageSize: each.pageSize,
      children: (key) => each.graph[key] ?? [],
      signal,
      gate: (keys, stop) => this.#turn(`expand ${keys}`, stop),
      fault: () => this.#fault(),
      clock: { now: () => 0, sleep: (_ms, stop) => this.#wait('sleeps', stop) },
      outageOver: (stop) => this.#wait('outages', stop),
    });
    const settle = () => {
      this.#settled = true;
    };
    this.started.finished.then(settle, settle);
  }

  /** One operation after the other, in the order of the scheduler, until the walk has ended. `each` runs in between. */
  async drive(each: (step: number) => void = () => {}): Promise<void> {
    const { scheduler } = this.#case;
    for (let step = 0; ; step += 1) {
      await quiet();
      if (this.#settled) return;
      if (scheduler.count() === 0) throw new Error('deadlock: nobody has anything to wait for');
      this.#checkConservation();
      each(step);
      await scheduler.waitNext(1);
    }
  }

  /** At rest, with no answer of the frontier under way, nobody is idle while a branch waits. */
  #checkConservation(): void {
    const { frontier, expander } = this.started;
    const { outages } = this.waits;
    if (frontier.pending > 0 || frontier.waitingNow === 0 || outages > 0) return;
    // A suspect is tried alone: the others keep out of its way.
    if (frontier.hasSuspects) return;
    expect(expander.active).toBe(this.#case.workers);
    this.conserved += 1;
  }

  #fault() {
    const next = this.#faults.next().value ?? 'none';
    return next === 'none' ? undefined : failure(next);
  }

  async #wait(what: keyof Waits, signal: AbortSignal | undefined): Promise<void> {
    this.waits[what] += 1;
    try {
      await this.#turn(what, signal);
    } finally {
      this.waits[what] -= 1;
    }
  }

  async #turn(label: string, signal?: AbortSignal): Promise<void> {
    const stopped = Promise.withResolvers<never>();
    const stop = () => stopped.reject(signal?.reason);
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await Promise.race([
        this.#case.scheduler.schedule(Promise.resolve(), label),
        stopped.promise,
      ]);
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }
}

/** Until every microtask that is due has run. */
function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Who is reached from 0 by the lists of those who were read to their end. */
function reached({ graph: children }: Case, isRead: (key: number) => boolean): ReadonlySet<number> {
  const found = new Set([0]);
  for (const key of found) {
    if (isRead(key)) for (const child of children[key] ?? []) found.add(child);
  }
  return found;
}

const never = new AbortController().signal;

describe('in any interleaving', () => {
  it('every branch is completed exactly once, and nobody is idle while a branch waits', async () => {
    let conserved = 0;
    const property = fc.asyncProperty(cases(fc.constant([])), async (each) => {
      const walking = new ScheduledWalk(each, never);
      await walking.drive();
      await walking.started.finished;
      expectWhole(walking.started);
      const { done, failed } = walking.started.frontier;
      expect(failed.size).toBe(0);
      expect(new Set(done)).toEqual(reached(each, () => true));
      conserved += walking.conserved;
    });
    await fc.assert(property, { numRuns: 1_500 });
    expect(conserved).toBeGreaterThan(400);
  });

  it('the same holds when searches fail in every way', async () => {
    let conserved = 0;
    const faults = fc.array(remedy, { maxLength: 25 });
    const property = fc.asyncProperty(cases(faults), async (each) => {
      const walking = new ScheduledWalk(each, never);
      await walking.drive();
      await walking.started.finished;
      expectWhole(walking.started);
      const { done, failed, known } = walking.started.frontier;
      const read = new Set(done);
      for (const key of reached(each, (key) => read.has(key))) expect(known).toContain(key);
      for (const { attempts } of failed.values()) {
        expect(attempts).toBeLessThanOrEqual(1 + TRIES + REFUSALS + 3 + TRIES);
      }
      conserved += walking.conserved;
    });
    await fc.assert(property, { numRuns: 1_500 });
    expect(conserved).toBeGreaterThan(400);
  });

  it('an abort at any point loses nobody: a walk after it finds the rest', async () => {
    const faults = fc.array(remedy, { maxLength: 10 });
    const property = fc.asyncProperty(cases(faults), fc.nat(60), async (each, at) => {
      const stop = new AbortController();
      const reason = new Error('enough');
      const walking = new ScheduledWalk(each, stop.signal);
      await walking.drive((step) => {
        if (step === at) stop.abort(reason);
      });
      if (stop.signal.aborted) await expect(walking.started.finished).rejects.toBe(reason);
      const { frontier } = walking.started;
      expectSound(walking.started);
      frontier.restart();
      expect(frontier.done.length + frontier.failed.size + frontier.waitingNow).toBe(
        frontier.known.size,
      );
      await finish({ ...each, faults: [] }, frontier);
    });
    await fc.assert(property, { numRuns: 1_500 });
  });

  it('an error of the frontier at any point stops every worker', async () => {
    const property = fc.asyncProperty(cases(fc.constant([])), fc.nat(40), async (each, at) => {
      const broken = new Error('the disk is full');
      let calls = 0;
      const frontier: MemoryFrontier = new MemoryFrontier([0], async (operation) => {
        await each.scheduler.schedule(Promise.resolve(), operation);
        calls += 1;
        if (calls === at) throw broken;
      });
      const walking = new ScheduledWalk(each, never, frontier);
      await walking.drive();
      if (calls >= at && at > 0) await expect(walking.started.finished).rejects.toBe(broken);
      expectSound(walking.started);
    });
    await fc.assert(property, { numRuns: 500 });
  });
});

async function finish(each: Case, frontier: MemoryFrontier): Promise<void> {
  const again = new ScheduledWalk(each, never, frontier);
  await again.drive();
  await again.started.finished;
  expectWhole(again.started);
  const read = new Set<Twig['key']>(frontier.done);
  for (const key of reached(each, (key) => read.has(key))) expect(frontier.known).toContain(key);
}
