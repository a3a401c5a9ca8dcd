import { Interrupted } from '../domain/errors.ts';
import type { Clock, Expander } from '../domain/ports.ts';

/** What those who found the directory silent know of it. */
export interface OutageKnown {
  /** When it began, on the monotonic clock (ms). */
  readonly since: number;
  /** Counts what others are served meanwhile: a server that only lacks connections for us is not away. */
  readonly served: () => number;
  /** Whether a search was in flight and nobody else is at work: then it is told at once, else after a vain probe. */
  readonly certain: boolean;
}

export interface OutageOptions extends OutageKnown {
  readonly probe: Expander['probe'];
  readonly clock: Clock;
  /** How long one outage may last (ms) before the run is given up for now. */
  readonly budgetMs: number;
  /** Time to wait (ms) before the next probe. */
  readonly delayMs: (attempt: number) => number;
  readonly observe?: (state: { readonly sinceMs: number } | null) => void;
}

/** Waits until the directory answers again. Rejects with `Interrupted` when the budget is spent. */
export async function outageOver(options: OutageOptions, signal: AbortSignal): Promise<void> {
  const outage = new Outage(options);
  try {
    await outage.wait(signal);
    outage.over();
  } catch (error) {
    outage.lookAround();
    throw error;
  }
}

class Outage {
  readonly #options: OutageOptions;
  #began: number;
  #served: number;
  #told = false;

  constructor(options: OutageOptions) {
    this.#options = options;
    this.#began = options.since;
    this.#served = options.served();
    if (options.certain) this.#tell();
  }

  async wait(signal: AbortSignal): Promise<void> {
    const { probe, clock, budgetMs, delayMs } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const left = this.#began + budgetMs - clock.now();
      if (left <= 0) throw new Interrupted('outage', 'the directory did not come back in time');
      await clock.sleep(Math.min(delayMs(attempt), left), signal);
      if (await probe(signal)) return;
      if (!this.lookAround()) this.#tell();
    }
  }

  /** Whether others were served since the last look: then it is not everyone's outage. */
  lookAround(): boolean {
    const { served, clock } = this.#options;
    if (served() === this.#served) return false;
    this.#served = served();
    this.#began = clock.now();
    this.over();
    return true;
  }

  over(): void {
    if (this.#told) this.#options.observe?.(null);
    this.#told = false;
  }

  #tell(): void {
    const { clock, observe } = this.#options;
    observe?.({ sinceMs: clock.now() - this.#began });
    this.#told = true;
  }
}
