/** Sizes that are tried, in managers to a search. Their ratio is small enough that the best is not jumped over. */
const RUNGS = [5, 10, 20, 35, 50, 75, 100, 140, 200] as const;
const FIRST_RUNG = 3;
/** A larger batch may cost this many times the best time per manager: fewer searches are worth it. */
const TOLERANCE = 1.5;
/** Samples that a rung needs before it is judged; the median of the last ones counts. */
const ENOUGH = 3;
const REMEMBERED = 7;
const UNKNOWN = Number.POSITIVE_INFINITY;

/**
 * Finds by feedback how many managers to ask about in one search: servers differ by orders of magnitude, and latency
 * and a rate limit count as well. The largest size whose time per manager is within 1.5 × of the best seen.
 */
export class BatchSize {
  readonly #samples: readonly number[][] = RUNGS.map(() => []);
  readonly #fixed: number | undefined;
  #rung = FIRST_RUNG;

  /** @param fixed managers to a search, from 1 up; undefined: adapts */
  constructor(fixed?: number) {
    this.#fixed = fixed;
  }

  /** Managers to a search, at most. */
  get size(): number {
    return this.#fixed ?? (RUNGS[this.#rung] as number);
  }

  /** A search for `managers` managers brought `entries` entries in `elapsedMs`, the wait for the limiter included. */
  observe(managers: number, entries: number, elapsedMs: number): void {
    // A small share tells nothing about a large batch.
    if (this.#fixed !== undefined || managers < this.size) return;
    const samples = this.#samples[this.#rung] as number[];
    samples.push(elapsedMs / (managers + entries));
    if (samples.length > REMEMBERED) samples.shift();
    if (samples.length >= ENOUGH) this.#rung = this.#choose();
  }

  /** The largest good rung, once its neighbours are known: first upwards, then downwards while smaller is better. */
  #choose(): number {
    const medians = this.#samples.map(median);
    const best = medians.indexOf(Math.min(...medians));
    const good = medians.findLastIndex((value) => value <= (medians[best] as number) * TOLERANCE);
    if (medians[good + 1] === UNKNOWN) return good + 1;
    if (medians[best - 1] === UNKNOWN) return best - 1;
    return good;
  }
}

/** UNKNOWN for too few samples. */
function median(samples: readonly number[]): number {
  if (samples.length < ENOUGH) return UNKNOWN;
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] as number;
}
