/** A request that has come and is not answered yet. */
export class Operation {
  readonly id: number;
  readonly #controller = new AbortController();

  constructor(id: number) {
    this.id = id;
  }

  /** Aborts when the client gives the operation up or the connection is gone. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isAlive(): boolean {
    return !this.#controller.signal.aborted;
  }

  abandon(): void {
    this.#controller.abort();
  }
}
