import type { Socket } from 'node:net';
import { placeOf, requireLdapUrl } from '../../domain/ldap-url.ts';
import { BerError } from '../messages/ber.ts';
import type { RawEntry } from '../messages/entry.ts';
import { MessageFramer } from '../messages/framing.ts';
import { Layout } from '../messages/layout.ts';
import {
  decodeMessage,
  decodeResponseName,
  decodeResult,
  type LdapResult,
  type Message,
  NOTICE_OF_DISCONNECTION_OID,
  Response,
} from '../messages/message.ts';
import {
  abandonRequest,
  bindRequest,
  type Credentials,
  type SearchSpec,
  searchRequest,
  unbindRequest,
} from '../messages/requests.ts';
import { ConnectionError, fromSocketError } from './connection-error.ts';
import { type DialOptions, dial } from './dial.ts';
import { type SearchEnd, SearchReceiver } from './search-receiver.ts';
import { type ServerSeen, serverSeen } from './server-seen.ts';
import { disconnected } from './tls.ts';
import { aborted, Watch, type WatchLimits } from './watch.ts';

export type { LdapResult } from '../messages/message.ts';
export type { Credentials, SearchSpec } from '../messages/requests.ts';
export type { SearchEnd } from './search-receiver.ts';
export type { ServerSeen } from './server-seen.ts';
export type { TlsOptions } from './tls.ts';

export interface ConnectOptions extends DialOptions {
  /** The largest single message accepted, 16 MiB unless given. */
  readonly maxMessageBytes?: number;
}

export interface SearchLimits {
  /** How long not a byte may arrive, in ms above 0. A slow link is not idle. */
  readonly idleTimeoutMs: number;
  /** For the whole search, in ms above 0. The only bound on a server that trickles for ever. */
  readonly totalTimeoutMs?: number;
  /** The most bytes of answers accepted. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/** The connection had died before the request could leave: nobody has seen it, and nothing follows from it. */
export class NotSentError extends ConnectionError {
  constructor({ kind, message, hint, resultCode, cause }: ConnectionError) {
    super(kind, message, { hint, cause, ...(resultCode === undefined ? {} : { resultCode }) });
  }
}

/** What was sent and is not answered yet. There is one at most. */
interface Operation {
  readonly id: number;
  /** Returns true with the last answer. */
  receive(message: Message): boolean;
  touch(): void;
  fail(error: unknown): void;
}

const MAX_MESSAGE_ID = 2_147_483_647;
/** How long `close` waits for its last bytes to leave before it cuts the connection. */
const LINGER_MS = 1_000;

/**
 * One LDAP connection over one socket, with one operation at a time. It dies with its socket and
 * never reconnects: a connection made again would be anonymous, and an anonymous search may answer
 * success with nothing.
 */
export class LdapConnection implements AsyncDisposable {
  /** Who answers, by which certificate. */
  readonly server: ServerSeen;
  readonly #socket: Socket;
  readonly #where: string;
  readonly #framer: MessageFramer;
  readonly #layout = new Layout();
  readonly #over = Promise.withResolvers<void>();
  #operation: Operation | undefined;
  #lastId = 0;
  #closedReason: ConnectionError | undefined;
  /** Whether the server has sent anything yet. */
  #heard = false;
  readonly #likelyReason: string | undefined;

  private constructor(socket: Socket, options: ConnectOptions) {
    this.#where = placeOf(requireLdapUrl(options.url));
    this.#socket = socket;
    this.server = serverSeen(options.url, socket);
    this.#likelyReason = whyHungUp(options, this.server);
    this.#framer = new MessageFramer(options.maxMessageBytes);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', (error) => {
      this.#die(this.#hinted(fromSocketError(error, 'session', this.#where)));
    });
    socket.on('end', () => this.#die(this.#closedByServer()));
    socket.on('close', () => this.#onClose());
    if (socket.closed) this.#onClose();
  }

  /**
   * Connects, with TLS or StartTLS where asked for. No bind is sent: until `bind` succeeds the
   * connection is anonymous.
   * @throws {ConnectionError}
   * @throws {TypeError} the URL is none, or asks for both ldaps and StartTLS
   */
  static async open(options: ConnectOptions): Promise<LdapConnection> {
    return new LdapConnection(await dial(options), options);
  }

  get closed(): boolean {
    return this.#closedReason !== undefined;
  }

  get closedReason(): ConnectionError | undefined {
    return this.#closedReason;
  }

  /**
   * Resolves with the result whatever its code. With any code but 0 the connection is closed, since
   * what is asked on it after that would be asked anonymously.
   * @param timeoutMs for the whole bind, above 0
   * @throws {TypeError} an empty password or DN in a simple bind; nothing is sent
   * @throws {ConnectionError}
   */
  async bind(
    credentials: Credentials,
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<LdapResult> {
    const result = await this.#exchange<LdapResult>(
      { totalTimeoutMs: timeoutMs, signal },
      (id) => bindRequest(id, credentials),
      receiveBind,
    );
    if (result.code !== 0) this.#leave(bindRefused(result.code));
    return result;
  }

  /**
   * Resolves for every result code, and what arrived before it has gone to `onEntry` then. What
   * `onEntry` throws rejects the search and closes the connection, as do deadline, abort and the cap
   * on bytes: the request is abandoned first. (RFC 4511 §4.11 lets answers to it arrive all the
   * same, so the connection is not used again.)
   * @throws {ConnectionError} `NotSentError` where the connection was dead before
   * @throws {TypeError | RangeError} the request cannot be encoded; nothing is sent
   */
  async search(
    spec: SearchSpec,
    limits: SearchLimits,
    onEntry: (entry: RawEntry) => void,
  ): Promise<SearchEnd> {
    const receiver = new SearchReceiver(this.#layout, limits.maxBytes, onEntry);
    return await this.#exchange(
      limits,
      (id) => searchRequest(id, spec),
      (message) => receiver.receive(message),
    );
  }

  /** Unbinds and closes. Rejects what is outstanding. Safe to call again. */
  close(): void {
    this.#leave(new ConnectionError('closed', 'The connection was closed by this program'));
  }

  /** Closes, and waits until the socket is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
    await this.#over.promise;
  }

  async #exchange<T>(
    limits: WatchLimits,
    encode: (id: number) => Buffer,
    receive: (message: Message) => T | undefined,
  ): Promise<T> {
    this.#assertReady(limits.signal);
    const id = this.#nextId();
    const request = encode(id);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const watch = new Watch(limits, (error) => this.#leave(this.#inContext(error)));
    this.#operation = {
      id,
      touch: () => watch.touch(),
      fail: reject,
      receive: (message) => {
        const outcome = receive(message);
        if (outcome !== undefined) resolve(outcome);
        return outcome !== undefined;
      },
    };
    this.#socket.write(request);
    return await promise.finally(() => watch.stop());
  }

  #assertReady(signal: AbortSignal | undefined): void {
    if (this.#closedReason !== undefined) throw new NotSentError(this.#closedReason);
    if (this.#operation !== undefined) {
      throw new Error('The connection is busy: one operation at a time');
    }
    if (signal?.aborted === true) throw aborted(signal);
  }

  #nextId(): number {
    this.#lastId = this.#lastId === MAX_MESSAGE_ID ? 1 : this.#lastId + 1;
    return this.#lastId;
  }

  #onClose(): void {
    this.#die(this.#closedByServer());
    this.#over.resolve();
  }

  #onData(chunk: Buffer): void {
    if (this.closed) return;
    this.#heard = true;
    try {
      if (this.#framer.push(chunk)) release(chunk);
      for (let next = this.#framer.next(); next !== undefined; next = this.#framer.next()) {
        this.#dispatch(decodeMessage(next.buffer, next.start, next.end));
      }
      if (this.#framer.pendingBytes > 0) this.#operation?.touch();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What nobody asked for is passed over, and does not count as a sign of life of a search. */
  #dispatch(message: Message): void {
    const operation = this.#operation;
    if (message.id === 0) this.#unsolicited(message);
    if (operation === undefined || message.id !== operation.id) return;
    operation.touch();
    if (message.tag === Response.intermediate) return;
    if (operation.receive(message)) this.#operation = undefined;
  }

  #unsolicited(message: Message): void {
    if (message.tag !== Response.extended) return;
    const { code } = decodeResult(message);
    if (decodeResponseName(message) === NOTICE_OF_DISCONNECTION_OID) this.#die(disconnected(code));
  }

  /** A cap that was passed, malformed bytes, or what `onEntry` threw. */
  #fail(error: unknown): void {
    if (error instanceof BerError) this.#die(malformed(error));
    else if (!(error instanceof ConnectionError)) this.#leave(abandoned(error), error);
    else if (error.kind === 'too-large') this.#leave(error);
    else this.#die(error);
  }

  /** Ends politely: the server is told, then the socket is closed when that has left. */
  #leave(reason: ConnectionError, error: unknown = reason): void {
    if (this.closed) return;
    const outstanding = this.#operation?.id;
    if (outstanding !== undefined) this.#socket.write(abandonRequest(this.#nextId(), outstanding));
    this.#socket.write(unbindRequest(this.#nextId()));
    this.#settle(reason, error);
    this.#socket.destroySoon();
    const cut = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.once('close', () => clearTimeout(cut));
  }

  #inContext(error: ConnectionError): ConnectionError {
    if (error.kind !== 'timeout') return error;
    return new ConnectionError('timeout', `${error.message}: ${this.#where}`);
  }

  #closedByServer(): ConnectionError {
    const message = `The server closed the connection: ${this.#where}`;
    return this.#hinted(new ConnectionError('closed', message));
  }

  /** A server that hangs up without a word tells by that what it thinks of us. */
  #hinted(error: ConnectionError): ConnectionError {
    const { kind, message, cause } = error;
    const hungUp = !this.#heard && (kind === 'closed' || kind === 'reset');
    const hint = hungUp ? this.#likelyReason : undefined;
    return hint === undefined ? error : new ConnectionError(kind, message, { cause, hint });
  }

  #die(reason: ConnectionError): void {
    if (this.closed) return;
    this.#settle(reason, reason);
    this.#socket.destroy();
  }

  #settle(reason: ConnectionError, error: unknown): void {
    this.#closedReason = reason;
    const operation = this.#operation;
    this.#operation = undefined;
    operation?.fail(error);
  }
}

/** At once: of long messages, chunks would otherwise pile up as garbage faster than V8, which counts them little, collects it. */
function release({ buffer, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
}

function receiveBind(message: Message): LdapResult {
  if (message.tag === Response.bind) return decodeResult(message);
  throw new ConnectionError('protocol', 'The server answered a bind with something else');
}

function bindRefused(resultCode: number): ConnectionError {
  const message = `The bind on this connection was refused (result code ${resultCode})`;
  return new ConnectionError('closed', message, { resultCode });
}

/** Of TLS 1.3 the handshake is over for us before the server has seen our certificate (RFC 8446 §4.4.2). */
function whyHungUp({ tls }: ConnectOptions, server: ServerSeen): string | undefined {
  if (server.tls === null) {
    return 'If the port speaks TLS, use ldaps:// for it; else the log of the server may tell why.';
  }
  return tls?.cert === undefined
    ? 'Connect again; if it recurs, the server may want a client certificate (--cert-file, --key-file): its log tells.'
    : 'Check --cert-file: the server may not trust who issued it; its log tells.';
}

function malformed(cause: BerError): ConnectionError {
  return new ConnectionError('protocol', 'The server sent a malformed message', { cause });
}

function abandoned(cause: unknown): ConnectionError {
  return new ConnectionError('aborted', 'The search was abandoned by this program', { cause });
}
