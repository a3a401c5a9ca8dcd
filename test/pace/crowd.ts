// Workers who ask a server that refuses above a rate it tells nobody, as fast as the limiter lets them. On fake timers.
import type { Pace } from '../../src/domain/ports.ts';

const SECOND_MS = 1_000;

/** Serves at most `rate` requests in any one second, and refuses the rest. 0: none. */
export class ModelServer {
  rate: number;
  readonly #served: number[] = [];

  constructor(rate: number) {
    this.rate = rate;
  }

  serves(now: number): boolean {
    while ((this.#served[0] ?? now) <= now - SECOND_MS) this.#served.shift();
    if (this.#served.length >= this.rate) return false;
    this.#served.push(now);
    return true;
  }
}

export interface Request {
  readonly at: number;
  readonly served: boolean;
}

export interface CrowdOptions {
  readonly workers?: number;
  readonly latencyMs?: number;
  /** How long (ms) a worker who was refused stays away. */
  readonly awayMs?: () => number;
}

/** Asks until `signal` aborts. Returns what was asked so far, live. */
export function startCrowd(
  pace: Pace,
  server: ModelServer,
  signal: AbortSignal,
  { workers = 8, latencyMs = 20, awayMs = () => 250 }: CrowdOptions = {},
): readonly Request[] {
  const requests: Request[] = [];
  const ask = async () => {
    while (!signal.aborted) {
      await pace.admit(signal);
      const served = server.serves(performance.now());
      requests.push({ at: performance.now(), served });
      await nap(latencyMs);
      if (served) pace.served();
      else {
        pace.refused('busy');
        await nap(awayMs());
      }
    }
  };
  for (let n = 0; n < workers; n += 1) ask().catch(() => undefined);
  return requests;
}

/** Requests a second that were served, and the share that was refused, from `fromMs` on until `untilMs`. */
export function tally(requests: readonly Request[], fromMs: number, untilMs: number) {
  const counted = requests.filter(({ at }) => at >= fromMs && at < untilMs);
  const served = counted.filter((request) => request.served).length;
  return {
    servedPerSecond: (served * SECOND_MS) / (untilMs - fromMs),
    refusedShare: (counted.length - served) / counted.length,
  };
}

function nap(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
