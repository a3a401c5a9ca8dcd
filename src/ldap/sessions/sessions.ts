import { DirectoryError, SearchFailure } from '../../domain/errors.ts';
import {
  type ConnectOptions,
  type Credentials,
  LdapConnection,
  type SearchSpec,
} from '../connection/connection.ts';
import { ConnectionError } from '../connection/connection-error.ts';
import { credentialsError } from '../result-codes.ts';
import type { Answer, Wire } from '../wire.ts';
import { BindOrder } from './bind-order.ts';
import { type Server, Servers, type ServersPorts } from './servers.ts';

export interface SessionOptions {
  /** Tried in this order. */
  readonly urls: readonly string[];
  readonly credentials: Credentials;
  readonly connect: Omit<ConnectOptions, 'url' | 'signal'>;
}

/** Why the server that answers is not to be used; undefined: it is. */
export type Verify = (
  search: (spec: SearchSpec) => Promise<Answer>,
  url: string,
) => Promise<string | undefined>;

/** No server could be used, and each that answered holds something else than was wanted. */
export class StrangeServerError extends ConnectionError {}

/** One bound connection for each slot, opened when it is first needed and again after it died. */
export class Sessions {
  readonly servers: Servers;
  readonly #options: SessionOptions;
  readonly #wire: Wire;
  readonly #bySlot = new Map<number, LdapConnection>();
  readonly #numbers = new WeakMap<LdapConnection, number>();
  /** Closed by us: the server behind it is the same as before. */
  readonly #dropped = new WeakSet<LdapConnection>();
  readonly #order = new BindOrder();
  /** Whose end is known to the order of binds. */
  readonly #ended = new WeakSet<LdapConnection>();
  #verify: Verify | undefined;
  #wasBound = false;

  constructor(options: SessionOptions, wire: Wire, ports?: ServersPorts) {
    this.#options = options;
    this.#wire = wire;
    this.servers = new Servers(options.urls, ports);
  }

  /** From now on only servers that pass are used. @param passed the number of the one that need not be asked */
  accept(verify: Verify | undefined, passed?: number): void {
    this.#verify = verify;
    this.servers.distrustAll();
    if (passed !== undefined) this.servers.trust(passed);
  }

  /** Rejects with a `ConnectionError`, or with a `DirectoryError` where the credentials are refused. */
  async get(slot: number, signal: AbortSignal): Promise<LdapConnection> {
    const former = this.#bySlot.get(slot);
    if (former !== undefined) {
      if (!former.closed && !this.servers.isAway(this.numberOf(former))) return former;
      if (former.closed && !this.#dropped.has(former)) this.servers.doubt(this.numberOf(former));
      former.close();
      this.#wire.countReconnect();
    }
    const connection = await this.open(signal);
    this.#bySlot.set(slot, connection);
    return connection;
  }

  /** The slot's connection, where there is one. */
  live(slot: number): LdapConnection | undefined {
    const connection = this.#bySlot.get(slot);
    return connection?.closed === false ? connection : undefined;
  }

  /** The last connection that the slot had, closed or not. */
  latest(slot: number): LdapConnection | undefined {
    return this.#bySlot.get(slot);
  }

  /** The server at the other end. */
  numberOf(connection: LdapConnection): number {
    return this.#numbers.get(connection) ?? this.servers.first;
  }

  /** The server of the slot's last connection. */
  serverOf(slot: number): number {
    const connection = this.#bySlot.get(slot);
    return connection === undefined ? this.servers.first : this.numberOf(connection);
  }

  /** The server that the slot will ask next, unless it refuses. */
  nextServerOf(slot: number): number {
    const connection = this.live(slot);
    const number = connection === undefined ? this.servers.first : this.numberOf(connection);
    return this.servers.isAway(number) ? this.servers.first : number;
  }

  /** After an error: neither a cookie nor a connection is ever used again. */
  drop(slot: number): void {
    const connection = this.live(slot);
    if (connection === undefined) return;
    this.#dropped.add(connection);
    connection.close();
  }

  /** It let us in and does not serve: another comes first, and what is connected to it is not used. */
  giveUp(number: number, why: string): void {
    this.servers.leave(number);
    this.servers.doubt(number);
    this.servers.passOver(this.servers.at(number), why);
  }

  /**
   * A new bound connection that belongs to the caller. Rejects where no server can be used: with the last one's error,
   * a `StrangeServerError` only where there is no other.
   */
  async open(signal: AbortSignal): Promise<LdapConnection> {
    const turn = this.servers.inTurn();
    let failure: ConnectionError | undefined;
    for (const server of turn) {
      try {
        return await this.#openAt(server, signal);
      } catch (error) {
        if (!(error instanceof ConnectionError) || signal.aborted) throw error;
        const strange = error instanceof StrangeServerError;
        if (!strange || failure === undefined) failure = error;
        // Whoever has no server left gets the error itself.
        const isLast = server === turn.at(-1);
        this.servers.passOver(server, isLast && !strange ? undefined : reasonOf(error, server));
      }
    }
    throw failure;
  }

  async close(): Promise<void> {
    const closing = [...this.#bySlot.values()].map((connection) =>
      connection[Symbol.asyncDispose](),
    );
    this.#bySlot.clear();
    await Promise.all(closing);
  }

  async #openAt(server: Server, signal: AbortSignal): Promise<LdapConnection> {
    const { connect } = this.#options;
    const open = () => LdapConnection.open({ ...connect, url: server.url, signal });
    const connection = await (connect.startTls ? this.#wire.request(open, signal) : open());
    try {
      await this.#bind(connection, server, signal);
      if (!this.servers.isTrusted(server)) await this.#assertHeld(server, connection, signal);
      this.servers.serves(server);
      this.#numbers.set(connection, server.number);
      return connection;
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async #bind(connection: LdapConnection, { number }: Server, signal: AbortSignal): Promise<void> {
    // Nothing to send: a connection is anonymous until it binds (RFC 4513 §4).
    if (this.#options.credentials.kind === 'anonymous') return;
    this.#noticeEnded();
    await this.#order.inTurn(number, signal, () => this.#bindNow(connection, signal));
    this.#wasBound = true;
  }

  async #bindNow(connection: LdapConnection, signal: AbortSignal): Promise<void> {
    const { credentials, connect } = this.#options;
    const { code, diagnostic } = await this.#wire.request(
      () => {
        this.#order.throwIfRefused();
        return connection.bind(credentials, connect.connectTimeoutMs, signal);
      },
      signal,
      (result) => result.code,
    );
    if (code !== 0) throw this.#refusal(code, diagnostic);
  }

  /** The connection of any slot that has ended since the last bind makes the credentials doubtful. */
  #noticeEnded(): void {
    for (const connection of this.#bySlot.values()) {
      if (!connection.closed || this.#ended.has(connection)) continue;
      this.#ended.add(connection);
      this.#order.doubt();
    }
  }

  /** That it holds what the others hold, before anything of it is believed. */
  async #assertHeld(server: Server, connection: LdapConnection, signal: AbortSignal) {
    if (this.#verify === undefined) return;
    const limits = { idleTimeoutMs: this.#options.connect.connectTimeoutMs, signal };
    const search = (spec: SearchSpec) => this.#wire.collect(connection, spec, limits);
    const why = await this.#verify(search, server.url).catch((error: unknown) => {
      throw error instanceof SearchFailure ? unverified(error) : error;
    });
    if (why !== undefined) {
      const hint = 'Check --url: all servers of a crawl must hold the same directory.';
      throw new StrangeServerError('unreachable', `${server.place} is not used: ${why}`, { hint });
    }
    this.servers.trust(server.number);
  }

  #refusal(code: number, diagnostic: string): Error {
    const external = this.#options.credentials.kind === 'external';
    const error = credentialsError(code, diagnostic, { bound: this.#wasBound, external });
    if (error !== undefined) this.#order.refuse(error);
    return error ?? bindRefused(code);
  }
}

/** Busy, unavailable and the like: another server, or the same one later, may take it. */
function bindRefused(code: number): Error {
  return new ConnectionError('closed', `The directory refused the bind (${code})`, {
    resultCode: code,
  });
}

function unverified(cause: SearchFailure): ConnectionError {
  const { message, resultCode } = cause;
  const code = resultCode === null ? {} : { resultCode };
  return new ConnectionError('closed', message, { cause, ...code });
}

/** Without the place, which stands beside it. */
function reasonOf({ message }: ConnectionError, { place }: Server): string {
  return sentence(message.replace(`${place} is not used: `, '').replace(`: ${place}`, ''));
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
