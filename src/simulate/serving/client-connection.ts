import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import {
  ANSWER_TAG,
  CODE,
  type Extras,
  type Result,
  writeNoticeOfDisconnection,
  writeResult,
} from '../protocol/answers.ts';
import { MalformedMessage } from '../protocol/ber-decoder.ts';
import { BerEncoder } from '../protocol/ber-encoder.ts';
import { assertionsOf } from '../protocol/filter.ts';
import { MessageQueue } from '../protocol/message-queue.ts';
import {
  type BindRequest,
  type Request,
  type RequestMessage,
  readMessage,
  type SearchRequest,
  START_TLS,
  WHO_AM_I,
} from '../protocol/requests.ts';
import { dnKey } from '../search/dn-key.ts';
import { observed } from '../search/observed-search.ts';
import { PagedSearches } from '../search/paged-searches.ts';
import { SearchService } from '../search/search-service.ts';
import type { Effects, FaultRequest } from './effects.ts';
import { Identity } from './identity.ts';
import { Operation } from './operation.ts';
import { Outlet } from './outlet.ts';
import type { ServerState } from './server-state.ts';

const LARGEST_REQUEST_BYTES = 4 * 1024 * 1024;
/** OpenLDAP closes a connection with more requests pending than this. */
const MOST_PENDING = 1000;

type Answerable = Exclude<Request, { readonly kind: 'unbind' | 'abandon' }>;

/** One client: takes its requests apart and answers them, several at a time if it pipelines. */
export class ClientConnection {
  readonly #state: ServerState;
  readonly #number: number;
  readonly #raw: Socket;
  readonly #gone = new AbortController();
  readonly #outlet: Outlet;
  readonly #queue = new MessageQueue(LARGEST_REQUEST_BYTES);
  readonly #operations = new Set<Operation>();
  readonly #paged: PagedSearches;
  readonly #searches: SearchService;
  #secure: TLSSocket | undefined;
  readonly #identity: Identity;
  #isSilent = false;

  constructor(socket: Socket, state: ServerState) {
    this.#state = state;
    this.#raw = socket;
    this.#number = ++state.stats.connections;
    state.stats.openConnections++;
    this.#outlet = new Outlet(socket, state.clock, this.#gone.signal);
    this.#identity = new Identity(state.options);
    this.#paged = new PagedSearches(() => state.issueCookie());
    this.#searches = new SearchService(state, this.#outlet, this.#paged);
    socket.setNoDelay(true);
    socket.once('close', () => this.#closed());
    this.#listenTo(socket);
    this.#open();
  }

  /** Ends the connection without another word. */
  destroy(): void {
    this.#secure?.destroy();
    this.#raw.destroy();
  }

  #open(): void {
    const effects = this.#state.effectsOn({ kind: 'connect', connection: this.#number });
    if (effects.transport) this.#outlet.shape(effects.transport);
    if (effects.garbageBytes) void this.#outlet.send(randomBytes(effects.garbageBytes));
    if (effects.hangUp !== undefined) void this.#hangUp(effects);
    else if (this.#state.options.tls?.implicit) this.#startTls();
  }

  #listenTo(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // A client that goes away in mid-answer is an everyday matter; 'close' follows.
    socket.on('error', () => undefined);
  }

  #closed(): void {
    this.#gone.abort();
    this.#secure?.destroy();
    for (const operation of this.#operations) operation.abandon();
    this.#state.stats.openConnections--;
  }

  #receive(chunk: Buffer): void {
    if (this.#isSilent || !this.#outlet.isOpen) return;
    this.#queue.push(chunk);
    try {
      for (let bytes = this.#queue.next(); bytes; bytes = this.#queue.next()) {
        this.#accept(readMessage(bytes));
        if (this.#isSilent || !this.#outlet.isOpen) return;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Not LDAP, or not as it should be: RFC 4511 §4.1.1 says to tell and to close. */
  #fail(error: unknown): void {
    if (!(error instanceof MalformedMessage)) throw error;
    void this.#notify(CODE.protocolError, error.message);
  }

  async #notify(code: number, message: string): Promise<void> {
    const encoder = new BerEncoder(256);
    writeNoticeOfDisconnection(encoder, code, message);
    void this.#outlet.send(encoder.take());
    await this.#outlet.hangUp('fin');
  }

  #accept(message: RequestMessage): void {
    const { request } = message;
    if (request.kind === 'unbind') void this.#outlet.hangUp('fin');
    else if (request.kind === 'abandon') this.#abandon(request.target);
    else if (this.#operations.size < MOST_PENDING) void this.#serve(message, request);
    else void this.#notify(CODE.busy, 'too many requests pending');
  }

  #abandon(id: number): void {
    this.#state.stats.abandons++;
    for (const operation of this.#operations) if (operation.id === id) operation.abandon();
  }

  #count(request: Answerable): void {
    const { stats, clock } = this.#state;
    stats.arrive(clock.now());
    if (request.kind === 'bind') stats.binds++;
    if (request.kind === 'search') stats.searches++;
  }

  async #serve(message: RequestMessage, request: Answerable): Promise<void> {
    const operation = new Operation(message.id);
    this.#operations.add(operation);
    this.#count(request);
    try {
      await this.#answer(message, request, operation);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#operations.delete(operation);
      this.#state.stats.leave();
    }
  }

  async #answer(message: RequestMessage, request: Answerable, operation: Operation): Promise<void> {
    if (request.kind === 'search') this.#observe(message, request);
    const effects = this.#state.effectsOn(this.#describe(message, request));
    const { latencyMs = 0 } = this.#state.options;
    const admitted = this.#state.capacity.admits(this.#state.clock.now());
    if (latencyMs > 0) await this.#state.clock.sleep(latencyMs, operation.signal);
    if (!operation.isAlive || !this.#outlet.isOpen) return;
    if (effects.transport) this.#outlet.shape(effects.transport);
    if (effects.garbageBytes) await this.#outlet.send(randomBytes(effects.garbageBytes));
    const strikesNow = effects.hangUp !== undefined && !effects.hangUpAfterEntries;
    if (strikesNow) return this.#hangUp(effects, operation);
    if (!admitted)
      return this.#reply(message.id, request, { code: CODE.busy, message: 'too many requests' });
    return this.#perform(message, request, operation, effects);
  }

  async #perform(
    message: RequestMessage,
    request: Answerable,
    operation: Operation,
    effects: Effects,
  ): Promise<void> {
    if (request.kind === 'search') {
      const { isAuthorised } = this.#identity;
      const search = { message: { ...message, request }, operation, effects, isAuthorised };
      if (await this.#searches.serve(search)) await this.#hangUp(effects, operation);
    } else if (effects.result !== undefined) {
      await this.#reply(message.id, request, effects.result);
    } else if (request.kind === 'bind') {
      await this.#reply(message.id, request, this.#bind(request));
    } else if (request.kind === 'extended') {
      await this.#extended(message.id, request, effects);
    } else {
      const result = { code: CODE.unwillingToPerform, message: 'this directory is read-only' };
      await this.#reply(message.id, request, result);
    }
  }

  #reply(
    id: number,
    request: Answerable,
    result: Result,
    extras: Extras = {},
  ): Promise<void> | undefined {
    const encoder = new BerEncoder(512);
    writeResult(encoder, id, answerTagOf(request), result, extras);
    return this.#outlet.send(encoder.take());
  }

  /** The end that a fault has in mind. Silence lasts until the client gives up. */
  async #hangUp(effects: Effects, operation?: Operation): Promise<void> {
    if (effects.noticeCode !== undefined) return this.#notify(effects.noticeCode, 'simulated end');
    if (effects.hangUp !== 'silence') return this.#outlet.hangUp(effects.hangUp ?? 'fin');
    if (operation === undefined) this.#isSilent = true;
    else await new Promise((resolve) => operation.signal.addEventListener('abort', resolve));
  }

  #bind(request: BindRequest): Result {
    this.#paged.forget();
    return this.#identity.bind(request, this.#secure);
  }

  async #extended(
    id: number,
    request: Answerable & { readonly oid: string },
    effects: Effects,
  ): Promise<void> {
    if (request.oid === WHO_AM_I) {
      return this.#reply(id, request, { code: CODE.success }, { value: this.#identity.name });
    }
    const canSecure = this.#state.secureContext !== undefined && this.#secure === undefined;
    if (request.oid !== START_TLS || !canSecure) {
      return this.#reply(id, request, {
        code: CODE.protocolError,
        message: 'unsupported extended operation',
      });
    }
    const sent = this.#reply(id, request, { code: CODE.success }, { oid: START_TLS });
    // Without a need to wait the handshake begins before the next request in line is looked at.
    if (sent !== undefined) await sent;
    if (effects.stallTls) this.#isSilent = true;
    else this.#startTls();
  }

  #startTls(): void {
    // What came in clear behind the request must not be taken for part of the secured conversation (CVE-2011-0411).
    if (!this.#queue.isEmpty)
      return void this.#notify(CODE.protocolError, 'data before the TLS handshake');
    const { secureContext, options } = this.#state;
    if (secureContext === undefined) return;
    this.#raw.removeAllListeners('data');
    const requestCert = options.tls?.ca !== undefined;
    const tls = { isServer: true, secureContext, requestCert, rejectUnauthorized: false } as const;
    this.#secure = new TLSSocket(this.#raw, tls);
    this.#outlet.moveTo(this.#secure);
    this.#listenTo(this.#secure);
  }

  #describe(message: RequestMessage, request: Answerable): Omit<FaultRequest, 'elapsedMs'> {
    const about = { kind: request.kind, connection: this.#number };
    if (request.kind !== 'search') return about;
    const paging = this.#searches.pagingOf(message);
    return {
      ...about,
      base: dnKey(request.base),
      assertions: assertionsOf(request.filter),
      page: paging === undefined ? 0 : this.#paged.pageAfter(paging.cookie),
    };
  }

  #observe(message: RequestMessage, request: SearchRequest): void {
    const { onSearch } = this.#state.options;
    onSearch?.(observed(this.#number, request, this.#searches.pagingOf(message)));
  }
}

function answerTagOf(request: Answerable): number {
  switch (request.kind) {
    case 'bind':
      return ANSWER_TAG.bind;
    case 'search':
      return ANSWER_TAG.done;
    case 'extended':
      return ANSWER_TAG.extended;
    case 'write':
      return request.answerTag;
    default:
      return request satisfies never;
  }
}
