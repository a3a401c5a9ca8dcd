/** Sizes that are tried, in managers to a search. Their ratio is small enough that the best is not jumped over. */
const RUNGS: readonly number[] = [5, 10, 20, 35, 50, 75, 100, 140, 200];
const FIRST_RUNG = 3;
/** A larger batch may cost this many times the best time per manager: fewer searches are worth it. */
const TOLERANCE = 1.5;
/** Samples after which the median of a rung is known, where they agree … */
const ENOUGH = 3;
/** … on it to this share of itself, and where they do not; nor is any size settled on by fewer. */
const ACCURACY = 0.15;
const AMPLE = 15;
/** The standard error of a median is 1.25 σ / √n, and σ is 1.48 times the median deviation, of normal samples. */
const ERROR_OF_MEDIAN = 1.25 * 1.48;
/** Samples by which it is told whether the server is still what it was. */
const REMEMBERED = 31;
/** By noise alone, even where every third answer takes twice as long, their median is hardly ever so many times off. */
const CHANGED = 4;
const UNKNOWN = Number.POSITIVE_INFINITY;
/** Searches of the largest size allowed that must go well before a larger one is, after a limit of the server. */
const CALM = 4;

/**
 * Finds by feedback how many managers to ask about in one search: servers differ by orders of magnitude, and latency
 * and a rate limit count as well. The largest size whose time per manager is within 1.5 × of the best seen.
 *
 * What is found is kept, or noise would drive it up and down for ever, until the time at that size shows that the server,
 * or the way to it, or what is asked for has become another: managers with many reports come early, leaves late.
 */
export class BatchSize {
  readonly #fixed: number | undefined;
  /** Time per manager and entry (ms) of the last searches, by rung, of those tried. */
  #samples = new Map<number, number[]>([[FIRST_RUNG, []]]);
  /** Rungs whose median is known: what then scatters makes it no less so. */
  readonly #known = new Set<number>();
  #rung = FIRST_RUNG;
  #isSettled = false;
  /** The median by which it was settled. */
  #usual = UNKNOWN;
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
    const rung = RUNGS.indexOf(managers);
    if (this.#fixed !== undefined || rung < 0) return;
    this.#relax(managers);
    const samples = this.#samples.get(rung);
    // Begun before it was looked for anew.
    if (samples === undefined) return;
    samples.push(elapsedMs / (managers + entries));
    if (samples.length > REMEMBERED) samples.shift();
    if (isKnown(samples)) this.#known.add(rung);
    if (!this.#isSettled) this.#search();
    else if (rung === this.#rung) this.#watch(samples);
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

  #search(): void {
    if (!this.#known.has(this.#rung)) return;
    const rung = this.#choose();
    const samples = this.#samples.get(rung) ?? [];
    this.#samples.set(rung, samples);
    this.#isSettled = rung === this.#rung && samples.length >= AMPLE;
    this.#rung = rung;
    if (!this.#isSettled) return;
    this.#usual = median(samples);
    samples.length = 0;
  }

  /** The largest good rung, once it is known what lies beyond. Where size does harm, smaller ones are tried as well. */
  #choose(): number {
    const medians = RUNGS.map((_, rung) => this.#medianOf(rung));
    const best = Math.min(...medians);
    const good = medians.findLastIndex((value) => value <= best * TOLERANCE);
    if (medians[good + 1] === UNKNOWN) return good + 1;
    const smallest = medians.findIndex((value) => value !== UNKNOWN);
    const harms = good < RUNGS.length - 1 && (medians[smallest] as number) <= best * TOLERANCE;
    return harms && smallest > 0 ? smallest - 1 : good;
  }

  #watch(samples: readonly number[]): void {
    if (samples.length < REMEMBERED) return;
    const now = median(samples);
    if (now <= this.#usual * CHANGED && now >= this.#usual / CHANGED) return;
    this.#samples = new Map([[FIRST_RUNG, []]]);
    this.#known.clear();
    this.#rung = FIRST_RUNG;
    this.#isSettled = false;
  }

  #medianOf(rung: number): number {
    return this.#known.has(rung) ? median(this.#samples.get(rung) ?? []) : UNKNOWN;
  }
}

/** Whether there are enough to tell the median. A lone outlier among them is no disagreement. */
function isKnown(samples: readonly number[]): boolean {
  if (samples.length < ENOUGH || samples.length >= AMPLE) return samples.length >= AMPLE;
  const middle = median(samples);
  const deviation = median(samples.map((each) => Math.abs(each - middle)));
  return ERROR_OF_MEDIAN * deviation <= ACCURACY * middle * Math.sqrt(samples.length);
}

function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[samples.length >> 1] as number;
}
