import Bottleneck from 'bottleneck';
import type { Clock } from '../domain/ports.ts';

const SECOND_MS = 1000;
/** How far (ms) wall clock and monotonic clock may part. */
const MOST_APART_MS = 1000;

/**
 * Hands out slots that are `1 / rate` apart, by bottleneck.
 *
 * A bottleneck job is one slot and ends at once; nothing ever waits inside one. Jobs are handed to bottleneck a
 * few at a time, since it fixes the start of each when it takes it: a change of rate then takes hold within that few.
 * It reads the wall clock, which may be set: when that and the monotonic clock part, bottleneck is replaced.
 */
export class Spacer {
  readonly #clock: Clock;
  readonly #onSlot: () => void;
  #rate: number;
  #limiter: Bottleneck;
  #wallAhead: number;
  #asked = 0;
  #progressAt = 0;
  #watching = false;
  #nap = new AbortController();
  #closed = false;

  /** @param rate slots per second, above 0. @param onSlot called for each slot; must not throw. */
  constructor(rate: number, clock: Clock, onSlot: () => void) {
    this.#rate = rate;
    this.#clock = clock;
    this.#onSlot = onSlot;
    this.#limiter = newLimiter(rate);
    this.#wallAhead = this.#wallNow();
  }

  /** Sees to it that slots are under way for `count` waiting requests. Slots already under way are counted in. */
  want(count: number): void {
    const most = Math.min(count, this.#ahead());
    if (Math.abs(this.#wallNow() - this.#wallAhead) > MOST_APART_MS) this.#renew();
    while (this.#asked < most) this.#ask();
    if (this.#asked > 0 && !this.#watching) void this.#watch();
  }

  setRate(rate: number): void {
    this.#rate = rate;
    this.#limiter.updateSettings({ minTime: SECOND_MS / rate });
    this.#nap.abort();
  }

  /** No slot comes after this. */
  close(): void {
    this.#closed = true;
    this.#nap.abort();
    discard(this.#limiter);
  }

  // One job needs about 3 ms from submission to start, so above 100 a second several have to overlap.
  #ahead(): number {
    return Math.min(8, Math.ceil(this.#rate / 100));
  }

  #ask(): void {
    const limiter = this.#limiter;
    if (this.#asked === 0) this.#progressAt = this.#clock.now();
    this.#asked++;
    void limiter.schedule(async () => {
      if (limiter === this.#limiter && !this.#closed) this.#serve();
    });
  }

  #serve(): void {
    this.#asked--;
    this.#progressAt = this.#clock.now();
    this.#onSlot();
  }

  /** By how much (ms) the wall clock is ahead of the monotonic one. */
  #wallNow(): number {
    return Date.now() - this.#clock.now();
  }

  // A slot that is overdue by a second means that the clocks parted between asking for it and bottleneck's look at
  // them, or that the rate was raised from a crawl.
  async #watch(): Promise<void> {
    this.#watching = true;
    while (this.#asked > 0 && !this.#closed) {
      const dueAt = this.#progressAt + (2 * SECOND_MS) / this.#rate + SECOND_MS;
      const left = dueAt - this.#clock.now();
      if (left > 0) await this.#sleep(left);
      else this.#renew();
    }
    this.#watching = false;
  }

  #renew(): void {
    const count = this.#asked;
    discard(this.#limiter);
    this.#limiter = newLimiter(this.#rate);
    this.#wallAhead = this.#wallNow();
    this.#asked = 0;
    this.want(count);
  }

  // Ended early by a new rate or by closing: whoever sleeps looks again.
  async #sleep(ms: number): Promise<void> {
    this.#nap = new AbortController();
    await this.#clock.sleep(ms, this.#nap.signal).catch(() => undefined);
  }
}

function newLimiter(rate: number): Bottleneck {
  return new Bottleneck({ minTime: SECOND_MS / rate, rejectOnDrop: false });
}

// Clears its timers, which would keep the process alive. What it drops is nobody's: callers wait in the pacer.
// Its promise may never settle, when a job was just submitted.
function discard(limiter: Bottleneck): void {
  limiter.stop({ dropWaitingJobs: true }).catch(() => undefined);
}
