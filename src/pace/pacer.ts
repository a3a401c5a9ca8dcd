import type { Clock, Pace } from '../domain/ports.ts';
import { systemClock } from './clock.ts';
import { Politeness, type Refusal } from './politeness.ts';
import { Spacer } from './spacer.ts';
import { LARGEST_WINDOW, SendWindow } from './window.ts';

export interface PacerOptions {
  /** Requests per second of all workers together, at most; 0 = no limit. */
  readonly rate: number;
  readonly clock?: Clock;
}

/** What the limiter did so far. */
export interface PaceLoad {
  /** Requests admitted. */
  readonly requests: number;
  /** Requests being held back now. */
  readonly waiting: number;
  /** Time during which at least one request was held back. */
  readonly throttledSeconds: number;
  /** Requests that the server was too busy for or did not answer in time. */
  readonly refused: number;
  /** The lowest rate (requests/s) that the server's refusals brought about; null where they never cut it. */
  readonly slowestRate: number | null;
}

interface Waiter {
  readonly admit: () => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * The one gate in front of every request of every worker, binds and retries included.
 *
 * Two rules in a row: bottleneck spaces the requests evenly, then a record of the last sends holds one back until the
 * R-th before it is a second old, whatever bottleneck, the wall clock or a blocked event loop did. First come, first served.
 */
export class Pacer implements Pace {
  readonly #clock: Clock;
  readonly #window = new SendWindow();
  readonly #politeness: Politeness;
  readonly #waiting = new Set<Waiter>();
  #rate = 0;
  #spacer: Spacer | undefined;
  #slots = 0;
  #passing = false;
  #nap = new AbortController();
  #closed = false;
  #requests = 0;
  #refused = 0;
  #throttledMs = 0;
  #throttledSince = 0;

  constructor(options: PacerOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#politeness = new Politeness(options.rate);
    this.setRate(options.rate);
  }

  /** Requests per second in force; 0 = no limit. */
  get rate(): number {
    return this.#rate;
  }

  /**
   * Resolves when one request may leave. The caller sends it at once, before anything else is awaited: the record
   * holds the moment of admission, so a request kept back counts in the wrong second.
   * Rejects with `signal.reason`, or with an AbortError when the pacer is closed; nothing is then counted.
   */
  async admit(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (this.#closed) throw closedError();
    if (this.#rate === 0) this.#count();
    else await this.#wait(signal);
  }

  /**
   * Changes the rate, also for those who wait already.
   * @param rate requests per second, fractions allowed; 0 = no limit
   * @throws RangeError for anything else
   */
  setRate(rate: number): void {
    if (!Number.isFinite(rate) || rate < 0) {
      throw new RangeError(`Expected a rate of 0 or more requests per second, got \`${rate}\``);
    }
    if (this.#closed || rate === this.#rate) return;
    this.#rate = rate;
    if (rate === 0) this.#lift();
    else this.#space(rate);
    this.#nap.abort();
  }

  served(): void {
    this.#adapt((now, sent) => this.#politeness.served(now, sent));
  }

  refused(why: Refusal): void {
    this.#refused++;
    this.#adapt((now, sent) => this.#politeness.refused(why, now, sent));
  }

  /** Live figures for progress and summary. */
  load(): PaceLoad {
    const waiting = this.#waiting.size;
    const current = waiting > 0 ? this.#clock.now() - this.#throttledSince : 0;
    const throttledSeconds = (this.#throttledMs + current) / 1000;
    const refused = this.#refused;
    const slowestRate = this.#politeness.slowest;
    return { requests: this.#requests, waiting, throttledSeconds, refused, slowestRate };
  }

  /** Refuses whoever waits and whoever comes later, and stops every timer. May be called again. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const waiter of this.#waiting) this.#refuse(waiter, closedError());
    this.#spacer?.close();
    this.#nap.abort();
  }

  #adapt(tell: (now: number, sent: () => number) => void): void {
    const before = this.#politeness.rate;
    const now = this.#clock.now();
    tell(now, () => this.#window.count(now));
    if (this.#politeness.rate !== before) this.setRate(this.#politeness.rate);
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { admit: resolve, refuse: reject };
    const abort = () => this.#refuse(waiter, signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    this.#enter(waiter);
    return promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  #enter(waiter: Waiter): void {
    if (this.#waiting.size === 0) this.#throttledSince = this.#clock.now();
    this.#waiting.add(waiter);
    this.#ask();
  }

  #leave(waiter: Waiter): void {
    const last = this.#waiting.delete(waiter) && this.#waiting.size === 0;
    if (last) this.#throttledMs += this.#clock.now() - this.#throttledSince;
  }

  #refuse(waiter: Waiter, reason: unknown): void {
    this.#leave(waiter);
    waiter.refuse(reason);
  }

  #ask(): void {
    this.#spacer?.want(this.#waiting.size - this.#slots);
  }

  #space(rate: number): void {
    if (this.#spacer) {
      this.#spacer.setRate(rate);
      return;
    }
    this.#spacer = new Spacer(rate, this.#clock, () => {
      this.#slots++;
      void this.#pass();
    });
    this.#ask();
  }

  #lift(): void {
    this.#spacer?.close();
    this.#spacer = undefined;
    this.#slots = 0;
    for (const waiter of this.#waiting) this.#send(waiter);
  }

  // One loop at a time: there is one nap to cancel, and whoever came first goes first.
  async #pass(): Promise<void> {
    if (this.#passing) return;
    this.#passing = true;
    for (let next = this.#next(); next; next = this.#next()) {
      const hold = this.#holdMs();
      if (hold > 0) await this.#sleep(hold);
      else this.#useSlot(next);
    }
    this.#passing = false;
  }

  // A slot that nobody waits for any more is dropped: kept, it would let two leave together later.
  #next(): Waiter | undefined {
    const [first] = this.#waiting;
    if (!first) this.#slots = 0;
    return this.#slots > 0 ? first : undefined;
  }

  #useSlot(waiter: Waiter): void {
    this.#slots--;
    this.#send(waiter);
    this.#ask();
  }

  #send(waiter: Waiter): void {
    this.#leave(waiter);
    this.#count();
    waiter.admit();
  }

  #count(): void {
    this.#requests++;
    this.#window.record(this.#clock.now());
  }

  #holdMs(): number {
    if (this.#rate === 0 || this.#rate > LARGEST_WINDOW) return 0;
    return this.#window.holdMs(this.#rate, this.#clock.now());
  }

  // Ended early by a new rate or by closing: whoever sleeps looks again.
  async #sleep(ms: number): Promise<void> {
    this.#nap = new AbortController();
    await this.#clock.sleep(ms, this.#nap.signal).catch(() => undefined);
  }
}

function closedError(): DOMException {
  return new DOMException('The limiter is closed', 'AbortError');
}
