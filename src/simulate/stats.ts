const TIMES_KEPT = 100_000;

/** What the server has seen since it began. */
export interface SimulatedStats {
  readonly connections: number;
  readonly openConnections: number;
  /** Requests other than abandon and unbind. */
  readonly requests: number;
  readonly binds: number;
  /** Search requests, pages and rootDSE included. */
  readonly searches: number;
  /** Answers to searches that carried a paged results control. */
  readonly pages: number;
  readonly entries: number;
  readonly abandons: number;
  readonly inFlight: number;
  readonly maxInFlight: number;
  /** When the last 100,000 requests other than abandon and unbind arrived: the server's clock, in order. */
  requestTimes(): readonly number[];
}

export class ServerStats implements SimulatedStats {
  connections = 0;
  openConnections = 0;
  requests = 0;
  binds = 0;
  searches = 0;
  pages = 0;
  entries = 0;
  abandons = 0;
  inFlight = 0;
  maxInFlight = 0;
  readonly #times: number[] = [];

  arrive(now: number): void {
    this.#times[this.requests % TIMES_KEPT] = now;
    this.requests++;
    this.inFlight++;
    this.maxInFlight = Math.max(this.maxInFlight, this.inFlight);
  }

  leave(): void {
    this.inFlight--;
  }

  requestTimes(): readonly number[] {
    if (this.requests <= TIMES_KEPT) return [...this.#times];
    const oldest = this.requests % TIMES_KEPT;
    return [...this.#times.slice(oldest), ...this.#times.slice(0, oldest)];
  }
}
