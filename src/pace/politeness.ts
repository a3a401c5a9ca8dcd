import { LARGEST_WINDOW } from './window.ts';

/** Why the rate gives way: the server said that it is busy, or it said nothing in time. */
export type Refusal = 'busy' | 'silent';

/** What is left of the rate after a refusal. */
const CUT = 0.7;
/** At most one cut in so long, and no rise for so long after it: answers to what left before it tell nothing of it. */
const CUTS_APART_MS = 1_000;
/** The rate rises in steps, this far apart: each resets timers of the limiter. */
const STEP_MS = 250;
/** A pause of the answers proves nothing: no step counts for longer than this. */
const LONGEST_STEP_MS = 1_000;
/** How close to the rate at which the server refused it is safe to return at once. */
const SAFE = 0.9;
/** Share of that rate by which it rises each second, up to there … */
const RECOVERY = 0.2;
/** … and from there on. */
const PROBING = 0.01;
/** Once that rate has proved to be borne, the rise grows each second by this share of what is above it. */
const ACCELERATION = 0.5;
/** Share of the configured rate by which it rises each second, at most. */
const FASTEST = 0.02;
/** A first refusal does not tell that the server bears less than this (requests/s): a crawl that just began sends few. */
const LEAST_OBSERVED = 10;
/** Requests per second that are always allowed. */
const LEAST = 1;

/**
 * How fast the directory may be asked: less when it refuses, more again while it serves. It remembers the rate at
 * which it refused last, goes back to just below it, and then feels its way up: few requests are refused, and little of
 * what the server can do is left unused.
 *
 * Pure: it is told the time (ms, monotonic), and asks how many requests left in the last second where it matters.
 */
export class Politeness {
  readonly #configured: number;
  readonly #top: number;
  #rate: number;
  #ceiling = 0;
  #cutAt = Number.NEGATIVE_INFINITY;
  #steppedAt = Number.NEGATIVE_INFINITY;
  #servedSinceCut = true;
  #slowest: number | null = null;

  /** @param configured requests per second, never exceeded; 0 = no limit */
  constructor(configured: number) {
    this.#configured = configured;
    // Beyond the largest window a limit would hold nobody back: that is as good as none.
    this.#top = configured === 0 ? LARGEST_WINDOW : configured;
    this.#rate = configured;
  }

  /** Requests per second in force; 0 = no limit. */
  get rate(): number {
    return this.#rate;
  }

  /** The lowest rate that was in force; null where it was never cut. */
  get slowest(): number | null {
    return this.#slowest;
  }

  /** A server that serves nobody tells nothing of how much would be too much: it is cut once, not ever more. */
  refused(why: Refusal, now: number, sent: () => number): void {
    if (now - this.#cutAt < CUTS_APART_MS || !this.#servedSinceCut) return;
    const inForce = this.#rate === 0 ? this.#top : this.#rate;
    // What fell silent was sent long ago: what leaves now is not to blame.
    const observed = why === 'busy' ? Math.max(sent(), LEAST_OBSERVED) : inForce;
    this.#ceiling = Math.min(inForce, observed);
    this.#rate = Math.max(this.#ceiling * CUT, Math.min(LEAST, this.#top));
    this.#slowest = Math.min(this.#rate, this.#slowest ?? this.#rate);
    this.#cutAt = now;
    this.#steppedAt = now;
    this.#servedSinceCut = false;
  }

  /** Only what is served raises the rate: it never rises in an outage. */
  served(now: number, sent: () => number): void {
    this.#servedSinceCut = true;
    if (this.#rate === this.#configured || now - this.#cutAt < CUTS_APART_MS) return;
    const elapsedMs = now - this.#steppedAt;
    if (elapsedMs < STEP_MS) return;
    this.#steppedAt = now;
    this.#raise(Math.min(elapsedMs, LONGEST_STEP_MS) / 1_000, sent);
  }

  #raise(seconds: number, sent: () => number): void {
    const safe = this.#ceiling * SAFE;
    if (this.#isCeilingKnown && this.#rate >= safe) {
      // A rate that nobody makes use of is not proved to be borne.
      if (sent() + 1 >= this.#rate / 2) this.#set(this.#rate + this.#probing() * seconds);
      return;
    }
    const raised = this.#rate + this.#ceiling * RECOVERY * seconds;
    this.#set(this.#isCeilingKnown ? Math.min(raised, safe) : raised);
  }

  /** Without a limit, what the server bears may be beyond what can be observed here. */
  get #isCeilingKnown(): boolean {
    return this.#configured !== 0 || this.#ceiling < this.#top;
  }

  #probing(): number {
    const above = this.#rate - this.#ceiling;
    const wanted = Math.max(this.#ceiling * PROBING, above * ACCELERATION);
    return Math.min(wanted, this.#top * FASTEST);
  }

  #set(rate: number): void {
    this.#rate = rate < this.#top ? rate : this.#configured;
  }
}
