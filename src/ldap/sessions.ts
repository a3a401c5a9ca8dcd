import { DirectoryError } from '../domain/errors.ts';
import { type ConnectOptions, type Credentials, LdapConnection } from './connection/connection.ts';
import { ConnectionError } from './connection/connection-error.ts';
import { credentialsError } from './result-codes.ts';
import type { Wire } from './wire.ts';

export interface SessionOptions {
  /** Tried in this order. */
  readonly urls: readonly string[];
  readonly credentials: Credentials;
  readonly connect: Omit<ConnectOptions, 'url' | 'signal'>;
}

/** One bound connection for each slot, opened when it is first needed and again after it died. */
export class Sessions {
  readonly #options: SessionOptions;
  readonly #wire: Wire;
  readonly #bySlot = new Map<number, LdapConnection>();
  #wasBound = false;

  constructor(options: SessionOptions, wire: Wire) {
    this.#options = options;
    this.#wire = wire;
  }

  /** Rejects with a `ConnectionError`, or with a `DirectoryError` where the credentials are refused. */
  async get(slot: number, signal: AbortSignal): Promise<LdapConnection> {
    const former = this.#bySlot.get(slot);
    if (former !== undefined && !former.closed) return former;
    if (former !== undefined) this.#wire.countReconnect();
    const connection = await this.open(signal);
    this.#bySlot.set(slot, connection);
    return connection;
  }

  /** The slot's connection, where there is one. */
  live(slot: number): LdapConnection | undefined {
    const connection = this.#bySlot.get(slot);
    return connection?.closed === false ? connection : undefined;
  }

  /** After an error: neither a cookie nor a connection is ever used again. */
  drop(slot: number): void {
    this.#bySlot.get(slot)?.close();
  }

  /** A new bound connection that belongs to the caller. Rejects with the last server's error. */
  async open(signal: AbortSignal): Promise<LdapConnection> {
    let error: unknown;
    for (const url of this.#options.urls) {
      try {
        return await this.#openAt(url, signal);
      } catch (cause) {
        if (!(cause instanceof ConnectionError) || signal.aborted) throw cause;
        error = cause;
      }
    }
    throw error;
  }

  async close(): Promise<void> {
    const closing = [...this.#bySlot.values()].map((connection) =>
      connection[Symbol.asyncDispose](),
    );
    this.#bySlot.clear();
    await Promise.all(closing);
  }

  async #openAt(url: string, signal: AbortSignal): Promise<LdapConnection> {
    const { connect } = this.#options;
    const open = () => LdapConnection.open({ ...connect, url, signal });
    const connection = await (connect.startTls ? this.#wire.request(open, signal) : open());
    try {
      await this.#bind(connection, signal);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #bind(connection: LdapConnection, signal: AbortSignal): Promise<void> {
    const { credentials, connect } = this.#options;
    // Nothing to send: a connection is anonymous until it binds (RFC 4513 §4).
    if (credentials.kind === 'anonymous') return;
    const { code, diagnostic } = await this.#wire.request(
      () => connection.bind(credentials, connect.connectTimeoutMs, signal),
      signal,
      (result) => result.code,
    );
    if (code !== 0) throw this.#refusal(code, diagnostic);
    this.#wasBound = true;
  }

  #refusal(code: number, diagnostic: string): Error {
    return credentialsError(code, diagnostic, { bound: this.#wasBound }) ?? bindRefused(code);
  }
}

/** Busy, unavailable and the like: another server, or the same one later, may take it. */
function bindRefused(code: number): Error {
  return new ConnectionError('closed', `The directory refused the bind (${code})`, {
    resultCode: code,
  });
}

/** What a connection that cannot be made means at the start of a crawl. */
export function unreachable(error: ConnectionError): DirectoryError {
  const code =
    error.kind === 'tls' ? 'tls' : error.kind === 'not-ldap' ? 'not-ldap' : 'unreachable';
  return new DirectoryError(code, sentence(error.message), sentence(error.hint), { cause: error });
}

/** As our two-line errors are written: no capital, no full stop. */
function sentence(text: string): string {
  return text.replace(/^[A-Z](?![A-Z])/, (letter) => letter.toLowerCase()).replace(/\.$/, '');
}
