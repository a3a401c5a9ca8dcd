// The port of the crawl before a directory that changes between any two requests.
import type { Branch, Employee, Page, Work } from '../../../src/domain/employee.ts';
import { NO_WORK } from '../../../src/domain/employee.ts';
import type {
  Directory,
  ExpansionPage,
  KnownPerson,
  ManagerAnswer,
  SourceProfile,
  SweptPerson,
  Twin,
  TwinAnswer,
} from '../../../src/domain/ports.ts';
import { employeeOf, PROFILE } from '../company.ts';
import type { Faults } from './failing.ts';
import { type Entry, GROUP, keyOf, type World } from './world.ts';

export interface Session {
  readonly world: World;
  readonly faults: Faults;
  /** Entries to a page, from 1 up. */
  readonly pageSize: number;
  /** Called before each request, and when a page has been taken: the directory may have changed when it resolves. */
  readonly moment: (request: boolean) => Promise<void>;
}

export class ChangingDirectory implements Directory {
  readonly latencyMs = 0;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async open(): Promise<SourceProfile> {
    return PROFILE;
  }

  async findRoots(): Promise<readonly Employee[]> {
    await this.#session.moment(true);
    return this.#session.world.roots.map((id) => asEmployee(this.#now.get(id) as Entry));
  }

  async *expand(
    branches: readonly Branch[],
    _slot: number,
    signal: AbortSignal,
  ): AsyncGenerator<ExpansionPage<Page>> {
    const { moment, pageSize, faults } = this.#session;
    const keys = new Set(branches.map(({ linkKey }) => linkKey));
    const fault = faults.ofBranches(branches.map(({ id }) => id));
    for (let after = -1, last = false; !last; ) {
      await moment(true);
      signal.throwIfAborted();
      if (fault?.late === false) throw fault.failure;
      // A server goes through its entries in one order, and meets each as it is then.
      const rest = this.#all.filter((each) => each.ordinal > after && names(each, keys));
      const found = rest.slice(0, pageSize);
      last = rest.length === found.length && fault === null;
      after = found.at(-1)?.ordinal ?? after;
      try {
        yield { page: pageOf(found), last };
      } finally {
        await moment(false);
      }
      if (fault !== null) throw fault.failure;
    }
  }

  async askManager(value: string): Promise<ManagerAnswer> {
    const entry = await this.#named(value);
    if (entry !== undefined) return { kind: 'employee', id: entry.id, dn: entry.dn };
    return keyOf(value) === keyOf(GROUP) ? { kind: 'other', dn: GROUP } : { kind: 'dangling' };
  }

  async askManagers(values: readonly string[]): Promise<readonly undefined[]> {
    return values.map(() => undefined);
  }

  async find(people: readonly KnownPerson[]): Promise<readonly (Employee | undefined)[]> {
    const found: (Employee | undefined)[] = [];
    for (const person of people) found.push((await this.findAlone(person)) ?? undefined);
    return found;
  }

  async findAlone({ id }: KnownPerson): Promise<Employee | null> {
    await this.#session.moment(true);
    this.#session.faults.ofPerson(id);
    const entry = this.#now.get(id);
    return entry === undefined ? null : asEmployee(entry);
  }

  async findManager(value: string): Promise<Employee | null> {
    const entry = await this.#named(value);
    return entry === undefined ? null : asEmployee(entry);
  }

  async holds({ id, dn }: Twin): Promise<TwinAnswer> {
    await this.#session.moment(true);
    const there = this.#all.find((each) => keyOf(each.dn) === keyOf(dn));
    return there?.id === id ? 'holds' : 'gone';
  }

  // biome-ignore lint/correctness/useYield: nobody asks for it
  async *sweep(): AsyncGenerator<readonly SweptPerson[]> {
    throw new Error('nobody asked for a sweep');
  }

  async probe(): Promise<boolean> {
    return true;
  }

  takeWork(): Work {
    return NO_WORK;
  }

  async close(): Promise<void> {}

  get #now() {
    return this.#session.world.now;
  }

  get #all(): readonly Entry[] {
    return [...this.#now.values()].toSorted((a, b) => a.ordinal - b.ordinal);
  }

  async #named(value: string): Promise<Entry | undefined> {
    await this.#session.moment(true);
    this.#session.faults.ofName(value);
    return this.#all.find(({ dn }) => keyOf(dn) === keyOf(value));
  }
}

function names({ managers }: Entry, keys: ReadonlySet<string>): boolean {
  return managers.some((value) => keys.has(keyOf(value)));
}

function pageOf(entries: readonly Entry[]): Page {
  return { employees: entries.map(asEmployee), references: [], work: NO_WORK };
}

function asEmployee({ id, dn, managers, title }: Entry): Employee {
  return employeeOf({ id, dn, managers, title, name: `Name of ${id}` });
}
