import { dnKey } from '../domain/dn.ts';
import type { Branch, Employee, Work } from '../domain/employee.ts';
import type {
  Directory,
  ExpansionPage,
  KnownPerson,
  KnownSource,
  ManagerAnswer,
  SourceProfile,
  SweptPerson,
  Twin,
  TwinAnswer,
} from '../domain/ports.ts';
import { Asker, type AskerOptions, type AskerPorts } from './asker.ts';
import type { SearchSpec, ServerSeen } from './connection/connection.ts';
import { Leaves } from './expansion/leaves.ts';
import { type FoundRoot, ManagerLink, reportsAttributeOf } from './expansion/manager-link.ts';
import { OneServer } from './expansion/one-server.ts';
import { isGlobalCatalogue } from './global-catalogue.ts';
import { Lookups } from './lookups.ts';
import { ManagersByDn } from './managers-by-dn.ts';
import { Mapper, type Mapping } from './mapping.ts';
import type { RawEntry } from './messages/entry.ts';
import { type Filter, parseFilter } from './messages/filters.ts';
import { assertPeople, atStart, type StartPatience } from './opening.ts';
import { idAttributeOf, type LdapProfile, profileOf } from './root-dse.ts';
import { findRoot } from './roots.ts';
import { SameDirectory } from './sessions/same-directory.ts';
import { identified } from './source-key.ts';
import { type Survey, survey } from './survey/survey.ts';
import { Sweep } from './sweep.ts';
import { ACTIVE_DIRECTORY, refuseOids, vendorDefaults } from './vendors.ts';

export interface DirectoryOptions extends AskerOptions {
  readonly base: string | undefined;
  /** Each a DN, a mail address, or a filter in parentheses; the last two must match exactly one entry. */
  readonly roots: readonly string[];
  /** Who is walked (RFC 4515); what suits the server unless given. */
  readonly filter?: string | undefined;
  readonly managerAttribute: string;
  readonly managerValue: string;
  /** Of some columns, and the attributes that are kept beside the columns; the rest is what suits the server. */
  readonly mapping?: Partial<Mapping>;
  /** Entries to a page; 0: no paging. */
  readonly pageSize: number;
  /** How long (ms) `open` and `findRoots` each try a server again that stumbles; 0 unless given. */
  readonly startBudgetMs?: number;
  /** Of the program: whom another one has recorded is compared value by value. */
  readonly edition?: string;
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
  readonly link: ManagerLink;
  readonly lookups: Lookups;
  readonly managersByDn: ManagersByDn;
  readonly sweep: Sweep;
}

/** Before there are workers, their first connection is used. */
const FIRST_SLOT = 0;
const ONE_ENTRY = { page: { size: 1, cookie: Buffer.alloc(0) } } as const;

/** A directory over LDAP, as the crawl sees it. */
export class LdapDirectory implements Directory {
  readonly #options: DirectoryOptions;
  readonly #asker: Asker;
  readonly #same: SameDirectory;
  readonly #ports: DirectoryPorts;
  readonly #patience: StartPatience;
  #known: Known | undefined;
  #roots: readonly Employee[] = [];
  /** Whoever was met first. */
  #sample: RawEntry | undefined;

  constructor(options: DirectoryOptions, ports: DirectoryPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#asker = new Asker(options, { ...ports, moved: () => this.#known?.link.forget() });
    this.#same = new SameDirectory(this.#asker);
    this.#patience = { clock: ports.clock, budgetMs: options.startBudgetMs ?? 0 };
  }

  get latencyMs(): number {
    return this.#asker.latencyMs;
  }

  takeWork(): Work {
    return this.#asker.takeWork();
  }

  async open(signal: AbortSignal, known: KnownSource | null = null): Promise<SourceProfile> {
    const wanted = { base: this.#options.base, known, slot: FIRST_SLOT };
    return this.#atStart(signal, () => this.#same.open(wanted, () => this.#open(signal, known)));
  }

  async #open(signal: AbortSignal, known: KnownSource | null): Promise<SourceProfile> {
    const rootDse = await this.#asker.rootDse(FIRST_SLOT, signal);
    const found = profileOf(rootDse, this.#options);
    const sample = await this.#somebody(found, signal);
    this.#sample = sample;
    const { idAttributes } = vendorDefaults(found.vendor);
    const seen = idAttributeOf(idAttributes, sample) ?? found.idAttribute;
    const traits = { ...found.traits, ...this.#catalogue(found) };
    const profile = { ...found, traits, idAttribute: known?.idAttribute ?? seen };
    this.#known = this.#knowing(profile);
    const search = (spec: SearchSpec) => this.#asker.collect(spec, FIRST_SLOT, signal);
    const measured = await this.#known.link.measure(search);
    return identified({ ...profile, traits: { ...traits, ...measured } }, rootDse, search);
  }

  /** Anybody whose id is known: a root may have none. */
  #withId(mapper: Mapper): Pick<Employee, 'id' | 'dn'> | undefined {
    const id = this.#sample && mapper.idOf(this.#sample);
    return this.#sample === undefined || id === undefined ? undefined : { id, dn: this.#sample.dn };
  }

  #catalogue({ vendor }: SourceProfile): SourceProfile['traits'] {
    if (vendor !== ACTIVE_DIRECTORY) return {};
    return { globalCatalog: isGlobalCatalogue(this.server.url) };
  }

  /** An entry with the attributes that could identify it. */
  #somebody({ base, filter: filterText, vendor, paging }: SourceProfile, signal: AbortSignal) {
    // Samba heeds no size limit and would send everybody; a page it heeds.
    const page = vendor === ACTIVE_DIRECTORY && paging ? ONE_ENTRY : {};
    const search = (spec: SearchSpec) =>
      this.#asker.collect({ ...spec, ...page }, FIRST_SLOT, signal);
    const { idAttributes: attributes } = vendorDefaults(vendor);
    const people = { base, filter: parseFilter(filterText), filterText, attributes };
    return assertPeople(people, search);
  }

  async findRoots(signal: AbortSignal): Promise<readonly Employee[]> {
    return this.#atStart(signal, async () => {
      const { profile, mapper, filter } = this.#opened;
      const search = (spec: SearchSpec) => this.#asker.collect(spec, FIRST_SLOT, signal);
      const { attributes } = mapper;
      const { base, vendor, mapping } = profile;
      const where = { base, vendor, mapping, filter, attributes, search };
      const found: FoundRoot[] = [];
      for (const root of this.#options.roots) {
        const entry = await findRoot(root, where);
        found.push({ entry, employee: { ...mapper.employee(entry), leaf: false } });
      }
      await this.#opened.link.examine(found, search);
      const roots = found.map(({ employee }) => employee);
      this.#same.roots(roots, mapper, FIRST_SLOT);
      this.#roots = roots;
      if (roots[0] !== undefined) this.#asker.probeAt(roots[0].dn);
      return roots;
    });
  }

  expand(
    branches: readonly Branch[],
    slot: number,
    signal: AbortSignal,
  ): AsyncIterable<ExpansionPage> {
    const pages = this.#opened.link.expand(branches, slot, signal);
    return this.#asker.several ? new OneServer(pages, () => this.#asker.serverOf(slot)) : pages;
  }

  async askManager(value: string, slot: number, signal: AbortSignal): Promise<ManagerAnswer> {
    return this.#opened.lookups.askManager(value, slot, signal);
  }

  async askManagers(values: readonly string[], slot: number, signal: AbortSignal) {
    return this.#opened.managersByDn.ask(values, slot, signal);
  }

  async find(people: readonly KnownPerson[], slot: number, signal: AbortSignal) {
    return this.#opened.lookups.find(people, slot, signal);
  }

  async findAlone(person: KnownPerson, slot: number, signal: AbortSignal) {
    return this.#opened.lookups.findAlone(person, slot, signal);
  }

  async findManager(value: string, slot: number, signal: AbortSignal) {
    return this.#opened.lookups.findManager(value, slot, signal);
  }

  sweep(slot: number, signal: AbortSignal): AsyncIterable<readonly SweptPerson[]> {
    return this.#opened.sweep.people(slot, signal);
  }

  /** What it allows, by some twenty requests. Only after `findRoots`. Rejects with a `DirectoryError`. */
  async survey(signal: AbortSignal): Promise<Survey> {
    const { link, ...known } = this.#opened;
    const { managerAttribute } = this.#options;
    const surveyed = {
      ...known,
      managerAttribute,
      roots: this.#roots,
      leavesShow: link.tellsLeaves,
    };
    return this.#atStart(signal, () => survey({ asker: this.#asker, ...surveyed }, signal));
  }

  async holds(twin: Twin, slot: number, signal: AbortSignal): Promise<TwinAnswer> {
    return this.#opened.lookups.holds(twin, slot, signal);
  }

  async probe(signal: AbortSignal, slot?: number): Promise<boolean> {
    return this.#asker.probe(signal, slot);
  }

  /** Who answered last, by which certificate. */
  get server(): ServerSeen {
    const seen = this.#asker.seen(FIRST_SLOT);
    if (seen === undefined) throw new Error('the directory was not opened');
    return seen;
  }

  async close(): Promise<void> {
    await this.#asker.close();
  }

  get #opened() {
    if (this.#known === undefined) throw new Error('the directory was not opened');
    return this.#known;
  }

  #atStart<T>(signal: AbortSignal, use: () => Promise<T>): Promise<T> {
    return atStart(this.#patience, signal, () => this.#asker.starting(FIRST_SLOT, use));
  }

  #knowing(profile: LdapProfile): Known {
    const { managerAttribute, managerValue, pageSize: wished, credentials } = this.#options;
    const { edition = '' } = this.#options;
    const { base, idAttribute, mapping, paging } = profile;
    const reportsAttribute = reportsAttributeOf(profile, this.#options);
    const leaves =
      reportsAttribute === undefined ? undefined : new Leaves(reportsAttribute, managerAttribute);
    const manner = { mapping, idAttribute, managerAttribute, managerValue, leaves, edition };
    const mapper = new Mapper(manner);
    refuseOids(profile.vendor, mapper.attributes);
    const filter = parseFilter(profile.filter);
    const common = { base, filter, mapper, bound: credentials.kind !== 'anonymous' };
    const pageSize = paging ? wished : 0;
    const landmark = () => this.#roots.find(({ hasId }) => hasId) ?? this.#withId(mapper);
    return {
      ...{ profile, mapper, filter },
      link: new ManagerLink(
        { asker: this.#asker, ...this.#ports },
        { ...common, idAttribute, managerAttribute, pageSize, leaves },
      ),
      lookups: new Lookups(this.#asker, {
        ...{ ...common, idAttribute, managerValue, landmark },
        root: () => byDn(this.#roots[0]),
      }),
      managersByDn: new ManagersByDn(this.#asker, {
        ...{ ...common, managerValue, vendor: profile.vendor },
      }),
      sweep: new Sweep(this.#asker, {
        ...{ ...common, idAttribute, managerAttribute, managerValue, pageSize },
      }),
    };
  }
}

/** Known by the DN alone. */
function byDn(employee: Employee | undefined): Pick<Employee, 'id' | 'dn'> | undefined {
  return employee && { id: dnKey(employee.dn), dn: employee.dn };
}
