import type { Work } from '../domain/employee.ts';
import { DirectoryError, SearchFailure } from '../domain/errors.ts';
import type { Clock, LoadMeter, Pace } from '../domain/ports.ts';
import type { LdapConnection, SearchEnd, SearchSpec } from './connection/connection.ts';
import { CONSEQUENCES, ConnectionError } from './connection/connection-error.ts';
import { type PagedSearchOptions, pagedSearch } from './connection/paged-search.ts';
import type { RawEntry } from './messages/entry.ts';
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
  readonly end: SearchEnd | undefined;
}

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
    const connection = await this.#connected(slot, signal);
    const { entries, end } = await this.#judged(slot, signal, () =>
      this.#search(connection, spec, signal),
    );
    return { entries, code: end.result.code, diagnostic: end.result.diagnostic };
  }

  /** Each entry goes through `map` as it arrives. Throws `PageTooLarge` where more is kept of a page than is allowed. */
  async *pages<T>(
    spec: Omit<SearchSpec, 'page'>,
    { map, ...paging }: PageReading<T>,
    slot: number,
    signal: AbortSignal,
  ): AsyncGenerator<AnsweredPage<T>, void, undefined> {
    const connection = await this.#connected(slot, signal);
    const options = { ...this.#limits(signal), ...paging };
    const pages = pagedSearch(this.#paced(connection), spec, options, map);
    for (;;) {
      const step = await this.#judged(slot, signal, () => pages.next());
      if (step.done) return;
      yield { entries: step.value.entries, end: step.value.end };
    }
  }

  async rootDse(slot: number, signal: AbortSignal): Promise<RawEntry> {
    const connection = await this.#connected(slot, signal);
    return this.#judged(slot, signal, () => this.#readRootDse(connection, signal));
  }

  /** A new connection, bound, that answers: the server's fault is told from the search's. */
  async probe(signal: AbortSignal): Promise<boolean> {
    try {
      const connection = await this.#sessions.open(signal);
      try {
        await this.#readRootDse(connection, signal);
        return true;
      } finally {
        connection.close();
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof ConnectionError || error instanceof SearchFailure) return false;
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

  async #search(connection: LdapConnection, spec: SearchSpec, signal: AbortSignal) {
    const entries: RawEntry[] = [];
    const keep = (entry: RawEntry) => entries.push(entry);
    const end = await this.#wire.search(connection, spec, this.#limits(signal), keep);
    return { entries, end };
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

  /** Turns a dead connection into a `SearchFailure`: one probe tells whose fault it is. */
  async #judged<T>(slot: number, signal: AbortSignal, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      this.drop(slot);
      signal.throwIfAborted();
      if (!(error instanceof ConnectionError)) throw error;
      throw await this.#failureOf(error, signal);
    }
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
