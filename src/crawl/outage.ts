import { Interrupted } from '../domain/errors.ts';
import type { Clock, Expander } from '../domain/ports.ts';

export interface OutageOptions {
  readonly probe: Expander['probe'];
  readonly clock: Clock;
  /** How long one outage may last (ms) before the run is given up for now. */
  readonly budgetMs: number;
  /** Time to wait (ms) before the next probe. */
  readonly delayMs: (attempt: number) => number;
  /** Counts what others are served meanwhile: a server that only lacks connections for us is not away. */
  readonly served: () => number;
  readonly observe?: (state: { readonly sinceMs: number } | null) => void;
}

/** Waits until the directory answers again. Rejects with `Interrupted` when the budget is spent. */
export async function outageOver(options: OutageOptions, signal: AbortSignal): Promise<void> {
  const { probe, clock, budgetMs, delayMs, observe, served } = options;
  let began = clock.now();
  let before = served();
  let told = false;
  for (let attempt = 1; ; attempt += 1) {
    const left = began + budgetMs - clock.now();
    if (left <= 0) throw new Interrupted('outage', 'the directory did not come back in time');
    await clock.sleep(Math.min(delayMs(attempt), left), signal);
    if (await probe(signal)) break;
    if (served() !== before) began = clock.now();
    else {
      observe?.({ sinceMs: clock.now() - began });
      told = true;
    }
    before = served();
  }
  if (told) observe?.(null);
}
