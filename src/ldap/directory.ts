import { dnKey } from '../domain/dn.ts';
import type { Branch, Employee, Work } from '../domain/employee.ts';
import { SearchFailure } from '../domain/errors.ts';
import { DN_LINK } from '../domain/link.ts';
import type {
  Directory,
  ExpansionPage,
  ManagerAnswer,
  SourceProfile,
  StrayedManager,
} from '../domain/ports.ts';
import { ANYONE, Asker, type AskerOptions, type AskerPorts } from './asker.ts';
import type { SearchSpec } from './connection/connection.ts';
import { Expansions } from './expansion/expansions.ts';
import { DEFAULT_MAPPING, Mapper, type Mapping } from './mapping.ts';
import { and, equality, type Filter, parseFilter } from './messages/filters.ts';
import { assertPeople, atStart, type StartPatience } from './opening.ts';
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
  /** How long (ms) `open` and `findRoots` each try a server again that stumbles; 0 unless given. */
  readonly startBudgetMs?: number;
}

export type DirectoryPorts = AskerPorts;

/** What is known once it is open. */
interface Known {
  readonly profile: SourceProfile;
  readonly mapper: Mapper;
  readonly expansions: Expansions;
}

/** Before there are workers, their first connection is used. */
const FIRST_SLOT = 0;

/** A directory over LDAP, as the crawl sees it. */
export class LdapDirectory implements Directory {
  readonly #options: DirectoryOptions;
  readonly #asker: Asker;
  readonly #patience: StartPatience;
  readonly #filter: Filter;
  #known: Known | undefined;
  #root: Employee | undefined;
  /** Whether the server finds entries by the id attribute; undefined: not tried yet. */
  #searchable: boolean | undefined;

  constructor(options: DirectoryOptions, ports: DirectoryPorts) {
    this.#options = options;
    this.#asker = new Asker(options, ports);
    this.#patience = { clock: ports.clock, budgetMs: options.startBudgetMs ?? 0 };
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
    return this.#atStart(signal, async () => {
      const { base, pageSize, filter: filterText } = this.#options;
      const profile = profileOf(await this.#asker.rootDse(FIRST_SLOT, signal), base);
      const mapper = this.#mapperFor(profile);
      const expansions = this.#expansionsOf(profile, mapper, profile.paging ? pageSize : 0);
      this.#known = { profile, mapper, expansions };
      const search = (spec: SearchSpec) => this.#asker.collect(spec, FIRST_SLOT, signal);
      await assertPeople({ base: profile.base, filter: this.#filter, filterText }, search);
      return profile;
    });
  }

  async findRoots(signal: AbortSignal): Promise<readonly Employee[]> {
    return this.#atStart(signal, async () => {
      const { profile, mapper } = this.#opened;
      const search = (spec: SearchSpec) => this.#asker.collect(spec, FIRST_SLOT, signal);
      const { attributes } = mapper;
      const where = { base: profile.base, filter: this.#filter, attributes, search };
      const roots: Employee[] = [];
      for (const root of this.#options.roots) {
        roots.push(mapper.employee(await findRoot(root, where)));
      }
      this.#root = roots[0];
      if (this.#root !== undefined) this.#asker.probeAt(this.#root.dn);
      return roots;
    });
  }

  expand(
    branches: readonly Branch[],
    slot: number,
    signal: AbortSignal,
  ): AsyncIterable<ExpansionPage> {
    return this.#opened.expansions.expand(branches, slot, signal);
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

  async find(manager: StrayedManager, slot: number, signal: AbortSignal) {
    const found = await this.#lookFor(manager, slot, signal);
    if (found === null && !(await this.#findsById(slot, signal))) {
      throw new SearchFailure('fail', 'unreadable', 'the server finds nobody by the id attribute');
    }
    return found;
  }

  async #lookFor(
    { id, dn }: Pick<StrayedManager, 'id' | 'dn'>,
    slot: number,
    signal: AbortSignal,
  ): Promise<Employee | null> {
    const { mapper } = this.#opened;
    const spec = this.#findSpec(id, dn);
    const { entries, code, diagnostic } = await this.#asker.collect(spec, slot, signal);
    if (code !== 0 && !isGone(code)) throw searchFailure(code, diagnostic, { bound: this.#bound });
    const found = entries.map((entry) => mapper.employee(entry));
    return found.find((employee) => employee.id === id) ?? null;
  }

  /** Whether an answer without entries means anything: the first root is there. */
  async #findsById(slot: number, signal: AbortSignal): Promise<boolean> {
    if (this.#root === undefined) return false;
    this.#searchable ??= (await this.#lookFor(this.#root, slot, signal)) !== null;
    return this.#searchable;
  }

  /** Somebody without an id is known by the DN. */
  #findSpec(id: string, dn: string): SearchSpec {
    const { profile, mapper } = this.#opened;
    const { attributes } = mapper;
    const filter = this.#filter;
    if (id === dnKey(dn)) return { base: dn, scope: 'base', filter, attributes };
    const both = and([filter, mapper.idIs(id)]);
    return { base: profile.base, scope: 'sub', filter: both, attributes };
  }

  async probe(signal: AbortSignal, slot?: number): Promise<boolean> {
    return this.#asker.probe(signal, slot);
  }

  async close(): Promise<void> {
    await this.#asker.close();
  }

  get #opened() {
    if (this.#known === undefined) throw new Error('the directory was not opened');
    return this.#known;
  }

  get #bound(): boolean {
    return this.#options.credentials.kind !== 'anonymous';
  }

  #atStart<T>(signal: AbortSignal, use: () => Promise<T>): Promise<T> {
    return atStart(this.#patience, signal, () => this.#asker.starting(use));
  }

  #mapperFor({ idAttribute }: SourceProfile): Mapper {
    const { managerAttribute, managerValue } = this.#options;
    return new Mapper({ mapping: this.mapping, idAttribute, managerAttribute, managerValue });
  }

  #expansionsOf({ base }: SourceProfile, mapper: Mapper, pageSize: number): Expansions {
    const { managerAttribute } = this.#options;
    const filter = this.#filter;
    const bound = this.#bound;
    return new Expansions(this.#asker, { base, filter, managerAttribute, mapper, pageSize, bound });
  }

  async #lookUp(value: string, filter: Filter, slot: number, signal: AbortSignal) {
    const { entries, code, diagnostic } = await this.#asker.collect(
      this.#lookUpSpec(value, filter),
      slot,
      signal,
    );
    const told = code === 0 || code === ResultCode.sizeLimitExceeded || isGone(code);
    if (!told) throw searchFailure(code, diagnostic, { bound: this.#bound });
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
