/** Sizes that are tried, in managers to a search. Their ratio is small enough that the best is not jumped over. */
const RUNGS: readonly number[] = [5, 10, 20, 35, 50, 75, 100, 140, 200];
const FIRST_RUNG = 3;
/** A larger batch may cost this many times the best time per manager: fewer searches are worth it. */
const TOLERANCE = 1.5;
/** Where it stands already, this much more: noise must not drive it up and down. */
const INERTIA = 1.2;
/** Samples that a rung needs before it is judged; the median of the last ones counts. */
const ENOUGH = 3;
const REMEMBERED = 15;
const UNKNOWN = Number.POSITIVE_INFINITY;
/** Searches of the largest size allowed that must go well before a larger one is, after a limit of the server. */
const CALM = 4;

/**
 * Finds by feedback how many managers to ask about in one search: servers differ by orders of magnitude, and latency
 * and a rate limit count as well. The largest size whose time per manager is within 1.5 × of the best seen.
 */
export class BatchSize {
  readonly #samples: readonly number[][] = RUNGS.map(() => []);
  readonly #fixed: number | undefined;
  #rung = FIRST_RUNG;
  /** The largest rung that a limit of the server leaves. */
  #highest = RUNGS.length - 1;
  #calm = 0;

  /** @param fixed managers to a search, from 1 up; undefined: adapts */
  constructor(fixed?: number) {
    this.#fixed = fixed;
  }

  /** Managers to a search, at most. */
  get size(): number {
    return this.#fixed ?? (RUNGS[Math.min(this.#rung, this.#highest)] as number);
  }

  /** A search for `managers` managers brought `entries` entries in `elapsedMs`, the wait for the limiter included. */
  observe(managers: number, entries: number, elapsedMs: number): void {
    // By the size that was asked for: several searches are in flight, and the size has changed since they began. A share
    // that was small for want of waiting branches tells nothing about any rung.
    const samples = this.#samples[RUNGS.indexOf(managers)];
    if (this.#fixed !== undefined || samples === undefined) return;
    this.#relax(managers);
    samples.push(elapsedMs / (managers + entries));
    if (samples.length > REMEMBERED) samples.shift();
    if (samples.length >= ENOUGH) this.#rung = this.#choose();
  }

  /** A search for `managers` managers was too large for a limit of the server, and is halved. */
  overran(managers: number): void {
    const half = RUNGS.findLastIndex((size) => size <= managers / 2);
    this.#highest = Math.min(this.#highest, Math.max(0, half));
    this.#calm = 0;
  }

  /** Managers with many reports come early, leaves late. */
  #relax(managers: number): void {
    if (managers < (RUNGS[this.#highest] as number)) return;
    this.#calm += 1;
    if (this.#calm < CALM || this.#highest === RUNGS.length - 1) return;
    this.#highest += 1;
    this.#calm = 0;
  }

  /** The largest good rung, once it is known what lies beyond. Where size does harm, smaller ones are tried as well. */
  #choose(): number {
    const medians = this.#samples.map(median);
    const best = Math.min(...medians);
    const good = this.#largestGood(medians, best);
    if (medians[good + 1] === UNKNOWN) return good + 1;
    const smallest = medians.findIndex((value) => value !== UNKNOWN);
    const harms = good < RUNGS.length - 1 && (medians[smallest] as number) <= best * TOLERANCE;
    return harms && smallest > 0 ? smallest - 1 : good;
  }

  #largestGood(medians: readonly number[], best: number): number {
    const limit = (rung: number) => best * TOLERANCE * (rung === this.#rung ? INERTIA : 1);
    return medians.findLastIndex((value, rung) => value <= limit(rung));
  }
}

/** UNKNOWN for too few samples. */
function median(samples: readonly number[]): number {
  if (samples.length < ENOUGH) return UNKNOWN;
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] as number;
}
