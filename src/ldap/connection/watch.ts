import { ConnectionError } from './connection-error.ts';

/** The longest delay of a Node timer; beyond it a timer fires at once. */
const MAX_DELAY_MS = 2_147_483_647;

export interface WatchLimits {
  /** Without progress, in ms. */
  readonly idleTimeoutMs?: number | undefined;
  /** From the start, in ms. */
  readonly totalTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Ends an operation that is silent for too long, takes too long, or is called off. Node's timers run
 * on the monotonic clock.
 *
 * After the event loop was blocked (a long database transaction) timers fire before the socket is
 * read: an expired deadline counts only if that reading brings nothing either.
 */
export class Watch {
  readonly #onStop: (error: ConnectionError) => void;
  readonly #idle: NodeJS.Timeout | undefined;
  readonly #total: NodeJS.Timeout | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = (): void => this.#end(aborted(this.#signal));
  #verdict: NodeJS.Immediate | undefined;
  #touches = 0;

  /** @throws {RangeError} a limit that is not a positive number */
  constructor(limits: WatchLimits, onStop: (error: ConnectionError) => void) {
    const idleMs = delay('idleTimeoutMs', limits.idleTimeoutMs);
    const totalMs = delay('totalTimeoutMs', limits.totalTimeoutMs);
    this.#onStop = onStop;
    if (idleMs !== undefined) this.#idle = setTimeout(() => this.#judgeSilence(idleMs), idleMs);
    if (totalMs !== undefined) this.#total = setTimeout(() => this.#judgeTotal(totalMs), totalMs);
    this.#signal = limits.signal;
    this.#signal?.addEventListener('abort', this.#abort, { once: true });
  }

  /** Progress was made. */
  touch(): void {
    this.#touches += 1;
    this.#idle?.refresh();
  }

  stop(): void {
    clearTimeout(this.#idle);
    clearTimeout(this.#total);
    clearImmediate(this.#verdict);
    this.#signal?.removeEventListener('abort', this.#abort);
  }

  #judgeSilence(ms: number): void {
    const before = this.#touches;
    this.#verdict = setImmediate(() => {
      if (this.#touches === before) this.#end(timeout(`No answer within ${ms} ms`));
    });
  }

  #judgeTotal(ms: number): void {
    this.#verdict = setImmediate(() => this.#end(timeout(`Not finished within ${ms} ms`)));
  }

  #end(error: ConnectionError): void {
    this.stop();
    this.#onStop(error);
  }
}

/** The error of an operation that its `AbortSignal` called off. */
export function aborted(signal: AbortSignal | undefined): ConnectionError {
  return new ConnectionError('aborted', 'The operation was called off', { cause: signal?.reason });
}

function timeout(message: string): ConnectionError {
  return new ConnectionError('timeout', message);
}

function delay(name: string, ms: number | undefined): number | undefined {
  if (ms === undefined) return undefined;
  if (ms > 0) return Math.min(ms, MAX_DELAY_MS);
  throw new RangeError(`Expected \`${name}\` to be a number of ms above 0, got ${ms}`);
}
