/** Sizes that are tried, in entries to a search; 1 stands for a base read. */
const RUNGS: readonly number[] = [1, 10, 25, 50, 100, 200];
const FIRST_RUNG = 2;
/** A larger batch may cost this many times the best time per entry: fewer searches are worth it. */
const TOLERANCE = 1.5;
/** Samples that a rung needs before it is judged; the median of the last ones counts. */
const ENOUGH = 3;
const REMEMBERED = 9;
const UNKNOWN = Number.POSITIVE_INFINITY;

/**
 * Finds by feedback how many entries to ask for by their DNs in one search. Samba is at its best with 25 to 50 and three
 * times as slow with 200; with latency or a rate limit the largest wins.
 */
export class FetchSize {
  readonly #samples: readonly number[][] = RUNGS.map(() => []);
  #rung = FIRST_RUNG;
  /** Rungs above it have failed. */
  #highest = RUNGS.length - 1;

  get size(): number {
    return RUNGS[this.#rung] as number;
  }

  /** A search for `asked` entries took `elapsedMs`, the wait for the limiter included. */
  observe(asked: number, elapsedMs: number): void {
    // A batch that was small for want of more tells nothing about any rung.
    const samples = this.#samples[RUNGS.indexOf(asked)];
    if (samples === undefined) return;
    samples.push(elapsedMs / asked);
    if (samples.length > REMEMBERED) samples.shift();
    if (samples.length >= ENOUGH) this.#rung = Math.min(this.#choose(), this.#highest);
  }

  /** A search for `asked` entries failed: from now on they are smaller. */
  shrink(asked: number): void {
    const smaller = RUNGS.findLastIndex((size) => size < asked);
    this.#highest = Math.max(0, Math.min(this.#highest, smaller));
    this.#rung = Math.min(this.#rung, this.#highest);
  }

  /** The largest good rung, once it is known what lies beyond. Where the smallest is as good, still smaller ones are tried. */
  #choose(): number {
    const medians = this.#samples.map(median);
    const best = Math.min(...medians);
    const good = medians.findLastIndex((value) => value <= best * TOLERANCE);
    if (medians[good + 1] === UNKNOWN && good < this.#highest) return good + 1;
    const smallest = medians.findIndex((value) => value !== UNKNOWN);
    const isGood = (medians[smallest] as number) <= best * TOLERANCE;
    return isGood && smallest > 0 ? smallest - 1 : good;
  }
}

/** UNKNOWN for too few samples. */
function median(samples: readonly number[]): number {
  if (samples.length < ENOUGH) return UNKNOWN;
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] as number;
}
