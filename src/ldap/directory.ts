import type { Branch, Employee, Work } from '../domain/employee.ts';
import type {
  Directory,
  ExpansionPage,
  KnownSource,
  ManagerAnswer,
  SourceProfile,
  StrayedManager,
} from '../domain/ports.ts';
import { Asker, type AskerOptions, type AskerPorts } from './asker.ts';
import type { SearchSpec } from './connection/connection.ts';
import { Expansions } from './expansion/expansions.ts';
import { Lookups } from './lookups.ts';
import { DEFAULT_MAPPING, Mapper, type Mapping } from './mapping.ts';
import { type Filter, parseFilter } from './messages/filters.ts';
import { assertPeople, atStart, type StartPatience } from './opening.ts';
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

export interface DirectoryPorts extends AskerPorts {
  /** Told what a person must know although the crawl goes on, in a line without names. */
  readonly notice?: (line: string) => void;
}

/** What is known once it is open. */
interface Known {
  readonly profile: SourceProfile;
  readonly mapper: Mapper;
  readonly filter: Filter;
  readonly expansions: Expansions;
  readonly lookups: Lookups;
}

/** Before there are workers, their first connection is used. */
const FIRST_SLOT = 0;

/** A directory over LDAP, as the crawl sees it. */
export class LdapDirectory implements Directory {
  readonly #options: DirectoryOptions;
  readonly #asker: Asker;
  readonly #patience: StartPatience;
  #known: Known | undefined;
  #root: Employee | undefined;

  constructor(options: DirectoryOptions, ports: DirectoryPorts) {
    this.#options = options;
    this.#asker = new Asker(options, ports);
    this.#patience = { clock: ports.clock, budgetMs: options.startBudgetMs ?? 0 };
  }

  get latencyMs(): number {
    return this.#asker.latencyMs;
  }

  takeWork(): Work {
    return this.#asker.takeWork();
  }

  async open(signal: AbortSignal, known: KnownSource | null = null): Promise<SourceProfile> {
    return this.#atStart(signal, async () => {
      const rootDse = await this.#asker.rootDse(FIRST_SLOT, signal);
      const { base, filter, mapping = DEFAULT_MAPPING } = this.#options;
      const found = profileOf(rootDse, { base, filter, mapping });
      const profile = known === null ? found : { ...found, idAttribute: known.idAttribute };
      this.#known = this.#knowing(profile, mapping);
      const search = (spec: SearchSpec) => this.#asker.collect(spec, FIRST_SLOT, signal);
      const people = { base: profile.base, filter: this.#known.filter, filterText: profile.filter };
      await assertPeople(people, search);
      return profile;
    });
  }

  async findRoots(signal: AbortSignal): Promise<readonly Employee[]> {
    return this.#atStart(signal, async () => {
      const { profile, mapper, filter } = this.#opened;
      const search = (spec: SearchSpec) => this.#asker.collect(spec, FIRST_SLOT, signal);
      const { attributes } = mapper;
      const where = { base: profile.base, filter, attributes, search };
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
    return this.#opened.lookups.askManager(value, slot, signal);
  }

  async find(manager: StrayedManager, slot: number, signal: AbortSignal) {
    return this.#opened.lookups.find(manager, slot, signal);
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

  #atStart<T>(signal: AbortSignal, use: () => Promise<T>): Promise<T> {
    return atStart(this.#patience, signal, () => this.#asker.starting(use));
  }

  #knowing(profile: SourceProfile, mapping: Mapping): Known {
    const { managerAttribute, managerValue, pageSize: wished, credentials } = this.#options;
    const { base, idAttribute, paging } = profile;
    const mapper = new Mapper({ mapping, idAttribute, managerAttribute, managerValue });
    const filter = parseFilter(profile.filter);
    const common = { base, filter, mapper, bound: credentials.kind !== 'anonymous' };
    const pageSize = paging ? wished : 0;
    const landmark = () => this.#root;
    return {
      ...{ profile, mapper, filter },
      expansions: new Expansions(this.#asker, { ...common, managerAttribute, pageSize }),
      lookups: new Lookups(this.#asker, { ...common, managerValue, landmark }),
    };
  }
}
