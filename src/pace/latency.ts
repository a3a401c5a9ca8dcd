import type { Clock } from '../domain/ports.ts';
import { systemClock } from './clock.ts';

// Buckets grow by a tenth, so a percentile is off by less than 5 %, from 10 µs to over an hour in 210 numbers.
const SMALLEST_MS = 0.01;
const GROWTH = 1.1;
const BUCKETS = 210;

/** The load that a run imposed on the directory, as its requests saw it. */
export interface LoadSummary {
  readonly maxInFlight: number;
  /** Mean from the first request's start to the last one's end; 0 without requests. */
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
}

/** Counts requests in flight and keeps a histogram of their latencies, in memory that does not grow. */
export class LoadRecorder {
  readonly #clock: Clock;
  readonly #counts = new Float64Array(BUCKETS);
  #started = 0;
  #ended = 0;
  #maxInFlight = 0;
  #firstStart = 0;
  #lastEnd = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Call when a request leaves, and what it returns when its answer is complete or given up. Further calls do nothing. */
  start(): () => void {
    const startedAt = this.#clock.now();
    if (this.#started === 0) this.#firstStart = startedAt;
    this.#started++;
    this.#maxInFlight = Math.max(this.#maxInFlight, this.#inFlight());
    let open = true;
    return () => {
      if (open) this.#end(startedAt);
      open = false;
    };
  }

  summary(): LoadSummary {
    return {
      maxInFlight: this.#maxInFlight,
      requestsPerSecond: this.#requestsPerSecond(),
      p50Ms: this.#percentile(0.5),
      p95Ms: this.#percentile(0.95),
    };
  }

  #inFlight(): number {
    return this.#started - this.#ended;
  }

  #end(startedAt: number): void {
    this.#lastEnd = this.#clock.now();
    this.#ended++;
    const bucket = bucketOf(this.#lastEnd - startedAt);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  #requestsPerSecond(): number {
    const end = this.#inFlight() > 0 ? this.#clock.now() : this.#lastEnd;
    const seconds = (end - this.#firstStart) / 1000;
    return seconds > 0 ? this.#started / seconds : 0;
  }

  #percentile(share: number): number {
    if (this.#ended === 0) return 0;
    const rank = Math.ceil(this.#ended * share);
    let seen = 0;
    const bucket = this.#counts.findIndex((count) => {
      seen += count;
      return seen >= rank;
    });
    return middleOf(bucket);
  }
}

function bucketOf(ms: number): number {
  const bucket = Math.floor(Math.log(ms / SMALLEST_MS) / Math.log(GROWTH));
  return Math.min(BUCKETS - 1, Math.max(0, bucket));
}

function middleOf(bucket: number): number {
  return SMALLEST_MS * GROWTH ** (bucket + 0.5);
}
