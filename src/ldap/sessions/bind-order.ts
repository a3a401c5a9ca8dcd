import { ConnectionError } from '../connection/connection-error.ts';

/** How a bind that went alone ended, and at which server. */
interface Outcome {
  readonly server: number;
  /** Undefined where it succeeded. */
  readonly error?: unknown;
}

/**
 * Who may send a bind now. A password that was changed while the crawl runs would be refused to every worker at once, and
 * a few refusals lock the account: while nobody knows whether the credentials still hold, one bind goes alone and the
 * others wait for its outcome. At whichever server: the account is the same.
 */
export class BindOrder {
  #holds = false;
  #alone: Promise<Outcome> | undefined;
  #refusal: { readonly error: unknown } | undefined;

  /** A connection has ended: the next bind goes alone. */
  doubt(): void {
    this.#holds = false;
  }

  /** The credentials were refused: no bind is ever sent again, and all reject with `error`. */
  refuse(error: unknown): void {
    this.#refusal ??= { error };
  }

  /** To be called right before a bind leaves: it may have been held back since it was its turn. */
  throwIfRefused(): void {
    if (this.#refusal !== undefined) throw this.#refusal.error;
  }

  /**
   * Calls `bind` when it is its turn. Where the one before it failed without a refusal, the next goes alone.
   * @throws what `bind` throws; the reason of `signal`, which ends the wait of this one only
   */
  async inTurn(server: number, signal: AbortSignal, bind: () => Promise<void>): Promise<void> {
    for (let alone = this.#alone; alone !== undefined; alone = this.#alone) {
      const outcome = await unlessAborted(alone, signal);
      this.throwIfRefused();
      // Also where a connection has ended since: servers that cut each of them would have us bind one by one.
      if (outcome.error === undefined) return bind();
      if (isSharedBy(server, outcome)) throw outcome.error;
    }
    this.throwIfRefused();
    return this.#holds ? bind() : this.#goAlone(server, bind);
  }

  async #goAlone(server: number, bind: () => Promise<void>): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#alone = promise;
    let outcome: Outcome = { server };
    try {
      await bind();
      this.#holds = true;
    } catch (error) {
      outcome = { server, error };
      throw error;
    } finally {
      this.#alone = undefined;
      resolve(outcome);
    }
  }
}

/** A silent server is silent to all: each waiting its time-out in turn would take hours. */
function isSharedBy(server: number, { server: asked, error }: Outcome): boolean {
  return asked === server && error instanceof ConnectionError && error.kind === 'timeout';
}

async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
