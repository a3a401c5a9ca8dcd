import type { Clock } from '../../src/domain/ports.ts';

interface Due {
  readonly at: number;
  readonly fire: () => void;
}

interface Globals {
  readonly setTimeout: typeof globalThis.setTimeout;
  readonly clearTimeout: typeof globalThis.clearTimeout;
  readonly dateNow: typeof Date.now;
}

/**
 * Time that moves on by itself whenever there is nothing left to do: hours in a second. Timers and the wall clock of the
 * whole process go by it meanwhile, since bottleneck reads those. Nothing that waits for the network may run in it.
 */
export class VirtualTime implements Clock {
  readonly #due = new Set<Due>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const due = this.#at(ms, resolve);
    signal?.addEventListener('abort', () => {
      if (this.#due.delete(due)) reject(signal.reason);
    });
    return promise;
  }

  /** Until `work` has settled; the timers of the process are its own again afterwards. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#install();
    try {
      let settled = false;
      const result = work().finally(() => {
        settled = true;
      });
      result.catch(() => undefined); // looked at below
      for (await turn(); !settled; await turn()) this.#moveOn();
      return await result;
    } finally {
      restore(before);
    }
  }

  /** Whatever is due at one instant happens at once, as answers that lie ready together are read in one turn. */
  #moveOn(): void {
    const next = Math.min(...[...this.#due].map(({ at }) => at));
    if (next === Number.POSITIVE_INFINITY) throw new Error('nobody is waiting for anything');
    this.#now = next;
    for (const due of [...this.#due]) {
      if (due.at > next || !this.#due.delete(due)) continue;
      due.fire();
    }
  }

  #at(ms: number, fire: () => void): Due {
    const due = { at: this.#now + ms, fire };
    this.#due.add(due);
    return due;
  }

  #install(): Globals {
    const { setTimeout, clearTimeout } = globalThis;
    const before = { setTimeout, clearTimeout, dateNow: Date.now };
    const started = Date.now();
    Date.now = () => started + Math.floor(this.#now);
    const later = (fire: () => void, ms = 0) => this.#at(ms, fire);
    const never = (due: Due | undefined) => due !== undefined && this.#due.delete(due);
    globalThis.setTimeout = later as unknown as typeof setTimeout;
    globalThis.clearTimeout = never as unknown as typeof clearTimeout;
    return before;
  }
}

function restore({ setTimeout, clearTimeout, dateNow }: Globals): void {
  Date.now = dateNow;
  Object.assign(globalThis, { setTimeout, clearTimeout });
}

/** Every promise that can be settled is, before the next turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
