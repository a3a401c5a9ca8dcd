const WINDOW_MS = 1000;

/** Serves at most so many requests in any one second. */
export class Capacity {
  readonly #perSecond: number;
  readonly #served: number[] = [];

  constructor(perSecond = Infinity) {
    this.#perSecond = perSecond;
  }

  /** Whether a request that comes now is served. */
  admits(now: number): boolean {
    if (this.#perSecond === Infinity) return true;
    while (this.#served.length > 0 && (this.#served[0] ?? 0) <= now - WINDOW_MS)
      this.#served.shift();
    if (this.#served.length >= this.#perSecond) return false;
    this.#served.push(now);
    return true;
  }
}
