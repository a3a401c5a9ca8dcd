import { median, Trial } from './batch-trial.ts';

/** Sizes that are tried, in managers to a search. Their ratio is small enough that the best is not jumped over. */
const RUNGS: readonly number[] = [5, 10, 20, 35, 50, 75, 100, 140, 200];
const FIRST_RUNG = 3;
/** A larger batch may cost this many times the best time per manager: fewer searches are worth it. */
const TOLERANCE = 1.5;
/** Samples by which it is told whether the server is still what it was. */
const REMEMBERED = 31;
/** By noise alone, even where every third answer takes twice as long, their median is hardly ever so many times off. */
const CHANGED = 4;
const UNKNOWN = Number.POSITIVE_INFINITY;
/** Searches of the largest size allowed that must go well before a larger one is, after a limit of the server. */
const CALM = 4;

/**
 * Of a search, what it took (ms) for each manager, and for each manager and entry. The one is what stays the same where
 * the way to the server is what takes long, the other where it is the server.
 */
type Times = readonly [number, number];

/**
 * Finds by feedback how many managers to ask about in one search: servers differ by orders of magnitude, and latency
 * and a rate limit count as well. The largest size whose time per manager is within 1.5 × of the best seen.
 *
 * What is found is kept, or noise would drive it up and down for ever, until the time at that size shows that the server,
 * or the way to it, or what is asked for has become another: managers with many reports come early, leaves late.
 */
export class BatchSize {
  readonly #fixed: number | undefined;
  /** What a manager costs at the rungs tried, for one at the first. */
  #costs = new Map<number, number>();
  /** The largest rung that is good enough. */
  #rung = FIRST_RUNG;
  /** What is tried at present; undefined: it is settled. */
  #trial: Trial | undefined;
  /** Of the last searches since it was settled. */
  #recent: Times[] = [];
  /** The medians of the first of them. */
  #usual: Times | undefined;
  /** The largest rung that a limit of the server leaves. */
  #highest = RUNGS.length - 1;
  #calm = 0;

  /** @param fixed managers to a search, from 1 up; undefined: adapts */
  constructor(fixed?: number) {
    this.#fixed = fixed;
    this.#begin();
  }

  /** Managers to a search, at most. */
  get size(): number {
    const rung = this.#trial?.turn ?? this.#rung;
    return this.#fixed ?? (RUNGS[Math.min(rung, this.#highest)] as number);
  }

  /** A search for `managers` managers brought `entries` entries in `elapsedMs`, the wait for the limiter included. */
  observe(managers: number, entries: number, elapsedMs: number): void {
    // By the size that was asked for: several searches are in flight, and the size has changed since they began. A share
    // that was small for want of waiting branches tells nothing about any rung.
    const rung = RUNGS.indexOf(managers);
    if (this.#fixed !== undefined || rung < 0) return;
    this.#relax(managers);
    const times: Times = [elapsedMs / managers, elapsedMs / (managers + entries)];
    if (this.#trial !== undefined) this.#compare(this.#trial, rung, times);
    else if (rung === this.#rung) this.#watch(times);
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

  #begin(): void {
    this.#costs = new Map([[FIRST_RUNG, 1]]);
    this.#choose();
  }

  #compare(trial: Trial, rung: number, [, time]: Times): void {
    trial.observe(rung, time);
    const { ratio } = trial;
    if (ratio === undefined) return;
    this.#costs.set(trial.rung, ratio * this.#costOf(trial.rival));
    this.#choose();
  }

  /** The largest good rung, once it is known what lies beyond. Where size does harm, smaller ones are tried as well. */
  #choose(): void {
    const costs = RUNGS.map((_, rung) => this.#costOf(rung));
    const least = Math.min(...costs);
    const best = costs.indexOf(least);
    const good = costs.findLastIndex((cost) => cost <= least * TOLERANCE);
    const smallest = costs.findIndex((cost) => cost !== UNKNOWN);
    const harms = good < RUNGS.length - 1 && this.#costOf(smallest) <= least * TOLERANCE;
    this.#rung = good;
    const before = this.#trial;
    this.#trial = undefined;
    if (costs[good + 1] === UNKNOWN) this.#trial = new Trial(good + 1, best, TOLERANCE, before);
    // Whether it is so much better that what is good now no longer is.
    else if (harms && smallest > 0) {
      const factor = this.#costOf(good) / least / TOLERANCE;
      this.#trial = new Trial(smallest - 1, best, factor, before);
    }
    this.#recent = [];
    this.#usual = undefined;
  }

  #watch(times: Times): void {
    this.#recent.push(times);
    if (this.#recent.length < REMEMBERED) return;
    if (this.#recent.length > REMEMBERED) this.#recent.shift();
    const now = mediansOf(this.#recent);
    this.#usual ??= now;
    const [usual, usualWithEntries] = this.#usual;
    const changes = [now[0] / usual, now[1] / usualWithEntries];
    const isSlower = changes.every((change) => change > CHANGED);
    if (isSlower || changes.every((change) => change < 1 / CHANGED)) this.#begin();
  }

  #costOf(rung: number): number {
    return this.#costs.get(rung) ?? UNKNOWN;
  }
}

function mediansOf(recent: readonly Times[]): Times {
  return [median(recent.map(([each]) => each)), median(recent.map(([, each]) => each))];
}
