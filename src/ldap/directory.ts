import type { Branch, Employee, Page as EmployeePage, Work } from '../domain/employee.ts';
import { DirectoryError, SearchFailure } from '../domain/errors.ts';
import { DN_LINK } from '../domain/link.ts';
import type {
  Clock,
  Directory,
  ExpansionPage,
  LoadMeter,
  ManagerAnswer,
  Pace,
  SourceProfile,
} from '../domain/ports.ts';
import type { LdapConnection, SearchEnd, SearchSpec } from './connection.ts';
import { ConnectionError } from './connection-error.ts';
import type { RawEntry } from './entry.ts';
import { and, equality, type Filter, filterBytes, or, parseFilter, present } from './filters.ts';
import { DEFAULT_MAPPING, Mapper, type Mapping } from './mapping.ts';
import { ResultCode, searchFailure } from './result-codes.ts';
import { profileOf, ROOT_DSE_ATTRIBUTES } from './root-dse.ts';
import { findRoot } from './roots.ts';
import { pagedSearch } from './search.ts';
import { type SessionOptions, Sessions, unreachable } from './sessions.ts';
import { Wire } from './wire.ts';

export interface DirectoryOptions extends SessionOptions {
  readonly base: string | undefined;
  /** Each a DN, or a filter in parentheses that matches exactly one entry. */
  readonly roots: readonly string[];
  /** Who is walked (RFC 4515). */
  readonly filter: string;
  readonly managerAttribute: string;
  readonly managerValue: string;
  readonly mapping?: Mapping;
  /** Entries to a page; 0: no paging. */
  readonly pageSize: number;
  readonly requestTimeoutMs: number;
}

export interface DirectoryPorts {
  readonly pace: Pace;
  readonly load: LoadMeter;
  readonly clock: Clock;
}

/** Half of OpenLDAP's limits for a request (sockbuf_max_incoming, …_auth), the lowest known: slapd.conf(5). */
const REQUEST_BYTES = { anonymous: 131_072, bound: 2_097_152 } as const;
const ANYONE = present('objectClass');
/** Matches nothing and costs nothing: the slot that finds roots and probes is nobody's worker. */
const FIRST_SLOT = 0;

/** A directory over LDAP, as the crawl sees it. */
export class LdapDirectory implements Directory {
  readonly #options: DirectoryOptions;
  readonly #wire: Wire;
  readonly #sessions: Sessions;
  readonly #filter: Filter;
  #known: { readonly profile: SourceProfile; readonly mapper: Mapper } | undefined;
  #paging = false;
  #probing: Promise<boolean> | undefined;

  constructor(options: DirectoryOptions, { pace, load, clock }: DirectoryPorts) {
    this.#options = options;
    this.#wire = new Wire(pace, load, clock);
    this.#sessions = new Sessions(options, this.#wire);
    this.#filter = parseFilter(options.filter);
  }

  get latencyMs(): number {
    return this.#wire.latencyMs;
  }

  get mapping(): Mapping {
    return this.#options.mapping ?? DEFAULT_MAPPING;
  }

  takeWork(): Work {
    return this.#wire.takeWork();
  }

  async open(signal: AbortSignal): Promise<SourceProfile> {
    return this.#atStart(signal, async () => {
      const profile = profileOf(await this.#rootDse(signal), this.#options.base);
      this.#paging = profile.paging && this.#options.pageSize > 0;
      const { mapping } = this;
      const { managerAttribute, managerValue } = this.#options;
      const { idAttribute } = profile;
      const mapper = new Mapper({ mapping, idAttribute, managerAttribute, managerValue });
      this.#known = { profile, mapper };
      await this.#assertPeople(profile, signal);
      return profile;
    });
  }

  async findRoots(signal: AbortSignal): Promise<readonly Employee[]> {
    return this.#atStart(signal, async () => {
      const { profile, mapper } = this.#opened;
      const search = (spec: SearchSpec) => this.#collect(spec, FIRST_SLOT, signal);
      const roots: Employee[] = [];
      for (const root of this.#options.roots) {
        const { base } = profile;
        const { attributes } = mapper;
        roots.push(mapper.employee(await findRoot(root, { base, attributes, search })));
      }
      return roots;
    });
  }

  async *expand(
    branches: readonly Branch[],
    slot: number,
    signal: AbortSignal,
  ): AsyncGenerator<ExpansionPage, void, undefined> {
    const filter = this.#reportsOf(branches);
    const connection = await this.#judged(slot, signal, () => this.#sessions.get(slot, signal));
    const pages = this.#pages(connection, filter, signal);
    for (;;) {
      const step = await this.#judged(slot, signal, () => pages.next());
      if (step.done) return;
      const { entries, end } = step.value;
      const code = end?.result.code ?? ResultCode.success;
      const complete = end !== undefined && code === ResultCode.success;
      yield { page: this.#mapped(entries), last: complete && !this.#isSuspect(end, entries) };
      if (end !== undefined) this.#assertComplete(end, entries, slot);
    }
  }

  async askManager(value: string, slot: number, signal: AbortSignal): Promise<ManagerAnswer> {
    const { mapper } = this.#opened;
    const employee = await this.#lookUp(value, this.#filter, slot, signal);
    if (employee.entries.length === 1) {
      const entry = employee.entries[0] as RawEntry;
      const { id, dn } = mapper.employee(entry);
      return { kind: 'employee', id, dn };
    }
    if (isGone(employee.code) || this.#options.managerValue !== DN_LINK)
      return { kind: 'dangling' };
    const anyone = await this.#lookUp(value, ANYONE, slot, signal);
    const [other] = anyone.entries;
    if (other !== undefined) return { kind: 'other', dn: other.dn };
    return { kind: isGone(anyone.code) ? 'dangling' : 'unreadable' };
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
      if (error instanceof ConnectionError) return false;
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#sessions.close();
  }

  get #opened() {
    if (this.#known === undefined) throw new Error('the directory was not opened');
    return this.#known;
  }

  get #limits() {
    return { idleTimeoutMs: this.#options.requestTimeoutMs };
  }

  /** One search asks about all of them; it needs no attribution, since all are complete with its last page. */
  #reportsOf(branches: readonly Branch[]): Filter {
    const { managerAttribute, credentials } = this.#options;
    const managers = or(branches.map(({ link }) => equality(managerAttribute, link)));
    const filter = and([this.#filter, managers]);
    const limit = REQUEST_BYTES[credentials.kind === 'anonymous' ? 'anonymous' : 'bound'];
    if (branches.length > 1 && filterBytes(filter) > limit) {
      throw new SearchFailure('split', 'limit', 'the request would be too long');
    }
    return filter;
  }

  #pages(connection: LdapConnection, filter: Filter, signal: AbortSignal) {
    const { profile, mapper } = this.#opened;
    const spec: SearchSpec = {
      base: profile.base,
      scope: 'sub',
      filter,
      attributes: mapper.attributes,
    };
    const pageSize = this.#paging ? this.#options.pageSize : 0;
    return pagedSearch(this.#paced(connection), spec, { ...this.#limits, signal, pageSize });
  }

  #paced(connection: LdapConnection): Pick<LdapConnection, 'search' | 'close'> {
    return {
      search: (spec, limits, onEntry) => this.#wire.search(connection, spec, limits, onEntry),
      close: () => connection.close(),
    };
  }

  #mapped(entries: readonly RawEntry[]): EmployeePage {
    const { mapper } = this.#opened;
    return { employees: entries.map((entry) => mapper.employee(entry)), work: this.takeWork() };
  }

  /** A full page and no paging control in the answer: the server ignored ours, and may have cut the result. */
  #isSuspect(end: SearchEnd, entries: readonly RawEntry[]): boolean {
    return this.#paging && end.cookie === undefined && entries.length === this.#options.pageSize;
  }

  #assertComplete(end: SearchEnd, entries: readonly RawEntry[], slot: number): void {
    const { code, diagnostic } = end.result;
    if (code !== ResultCode.success) {
      this.#sessions.drop(slot);
      throw searchFailure(code, diagnostic);
    }
    if (!this.#isSuspect(end, entries)) return;
    throw new SearchFailure('fail', 'limit', 'the server ignored the page size');
  }

  /** Turns a dead connection into a `SearchFailure`: one probe tells whose fault it is. */
  async #judged<T>(slot: number, signal: AbortSignal, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      this.#sessions.drop(slot);
      signal.throwIfAborted();
      if (!(error instanceof ConnectionError)) throw error;
      throw await this.#failureOf(error, signal);
    }
  }

  async #failureOf(error: ConnectionError, signal: AbortSignal): Promise<SearchFailure> {
    const { kind, message: cause } = error;
    if (kind === 'too-large') return new SearchFailure('fail', 'limit', cause, { cause: error });
    // Workers whose connections died together need one answer, not one each.
    this.#probing ??= this.probe(signal).finally(() => {
      this.#probing = undefined;
    });
    const answers = await this.#probing;
    const remedy = answers ? 'split' : 'outage';
    const reason = kind === 'protocol' ? 'poison' : 'timeout';
    return new SearchFailure(remedy, reason, cause, { cause: error });
  }

  async #rootDse(signal: AbortSignal): Promise<RawEntry> {
    return this.#readRootDse(await this.#sessions.get(FIRST_SLOT, signal), signal);
  }

  async #readRootDse(connection: LdapConnection, signal: AbortSignal): Promise<RawEntry> {
    const entries: RawEntry[] = [];
    const spec: SearchSpec = {
      base: '',
      scope: 'base',
      filter: ANYONE,
      attributes: ROOT_DSE_ATTRIBUTES,
    };
    const limits = { ...this.#limits, signal };
    const end = await this.#wire.search(connection, spec, limits, (entry) => entries.push(entry));
    const [rootDse] = entries;
    if (rootDse !== undefined) return rootDse;
    throw new DirectoryError(
      'capability',
      `the server does not show its rootDSE (${end.result.code})`,
      'check that the account may read the entry with the empty DN',
    );
  }

  /** Somebody must be there: otherwise the base, the filter or the permissions are wrong, and all would seem to have left. */
  async #assertPeople(profile: SourceProfile, signal: AbortSignal): Promise<void> {
    const { base } = profile;
    const spec: SearchSpec = {
      base,
      scope: 'sub',
      filter: this.#filter,
      attributes: ['objectClass'],
      sizeLimit: 1,
    };
    const { entries, code, diagnostic } = await this.#collect(spec, FIRST_SLOT, signal);
    if (entries.length > 0) return;
    if (code !== ResultCode.success && !isGone(code)) throw searchFailure(code, diagnostic);
    if (isGone(code)) {
      throw new DirectoryError(
        'base-not-found',
        `the base ${base} does not exist, or may not be read`,
        'check --base, and what the account may read',
      );
    }
    throw new DirectoryError(
      'base-not-found',
      `nobody below ${base} matches the filter ${this.#options.filter}`,
      'check --base and --filter, and what the account may read',
    );
  }

  async #lookUp(value: string, filter: Filter, slot: number, signal: AbortSignal) {
    const { attributes } = this.#opened.mapper;
    const { managerValue } = this.#options;
    const spec: SearchSpec =
      managerValue === DN_LINK
        ? { base: value, scope: 'base', filter, attributes }
        : {
            base: this.#opened.profile.base,
            scope: 'sub',
            filter: and([filter, equality(managerValue, value)]),
            attributes,
            sizeLimit: 2,
          };
    const { entries, code, diagnostic } = await this.#collect(spec, slot, signal);
    const told = code === 0 || code === ResultCode.sizeLimitExceeded || isGone(code);
    if (!told) throw searchFailure(code, diagnostic);
    return { entries, code };
  }

  async #collect(spec: SearchSpec, slot: number, signal: AbortSignal) {
    return this.#judged(slot, signal, async () => {
      const connection = await this.#sessions.get(slot, signal);
      const entries: RawEntry[] = [];
      const limits = { ...this.#limits, signal };
      const end = await this.#wire.search(connection, spec, limits, (entry) => entries.push(entry));
      return { entries, code: end.result.code, diagnostic: end.result.diagnostic };
    });
  }

  /** Before the crawl has begun, a server that does not answer is an error, not an outage. */
  async #atStart<T>(signal: AbortSignal, use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      signal.throwIfAborted();
      const cause = error instanceof SearchFailure ? error.cause : error;
      if (cause instanceof ConnectionError) throw unreachable(cause);
      throw error instanceof SearchFailure ? refusedAtStart(error) : error;
    }
  }
}

/** Before there is a run, no branch could be at fault. */
function refusedAtStart(error: SearchFailure): DirectoryError {
  return new DirectoryError(
    'capability',
    `the directory refused the first search: ${error.message}`,
    'check what the account may read, or name one with --bind-dn',
    { cause: error },
  );
}

/** The entry does not exist, or nothing can by that name. */
function isGone(code: number): boolean {
  return code === ResultCode.noSuchObject || code === ResultCode.invalidDnSyntax;
}
