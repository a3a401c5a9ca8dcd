const SECOND_MS = 1000;

/** Added to the second, in ms: sends reach the wire, and the server's clock, with jitter that must not crowd its second. */
export const GUARD_MS = 5;

/** Rates above this (requests per second) are not held by a window: bottleneck starts no more than about 440 jobs a second. */
export const LARGEST_WINDOW = 400;

/**
 * The times of the last sends, so that no second holds more than the rate allows.
 *
 * It remembers through rate changes and silence: after a cut, the sends made at the former rate count
 * against the new one. Memory is fixed.
 */
export class SendWindow {
  readonly #times = new Float64Array(LARGEST_WINDOW).fill(Number.NEGATIVE_INFINITY);
  #next = 0;

  /**
   * How long to hold the next request back, in ms; 0 when it may leave at `now`. Ask again after the wait.
   * Below one request a second the window is one send long and as wide as the rate demands.
   * @param rate requests per second, above 0 and up to LARGEST_WINDOW
   * @param now ms on the monotonic clock
   */
  holdMs(rate: number, now: number): number {
    const size = Math.max(1, Math.floor(rate));
    const period = SECOND_MS / Math.min(1, rate) + GUARD_MS;
    const age = now - this.#nthBefore(size);
    // Whole milliseconds: a wait below the resolution of the clock would never end.
    return age >= period ? 0 : Math.ceil(period - age);
  }

  /** Notes a send at `now`. Calls come in the order of time. */
  record(now: number): void {
    this.#times[this.#next] = now;
    this.#next = (this.#next + 1) % LARGEST_WINDOW;
  }

  /** Sends in the second that ends at `now`; LARGEST_WINDOW where there were more. */
  count(now: number): number {
    let n = 0;
    while (n < LARGEST_WINDOW && now - this.#nthBefore(n + 1) < SECOND_MS) n += 1;
    return n;
  }

  #nthBefore(n: number): number {
    const index = (this.#next - n + LARGEST_WINDOW) % LARGEST_WINDOW;
    return this.#times[index] ?? Number.NEGATIVE_INFINITY;
  }
}
