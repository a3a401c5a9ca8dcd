import type { Work } from '../domain/employee.ts';
import { DirectoryError, SearchFailure } from '../domain/errors.ts';
import type { Clock, LoadMeter, Pace } from '../domain/ports.ts';
import {
  type LdapConnection,
  NotSentError,
  type SearchEnd,
  type SearchSpec,
} from './connection/connection.ts';
import { CONSEQUENCES, ConnectionError } from './connection/connection-error.ts';
import { type PagedSearchOptions, pagedSearch } from './connection/paged-search.ts';
import { copyOf, type RawEntry } from './messages/entry.ts';
import { present } from './messages/filters.ts';
import { searchFailure } from './result-codes.ts';
import { ROOT_DSE_ATTRIBUTES } from './root-dse.ts';
import { type SessionOptions, Sessions } from './sessions.ts';
import { Wire } from './wire.ts';

export interface AskerOptions extends SessionOptions {
  /** How long not a byte of an answer may arrive. */
  readonly requestTimeoutMs: number;
}

export interface AskerPorts {
  readonly pace: Pace;
  readonly load: LoadMeter;
  readonly clock: Clock;
}

/** A search that was answered, whatever the code. */
export interface Answer {
  readonly entries: readonly RawEntry[];
  readonly code: number;
  readonly diagnostic: string;
}

/** How the pages of a search are asked for and read. */
export interface PageReading<T> extends Pick<PagedSearchOptions, 'pageSize' | 'kept'> {
  readonly map: (entry: RawEntry) => T;
}

/** A page of a search; with the last one, how it ended. */
export interface AnsweredPage<T> {
  readonly entries: readonly T[];
  readonly references: readonly string[];
  readonly end: SearchEnd | undefined;
}

/** How often in a row a connection may die between its bind and its first search before that is the search's affair. */
const MOST_IDLE_DEATHS = 3;

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
  #probing: Promise<boolean> | undefined;
  #starting = false;
  #landmark: string | undefined;

  constructor(options: AskerOptions, { pace, load, clock }: AskerPorts) {
    this.#options = options;
    this.#wire = new Wire(pace, load, clock);
    this.#sessions = new Sessions(options, this.#wire);
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

  /** Before the crawl has begun nothing hangs on whose fault it is: no probe keeps the person waiting. */
  async starting<T>(use: () => Promise<T>): Promise<T> {
    this.#starting = true;
    try {
      return await use();
    } finally {
      this.#starting = false;
    }
  }

  /** All entries of one search that is not paged. */
  async collect(spec: SearchSpec, slot: number, signal: AbortSignal): Promise<Answer> {
    const { entries, end } = await this.#sent(slot, signal, (connection) =>
      this.#search(connection, spec, signal),
    );
    return { entries, code: end.result.code, diagnostic: end.result.diagnostic };
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
    return this.#sent(slot, signal, (connection) => this.#readRootDse(connection, signal));
  }

  /** What probes read from now on instead of the rootDSE, which a server may show whose data cannot be reached. */
  probeAt(dn: string): void {
    this.#landmark = dn;
  }

  /**
   * Whether we are served: the server's fault is told from the search's. On the slot's own connection where it still
   * stands, since a server that limits connections may give us no other; else on a new one.
   */
  async probe(signal: AbortSignal, slot?: number): Promise<boolean> {
    const own = slot === undefined ? undefined : this.#sessions.live(slot);
    try {
      return own === undefined ? await this.#probeAnew(signal) : await this.#serves(own, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ConnectionError || error instanceof SearchFailure) return false;
      throw error;
    }
  }

  async #probeAnew(signal: AbortSignal): Promise<boolean> {
    const connection = await this.#sessions.open(signal);
    try {
      return await this.#serves(connection, signal);
    } finally {
      connection.close();
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

  async #search(connection: LdapConnection, spec: SearchSpec, signal: AbortSignal) {
    const entries: RawEntry[] = [];
    const keep = (entry: RawEntry) => entries.push(copyOf(entry));
    const end = await this.#wire.search(connection, spec, this.#limits(signal), keep);
    return { entries, end };
  }

  async #serves(connection: LdapConnection, signal: AbortSignal): Promise<boolean> {
    if (this.#landmark === undefined) {
      await this.#readRootDse(connection, signal);
      return true;
    }
    const attributes = NO_ATTRIBUTES;
    const spec = { base: this.#landmark, scope: 'base', filter: ANYONE, attributes } as const;
    const { code, diagnostic } = (await this.#search(connection, spec, signal)).end.result;
    const bound = this.#options.credentials.kind !== 'anonymous';
    return code === 0 || searchFailure(code, diagnostic, { bound }).remedy !== 'retry';
  }

  async #readRootDse(connection: LdapConnection, signal: AbortSignal): Promise<RawEntry> {
    const spec = {
      base: '',
      scope: 'base',
      filter: ANYONE,
      attributes: ROOT_DSE_ATTRIBUTES,
    } as const;
    const { entries, end } = await this.#search(connection, spec, signal);
    const [rootDse] = entries;
    if (rootDse !== undefined) return rootDse;
    const { code, diagnostic } = end.result;
    const failure = code === 0 ? undefined : searchFailure(code, diagnostic);
    if (failure !== undefined && failure.remedy !== 'fail') throw failure;
    throw new DirectoryError(
      'capability',
      `the server does not show its rootDSE (${code})`,
      'check that the account may read the entry with the empty DN',
    );
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
    return error instanceof ConnectionError ? this.#failureOf(error, signal) : error;
  }

  async #failureOf(error: ConnectionError, signal: AbortSignal): Promise<SearchFailure> {
    const { next, reason } = CONSEQUENCES[error.kind];
    const remedy = next === 'probe' ? await this.#blame(signal) : next;
    return new SearchFailure(remedy, reason, error.message, { cause: error });
  }

  /** The search is at fault where the server answers others. */
  async #blame(signal: AbortSignal): Promise<'split' | 'outage'> {
    if (this.#starting) return 'outage';
    // Workers whose connections died together need one answer, not one each.
    this.#probing ??= this.probe(signal).finally(() => {
      this.#probing = undefined;
    });
    return (await this.#probing) ? 'split' : 'outage';
  }
}
