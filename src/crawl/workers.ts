import PQueue from 'p-queue';

/**
 * A bounded set of slots, each standing for one worker with its own connection. The queue never holds more jobs than
 * slots: what waits for a worker waits in the frontier, where a restart finds it again.
 */
export class Workers {
  readonly #queue: PQueue;
  readonly #free: number[];

  /** @param count slots, from 1 up */
  constructor(count: number) {
    this.#queue = new PQueue({ concurrency: count });
    this.#free = Array.from({ length: count }, (_, slot) => slot).reverse();
  }

  /** Slots that no job runs on or is queued for. */
  get idle(): number {
    return this.#free.length - this.#queue.size;
  }

  /** Jobs that were delegated and have not begun. */
  get queued(): number {
    return this.#queue.size;
  }

  /**
   * Runs the job on a slot of its own, of which one must be idle; then `after`, when the slot counts as idle again but
   * `finished` still waits: what it delegates is never too late. Neither may reject.
   */
  delegate(job: (slot: number) => Promise<void>, after?: () => Promise<void>): void {
    void this.#queue.add(async () => {
      const slot = this.#free.pop() as number;
      try {
        await job(slot);
      } finally {
        this.#free.push(slot);
      }
      await after?.();
    });
  }

  /** Resolves when no job runs or is queued. */
  async finished(): Promise<void> {
    await this.#queue.onIdle();
  }
}
