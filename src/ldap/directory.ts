import type { Branch, Employee, Work } from '../domain/employee.ts';
import { SearchFailure } from '../domain/errors.ts';
import { DN_LINK } from '../domain/link.ts';
import type { Directory, ExpansionPage, ManagerAnswer, SourceProfile } from '../domain/ports.ts';
import { ANYONE, Asker, type AskerOptions, type AskerPorts } from './asker.ts';
import type { SearchEnd, SearchSpec } from './connection/connection.ts';
import { DEFAULT_MAPPING, Mapper, type Mapping } from './mapping.ts';
import type { RawEntry } from './messages/entry.ts';
import { and, equality, type Filter, filterBytes, or, parseFilter } from './messages/filters.ts';
import { assertPeople, atStart } from './opening.ts';
import { isGone, ResultCode, searchFailure } from './result-codes.ts';
import { profileOf } from './root-dse.ts';
import { findRoot } from './roots.ts';

export interface DirectoryOptions extends AskerOptions {
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
}

export type DirectoryPorts = AskerPorts;

/** Half of OpenLDAP's limits for a request (sockbuf_max_incoming, …_auth), the lowest known: slapd.conf(5). */
const REQUEST_BYTES = { anonymous: 131_072, bound: 2_097_152 } as const;
/** Before there are workers, their first connection is used. */
const FIRST_SLOT = 0;

/** A directory over LDAP, as the crawl sees it. */
export class LdapDirectory implements Directory {
  readonly #options: DirectoryOptions;
  readonly #asker: Asker;
  readonly #filter: Filter;
  #known: { readonly profile: SourceProfile; readonly mapper: Mapper } | undefined;
  #pageSize = 0;

  constructor(options: DirectoryOptions, ports: DirectoryPorts) {
    this.#options = options;
    this.#asker = new Asker(options, ports);
    this.#filter = parseFilter(options.filter);
  }

  get latencyMs(): number {
    return this.#asker.latencyMs;
  }

  get mapping(): Mapping {
    return this.#options.mapping ?? DEFAULT_MAPPING;
  }

  takeWork(): Work {
    return this.#asker.takeWork();
  }

  async open(signal: AbortSignal): Promise<SourceProfile> {
    return atStart(signal, async () => {
      const { base, pageSize, filter: filterText } = this.#options;
      const profile = profileOf(await this.#asker.rootDse(FIRST_SLOT, signal), base);
      this.#pageSize = profile.paging ? pageSize : 0;
      this.#known = { profile, mapper: this.#mapperFor(profile) };
      const search = (spec: SearchSpec) => this.#asker.collect(spec, FIRST_SLOT, signal);
      await assertPeople({ base: profile.base, filter: this.#filter, filterText }, search);
      return profile;
    });
  }

  async findRoots(signal: AbortSignal): Promise<readonly Employee[]> {
    return atStart(signal, async () => {
      const { profile, mapper } = this.#opened;
      const search = (spec: SearchSpec) => this.#asker.collect(spec, FIRST_SLOT, signal);
      const { attributes } = mapper;
      const where = { base: profile.base, filter: this.#filter, attributes, search };
      const roots: Employee[] = [];
      for (const root of this.#options.roots) {
        roots.push(mapper.employee(await findRoot(root, where)));
      }
      return roots;
    });
  }

  async *expand(
    branches: readonly Branch[],
    slot: number,
    signal: AbortSignal,
  ): AsyncGenerator<ExpansionPage, void, undefined> {
    const spec = this.#reportsOf(branches);
    const { mapper } = this.#opened;
    const options = { pageSize: this.#pageSize, map: (entry: RawEntry) => mapper.employee(entry) };
    for await (const { entries, end } of this.#asker.pages(spec, options, slot, signal)) {
      const failure = end && this.#failureOf(end, entries.length);
      const page = { employees: entries, work: this.takeWork() };
      yield { page, last: end !== undefined && failure === undefined };
      if (failure === undefined) continue;
      this.#asker.drop(slot);
      throw failure;
    }
  }

  async askManager(value: string, slot: number, signal: AbortSignal): Promise<ManagerAnswer> {
    const employee = await this.#lookUp(value, this.#filter, slot, signal);
    const [entry, another] = employee.entries;
    if (entry !== undefined && another === undefined) {
      const { id, dn } = this.#opened.mapper.employee(entry);
      return { kind: 'employee', id, dn };
    }
    if (isGone(employee.code) || this.#options.managerValue !== DN_LINK) {
      return { kind: 'dangling' };
    }
    const anyone = await this.#lookUp(value, ANYONE, slot, signal);
    const [other] = anyone.entries;
    if (other !== undefined) return { kind: 'other', dn: other.dn };
    return { kind: isGone(anyone.code) ? 'dangling' : 'unreadable' };
  }

  async probe(signal: AbortSignal): Promise<boolean> {
    return this.#asker.probe(signal);
  }

  async close(): Promise<void> {
    await this.#asker.close();
  }

  get #opened() {
    if (this.#known === undefined) throw new Error('the directory was not opened');
    return this.#known;
  }

  #mapperFor({ idAttribute }: SourceProfile): Mapper {
    const { managerAttribute, managerValue } = this.#options;
    return new Mapper({ mapping: this.mapping, idAttribute, managerAttribute, managerValue });
  }

  /** One search asks about all of them; it needs no attribution, since all are complete with its last page. */
  #reportsOf(branches: readonly Branch[]): SearchSpec {
    const { profile, mapper } = this.#opened;
    const { managerAttribute, credentials } = this.#options;
    const managers = or(branches.map(({ link }) => equality(managerAttribute, link)));
    const filter = and([this.#filter, managers]);
    const limit = REQUEST_BYTES[credentials.kind === 'anonymous' ? 'anonymous' : 'bound'];
    if (branches.length > 1 && filterBytes(filter) > limit) {
      throw new SearchFailure('split', 'limit', 'the request would be too long');
    }
    return { base: profile.base, scope: 'sub', filter, attributes: mapper.attributes };
  }

  /** Why the search is not complete although it ended; undefined: it is. */
  #failureOf(end: SearchEnd, entries: number): SearchFailure | undefined {
    const { code, diagnostic } = end.result;
    if (code !== ResultCode.success) return searchFailure(code, diagnostic);
    // A full page and no paging control in the answer: the server ignored ours, and may have cut the result.
    const suspect = this.#pageSize > 0 && end.cookie === undefined && entries === this.#pageSize;
    if (!suspect) return undefined;
    return new SearchFailure('fail', 'limit', 'the server ignored the page size');
  }

  async #lookUp(value: string, filter: Filter, slot: number, signal: AbortSignal) {
    const { entries, code, diagnostic } = await this.#asker.collect(
      this.#lookUpSpec(value, filter),
      slot,
      signal,
    );
    const told = code === 0 || code === ResultCode.sizeLimitExceeded || isGone(code);
    if (!told) throw searchFailure(code, diagnostic);
    return { entries, code };
  }

  #lookUpSpec(value: string, filter: Filter): SearchSpec {
    const { profile, mapper } = this.#opened;
    const { attributes } = mapper;
    const { managerValue } = this.#options;
    if (managerValue === DN_LINK) return { base: value, scope: 'base', filter, attributes };
    const both = and([filter, equality(managerValue, value)]);
    return { base: profile.base, scope: 'sub', filter: both, attributes, sizeLimit: 2 };
  }
}
