import type { Directory, Pace } from '../domain/ports.ts';

export interface SharesPorts {
  readonly pace: Pick<Pace, 'rate'>;
  readonly directory: Pick<Directory, 'latencyMs'>;
}

/** How the work is divided: among all workers, or, where the rate is the limit, into as few searches as it takes. */
export class Shares {
  readonly #workers: number;
  readonly #ports: SharesPorts;

  /** @param workers from 1 up */
  constructor(workers: number, ports: SharesPorts) {
    this.#workers = workers;
    this.#ports = ports;
  }

  /**
   * Workers that may be at work at once. Where the rate is the limit, as many as have a request under way, and one whose
   * request is the next to leave: any more would take their shares long before they can ask, while they are still small.
   */
  get lanes(): number {
    return Math.min(this.#workers, Math.ceil(this.#underWay) + 1);
  }

  /** Branches for one search where `waiting` of them wait. @param most from 1 up */
  of(waiting: number, most: number): number {
    const among = this.#underWay < this.#workers ? 1 : this.#workers;
    return Math.max(1, Math.min(Math.ceil(waiting / among), most));
  }

  /** Requests that the rate lets be under way together (Little's law); infinite where nothing is known to hold them back. */
  get #underWay(): number {
    const { rate } = this.#ports.pace;
    const { latencyMs } = this.#ports.directory;
    if (rate === 0 || latencyMs === 0) return Number.POSITIVE_INFINITY;
    return (rate * latencyMs) / 1_000;
  }
}
