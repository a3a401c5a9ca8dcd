/** Whoever has something to be written, and waits for it. */
interface Waiting<T> {
  readonly item: T;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Group commit: what has come by the time that the event loop has read its sockets is written together, in the order in which
 * it came, and each learns of it when it is durable. Nobody's work is kept back for it: a worker that waits asks nothing more.
 */
export class GroupCommit<T> {
  readonly #sizeOf: (item: T) => number;
  readonly #most: number;
  readonly #write: (items: readonly T[]) => void;
  #waiting: Waiting<T>[] = [];

  /** @param most the sum of sizes from which on the rest waits for the next turn of the event loop */
  constructor(sizeOf: (item: T) => number, most: number, write: (items: readonly T[]) => void) {
    this.#sizeOf = sizeOf;
    this.#most = most;
    this.#write = write;
  }

  /** Rejects with what `write` throws; then nothing of its group was written. */
  add(item: T): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (this.#waiting.length === 1) this.#schedule();
    });
  }

  #schedule(): void {
    setImmediate(() => this.#writeGroup());
  }

  #writeGroup(): void {
    const group = this.#nextGroup();
    if (this.#waiting.length > 0) this.#schedule();
    try {
      this.#write(group.map(({ item }) => item));
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  #nextGroup(): readonly Waiting<T>[] {
    let size = 0;
    let count = 0;
    for (const { item } of this.#waiting) {
      if (size >= this.#most) break;
      size += this.#sizeOf(item);
      count += 1;
    }
    return this.#waiting.splice(0, Math.max(1, count));
  }
}
