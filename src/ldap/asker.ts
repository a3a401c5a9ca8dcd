import type { Work } from '../domain/employee.ts';
import { DirectoryError, SearchFailure } from '../domain/errors.ts';
import type { Clock, LoadMeter, Pace } from '../domain/ports.ts';
import {
  type LdapConnection,
  NotSentError,
  type SearchSpec,
  type ServerSeen,
} from './connection/connection.ts';
import { CONSEQUENCES, ConnectionError } from './connection/connection-error.ts';
import { type PagedEnd, type PagedSearchOptions, pagedSearch } from './connection/paged-search.ts';
import type { RawEntry } from './messages/entry.ts';
import { present } from './messages/filters.ts';
import { searchFailure } from './result-codes.ts';
import { readRootDse } from './root-dse.ts';
import type { ServersPorts } from './sessions/servers.ts';
import { type SessionOptions, Sessions, type Verify } from './sessions/sessions.ts';
import { type Answer, Wire } from './wire.ts';

export type { Answer } from './wire.ts';

export interface AskerOptions extends SessionOptions {
  /** How long not a byte of an answer may arrive. */
  readonly requestTimeoutMs: number;
}

export interface AskerPorts extends ServersPorts {
  readonly pace: Pace;
  readonly load: LoadMeter;
  readonly clock: Clock;
}

/** How the pages of a search are asked for and read. */
export interface PageReading<T> extends Pick<PagedSearchOptions, 'pageSize' | 'kept'> {
  readonly map: (entry: RawEntry) => T;
}

/** A page of a search; with the last one, how it ended. */
export interface AnsweredPage<T> {
  readonly entries: readonly T[];
  readonly references: readonly string[];
  readonly end: PagedEnd | undefined;
}

/** How often in a row a connection may die between its bind and its first search before that is the search's affair. */
const MOST_IDLE_DEATHS = 3;

const NOT_SERVED = 'it lets us in, but answers no search now';

/** No attributes (RFC 4511 §4.5.1.8): that the entry comes is the answer. Never in a paged search: ApacheDS ends it after a page. */
export const NO_ATTRIBUTES = ['1.1'];
/** Matches every entry there is. */
export const ANYONE = present('objectClass');

/**
 * Asks the directory, each slot on its own connection. A connection that dies under a search becomes a `SearchFailure`
 * that tells whose fault it was; what the server answered, it leaves to the caller to judge.
 */
export class Asker {
  readonly #options: AskerOptions;
  readonly #wire: Wire;
  readonly #sessions: Sessions;
  #probing: Promise<number | undefined> | undefined;
  #starting = false;
  #landmark: string | undefined;

  constructor(options: AskerOptions, { pace, load, clock, ...ports }: AskerPorts) {
    this.#options = options;
    this.#wire = new Wire(pace, load, clock);
    this.#sessions = new Sessions(options, this.#wire, ports);
  }

  get latencyMs(): number {
    return this.#wire.latencyMs;
  }

  takeWork(): Work {
    return this.#wire.takeWork();
  }

  async close(): Promise<void> {
    await this.#sessions.close();
  }

  /** After an error: neither a cookie nor a connection is ever used again. */
  drop(slot: number): void {
    this.#sessions.drop(slot);
  }

  /** Who answers on the slot's connection; undefined before there is one. */
  seen(slot: number): ServerSeen | undefined {
    return this.#sessions.latest(slot)?.server;
  }

  /** The number of the server that the slot was connected to last: what was read at another does not go with it. */
  serverOf(slot: number): number {
    return this.#sessions.serverOf(slot);
  }

  /** The number of the server that the slot will most likely ask next. */
  nextServerOf(slot: number): number {
    return this.#sessions.nextServerOf(slot);
  }

  /** Whether there are several servers. */
  get several(): boolean {
    return this.#sessions.servers.count > 1;
  }

  /** From now on only servers that pass are used. @param slot whose server has passed */
  accept(verify: Verify | undefined, slot?: number): void {
    this.#sessions.accept(verify, slot === undefined ? undefined : this.serverOf(slot));
  }

  /**
   * Before the crawl has begun nothing hangs on whose fault it is: no probe keeps the person waiting. A server that lets
   * us in and does not answer is passed over for the next.
   */
  async starting<T>(slot: number, use: () => Promise<T>): Promise<T> {
    this.#starting = true;
    try {
      return await this.#anywhere(slot, use);
    } finally {
      this.#starting = false;
    }
  }

  async #anywhere<T>(slot: number, use: () => Promise<T>): Promise<T> {
    for (let others = this.#sessions.servers.count - 1; ; others -= 1) {
      try {
        return await use();
      } catch (error) {
        if (others === 0 || !isUnserved(error)) throw error;
        this.#sessions.giveUp(this.serverOf(slot), error.message);
      }
    }
  }

  /** All entries of one answer: of a search that is not paged, or of its first page. */
  async collect(spec: SearchSpec, slot: number, signal: AbortSignal): Promise<Answer> {
    return this.#sent(slot, signal, (connection) =>
      this.#wire.collect(connection, spec, this.#limits(signal)),
    );
  }

  /**
   * Each entry goes through `map` as it arrives. Throws `PageTooLarge` where more is kept of a page than is allowed.
   * Not a generator: that would keep each page until the next one is here.
   */
  pages<T>(
    spec: Omit<SearchSpec, 'page'>,
    { map, ...paging }: PageReading<T>,
    slot: number,
    signal: AbortSignal,
  ): AsyncIterator<AnsweredPage<T>, undefined> {
    const options = { ...this.#limits(signal), ...paging };
    let pages: ReturnType<typeof pagedSearch<T>> | undefined;
    const begin = (connection: LdapConnection) => {
      pages = pagedSearch(this.#paced(connection), spec, options, map);
      return pages.next();
    };
    const next = async (): Promise<IteratorResult<AnsweredPage<T>, undefined>> => {
      const begun = pages;
      const { done, value } = await (begun === undefined
        ? this.#sent(slot, signal, begin)
        : this.#judged(slot, signal, () => begun.next()));
      if (done) return { done, value: undefined };
      const { entries, references, end } = value;
      return { done: false, value: { entries, references, end } };
    };
    return { next };
  }

  async rootDse(slot: number, signal: AbortSignal): Promise<RawEntry> {
    return readRootDse((spec) => this.collect(spec, slot, signal));
  }

  /** What probes read from now on instead of the rootDSE, which a server may show whose data cannot be reached. */
  probeAt(dn: string): void {
    this.#landmark = dn;
  }

  /**
   * Whether we are served: the server's fault is told from the search's. On the slot's own connection where it still
   * stands, since a server that limits connections may give us no other; else on a new one, at whichever server.
   */
  async probe(signal: AbortSignal, slot?: number): Promise<boolean> {
    const own = slot === undefined ? undefined : this.#sessions.live(slot);
    if (own === undefined) return (await this.#whoServes(signal)) !== undefined;
    if (await this.#serves(own, signal)) return true;
    if (!this.several) return false;
    this.#sessions.giveUp(this.#sessions.numberOf(own), NOT_SERVED);
    return (await this.#whoServes(signal)) !== undefined;
  }

  /** The number of a server that serves us on a new connection; undefined: none does. */
  async #whoServes(signal: AbortSignal): Promise<number | undefined> {
    for (let left = this.#sessions.servers.count; left > 0; left -= 1) {
      const connection = await this.#unlessRefused(() => this.#sessions.open(signal), signal);
      if (connection === undefined) return undefined;
      const number = this.#sessions.numberOf(connection);
      try {
        if (await this.#serves(connection, signal)) return number;
      } finally {
        connection.close();
      }
      this.#sessions.giveUp(number, NOT_SERVED);
    }
    return undefined;
  }

  async #serves(connection: LdapConnection, signal: AbortSignal): Promise<boolean> {
    return (await this.#unlessRefused(() => this.#isServed(connection, signal), signal)) ?? false;
  }

  /** Undefined where the server did not answer, or would have us ask later. */
  async #unlessRefused<T>(use: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    try {
      return await use();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ConnectionError || error instanceof SearchFailure) return undefined;
      // A rootDSE that is not shown now was shown before.
      if (error instanceof DirectoryError && error.code === 'capability') return undefined;
      throw error;
    }
  }

  #limits(signal: AbortSignal) {
    return { idleTimeoutMs: this.#options.requestTimeoutMs, signal };
  }

  #paced(connection: LdapConnection): Pick<LdapConnection, 'search' | 'close'> {
    return {
      search: (spec, limits, onEntry) => this.#wire.search(connection, spec, limits, onEntry),
      close: () => connection.close(),
    };
  }

  async #isServed(connection: LdapConnection, signal: AbortSignal): Promise<boolean> {
    const search = (spec: SearchSpec) => this.#wire.collect(connection, spec, this.#limits(signal));
    if (this.#landmark === undefined) {
      await readRootDse(search);
      return true;
    }
    const attributes = NO_ATTRIBUTES;
    const spec = { base: this.#landmark, scope: 'base', filter: ANYONE, attributes } as const;
    const { code, diagnostic } = await search(spec);
    const bound = this.#options.credentials.kind !== 'anonymous';
    return code === 0 || searchFailure(code, diagnostic, { bound }).remedy !== 'retry';
  }

  /** A server that takes no connection needs no further probe. */
  async #connected(slot: number, signal: AbortSignal): Promise<LdapConnection> {
    try {
      return await this.#sessions.get(slot, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ConnectionError)) throw error;
      throw new SearchFailure('outage', 'timeout', error.message, {
        inFlight: false,
        cause: error,
      });
    }
  }

  /**
   * What is first asked on the slot's connection. One that died while the request was held back, idle as it was, is
   * nobody's fault: the same is asked on the next.
   */
  async #sent<T>(
    slot: number,
    signal: AbortSignal,
    ask: (connection: LdapConnection) => Promise<T>,
  ): Promise<T> {
    for (let deaths = 0; ; deaths += 1) {
      const connection = await this.#connected(slot, signal);
      try {
        return await ask(connection);
      } catch (error) {
        const isIdle = error instanceof NotSentError && deaths < MOST_IDLE_DEATHS;
        if (!isIdle) throw await this.#judge(error, slot, signal);
      }
    }
  }

  /** Turns a dead connection into a `SearchFailure`: one probe tells whose fault it is. */
  async #judged<T>(slot: number, signal: AbortSignal, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      throw await this.#judge(error, slot, signal);
    }
  }

  /** What is to be thrown for `error`. */
  async #judge(error: unknown, slot: number, signal: AbortSignal): Promise<unknown> {
    this.drop(slot);
    signal.throwIfAborted();
    return error instanceof ConnectionError ? this.#failureOf(error, slot, signal) : error;
  }

  async #failureOf(error: ConnectionError, slot: number, signal: AbortSignal) {
    const { next, reason } = CONSEQUENCES[error.kind];
    const { message } = error;
    if (next !== 'probe') return new SearchFailure(next, reason, message, { cause: error });
    const server = this.serverOf(slot);
    this.#sessions.servers.doubt(server);
    const serving = await this.#nowServing(signal);
    // The search is at fault where the server answers others.
    if (serving === server) return new SearchFailure('split', reason, message, { cause: error });
    this.#sessions.servers.leave(server);
    const elsewhere = serving !== undefined;
    return new SearchFailure('outage', reason, message, { cause: error, elsewhere });
  }

  async #nowServing(signal: AbortSignal): Promise<number | undefined> {
    if (this.#starting) return undefined;
    // Workers whose connections died together need one answer, not one each.
    this.#probing ??= this.#whoServes(signal).finally(() => {
      this.#probing = undefined;
    });
    return this.#probing;
  }
}

/** The server let us in, and did not answer or would have us ask later. */
function isUnserved(error: unknown): error is SearchFailure {
  return error instanceof SearchFailure && error.remedy !== 'fail' && error.inFlight;
}
