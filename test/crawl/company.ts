// A directory in memory: a company whose people a test moves, hires, hides.
import { dnKey } from '../../src/domain/dn.ts';
import type { Branch, Employee, Page, Work } from '../../src/domain/employee.ts';
import type {
  Directory,
  ExpansionPage,
  KnownPerson,
  ManagerAnswer,
  Question,
  SourceProfile,
  SweptPerson,
  Twin,
  TwinAnswer,
} from '../../src/domain/ports.ts';
import { fingerprinted } from '../support/fingerprinted.ts';

export const SUFFIX = 'dc=example,dc=com';

export interface Person {
  readonly id: string;
  readonly dn: string;
  /** Manager values as this person's entry spells them. */
  readonly managers: readonly string[];
  readonly name: string;
  readonly title: string | null;
  /** What manager values hold to name this person, where that is not the DN. */
  readonly link?: string;
  /** What the id attribute holds, where that is not `id`; null: the entry shows none. */
  readonly shows?: string | null;
  /** Unless told otherwise, they are. */
  readonly active?: boolean;
}

export function dnOf(id: string): string {
  return `uid=${id},${SUFFIX}`;
}

/** Someone who reports to the people with those ids. */
export function person(id: string, managers: readonly string[], more: Partial<Person> = {}) {
  const dn = dnOf(id);
  return { id, dn, managers: managers.map(dnOf), name: `Name of ${id}`, title: null, ...more };
}

export interface Company {
  readonly people: readonly Person[];
  /** Ids. */
  readonly roots: readonly string[];
  /** Manager values that only the server understands, and whose they are. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Manager values that name an entry that is no employee. */
  readonly others?: readonly string[];
}

export const PROFILE: SourceProfile = {
  key: SUFFIX,
  vendor: 'memory',
  base: SUFFIX,
  idAttribute: 'entryUUID',
  paging: true,
  filter: '(objectClass=person)',
  mapping: { name: ['cn'] },
  traits: {},
};

export function questionOf(company: Company, more: Partial<Question> = {}): Question {
  return {
    base: SUFFIX,
    roots: company.roots,
    filter: '(objectClass=person)',
    managerAttribute: 'manager',
    managerValue: 'dn',
    mapping: { name: ['cn'] },
    idAttribute: 'entryUUID',
    ...more,
  };
}

export interface CompanyOptions {
  /** Entries to a page. */
  readonly pageSize?: number;
  /** Called before each search, with the ids of its branches; what it throws, the search throws. */
  readonly search?: (ids: readonly string[], signal: AbortSignal) => void | Promise<void>;
  /** What the company has become before the `n`-th search, counted from 1; undefined: it has not changed. */
  readonly become?: (n: number) => Company | undefined;
  /** Called when a page has been committed. */
  readonly committed?: () => void;
  /** Called before a manager value is asked about. */
  readonly asked?: (value: string) => void | Promise<void>;
  /** Called before somebody is looked for by id; what it throws, the search throws. */
  readonly find?: (id: string) => void;
  /** Called before it is asked who is at a DN; what it throws, the search throws. */
  readonly holds?: (dn: string) => void | Promise<void>;
  readonly probe?: () => Promise<boolean>;
  /** Called before each page of a sweep, counted from 0; what it throws, the sweep throws. */
  readonly swept?: (page: number) => void | Promise<void>;
}

/** A company behind the port of the crawl. */
export class CompanyDirectory implements Directory {
  readonly latencyMs = 0;
  readonly questions: string[] = [];
  #company: Company;
  readonly #options: CompanyOptions;
  readonly #byLink = new Map<string, Person[]>();
  readonly #reports = new Map<string, Person[]>();
  #searches = 0;
  #expansions = 0;
  #pages = 0;
  #entries = 0;

  constructor(company: Company, options: CompanyOptions = {}) {
    this.#company = company;
    this.#options = options;
    this.#group();
  }

  #group(): void {
    const { people } = this.#company;
    this.#byLink.clear();
    this.#reports.clear();
    for (const each of people) group(this.#byLink, linkKeyOf(each), each);
    for (const each of people) {
      for (const key of this.#managerKeys(each)) group(this.#reports, key, each);
    }
  }

  async open(): Promise<SourceProfile> {
    return PROFILE;
  }

  async findRoots(): Promise<readonly Employee[]> {
    const people = new Map(this.#company.people.map((each) => [each.id, each]));
    return this.#company.roots.map((id) => employeeOf(people.get(id) as Person));
  }

  async *expand(
    branches: readonly Branch[],
    _slot: number,
    signal: AbortSignal,
  ): AsyncGenerator<ExpansionPage<Page>> {
    await this.#options.search?.(
      branches.map(({ id }) => id),
      signal,
    );
    this.#expansions += 1;
    const company = this.#options.become?.(this.#expansions);
    if (company !== undefined) {
      this.#company = company;
      this.#group();
    }
    const found = new Set(branches.flatMap(({ linkKey }) => this.#reports.get(linkKey) ?? []));
    const employees = [...found].map(employeeOf);
    const size = this.#options.pageSize ?? 500;
    for (let at = 0; at === 0 || at < employees.length; at += size) {
      signal.throwIfAborted();
      const page = this.#page(employees.slice(at, at + size));
      // However the consumer goes on from here, the page has been committed.
      try {
        yield { page, last: at + size >= employees.length };
      } finally {
        this.#options.committed?.();
      }
    }
  }

  async askManager(value: string): Promise<ManagerAnswer> {
    await this.#options.asked?.(value);
    this.questions.push(value);
    this.#searches += 1;
    const [person, another] = this.#byLink.get(this.#keyOf(value)) ?? [];
    if (another !== undefined) return { kind: 'dangling' }; // which of the two, nobody can tell
    if (person !== undefined) return { kind: 'employee', ...identityOf(person) };
    return this.#company.others?.includes(value) === true
      ? { kind: 'other', dn: value }
      : { kind: 'dangling' };
  }

  async askManagers(values: readonly string[]): Promise<readonly undefined[]> {
    return values.map(() => undefined);
  }

  async find(people: readonly KnownPerson[]): Promise<readonly (Employee | null)[]> {
    this.#searches += 1;
    return people.map((person) => this.#find(person));
  }

  async findAlone(person: KnownPerson): Promise<Employee | null> {
    this.#searches += 1;
    return this.#find(person);
  }

  async findManager(value: string): Promise<Employee | null> {
    await this.#options.asked?.(value);
    this.#searches += 1;
    const [person, another] = this.#byLink.get(this.#keyOf(value)) ?? [];
    return person === undefined || another !== undefined ? null : employeeOf(person);
  }

  #find({ id, dn }: KnownPerson): Employee | null {
    this.#options.find?.(id);
    const { people } = this.#company;
    const there = people.find((each) => each.dn === dn);
    const same = people.filter((each) => identityOf(each).id === id);
    const person = id === dnKey(dn) ? there : (same.find((each) => each === there) ?? same[0]);
    return person === undefined ? null : employeeOf(person);
  }

  async *sweep(_slot: number, signal: AbortSignal): AsyncGenerator<readonly SweptPerson[]> {
    const { people } = this.#company;
    const size = this.#options.pageSize ?? 500;
    for (let at = 0; at < people.length; at += size) {
      await this.#options.swept?.(at / size);
      signal.throwIfAborted();
      this.#searches += 1;
      yield people.slice(at, at + size).map(({ id, dn, managers }) => {
        return { id, dn, hasManager: managers.some((value) => value !== dn) };
      });
    }
  }

  async holds({ id, dn }: Twin): Promise<TwinAnswer> {
    await this.#options.holds?.(dn);
    this.#searches += 1;
    const there = this.#company.people.find((each) => dnKey(each.dn) === dnKey(dn));
    if (there === undefined) return 'gone';
    if (there.shows === null) return 'without';
    return identityOf(there).id === id ? 'holds' : 'gone';
  }

  async probe(): Promise<boolean> {
    return (await this.#options.probe?.()) ?? true;
  }

  takeWork(): Work {
    const work = { searches: this.#searches, pages: this.#pages, entries: this.#entries };
    this.#searches = 0;
    this.#pages = 0;
    this.#entries = 0;
    return { ...work, reconnects: 0 };
  }

  async close(): Promise<void> {}

  #page(employees: readonly Employee[]): Page {
    this.#searches += 1;
    this.#pages += 1;
    this.#entries += employees.length;
    return { employees, references: [], work: this.takeWork() };
  }

  #managerKeys({ managers }: Person): ReadonlySet<string> {
    return new Set(managers.map((value) => this.#keyOf(value)));
  }

  /** As the server matches: by its aliases as well. */
  #keyOf(value: string): string {
    const id = this.#company.aliases?.[value];
    if (id === undefined) return keyOf(value);
    const named = this.#company.people.find((each) => each.id === id);
    return named === undefined ? keyOf(value) : linkKeyOf(named);
  }
}

function keyOf(link: string): string {
  return link.includes('=') ? dnKey(link) : link;
}

function linkKeyOf({ dn, link }: Person): string {
  return keyOf(link ?? dn);
}

function group(groups: Map<string, Person[]>, key: string, member: Person): void {
  const members = groups.get(key) ?? [];
  members.push(member);
  groups.set(key, members);
}

function identityOf({ id, dn, shows = id }: Person) {
  return { id: shows ?? dnKey(dn), dn };
}

export function employeeOf(person: Person): Employee {
  const { id, dn, managers, name, title } = person;
  return fingerprinted({
    fingerprint: null,
    ...identityOf(person),
    hasId: person.shows !== null,
    link: person.link ?? dn,
    linkKey: linkKeyOf(person),
    profile: {
      username: id,
      name,
      given_name: null,
      surname: null,
      email: null,
      title,
      department: null,
      employee_number: person.link ?? null,
      phone: null,
      location: null,
    },
    active: person.active ?? true,
    attributes: '{}',
    managers: managers.map((value) => ({ value, key: keyOf(value) })),
    leaf: false,
    capped: [],
  });
}

/** `count` people below `p0`, `span` to a manager. */
export function evenCompany(count: number, span: number, more: Partial<Person> = {}): Company {
  const people = Array.from({ length: count }, (_, i) =>
    person(`p${i}`, i === 0 ? [] : [`p${Math.floor((i - 1) / span)}`], more),
  );
  return { people, roots: ['p0'] };
}

/** Everything that is odd about real organisations, in a few people. */
export function oddCompany(): Company {
  const { people } = evenCompany(25, 3);
  const odd = [
    person('boss', ['boss']), // manages itself, as a chief often does
    person('p0', ['boss']),
    person('loop1', ['loop3', 'p1']), // a cycle that is reached
    person('loop2', ['loop1']),
    person('loop3', ['loop2']),
    person('far1', ['far2']), // and one that is not
    person('far2', ['far1']),
    person('matrix', ['p2', 'p3', 'p24']), // three managers at several depths
    person('tie', ['p5', 'p4']), // two at the same depth
    person('lost', ['p1', 'nobody']), // one value that names nobody
    person('grouped', ['p1'], { managers: [dnOf('p1'), `cn=group,${SUFFIX}`] }),
    person('respelt', [], { managers: [`UID=p6 , DC=Example,dc=COM`] }),
    person('aliased', [], { managers: ['cn=the one above p8'] }),
    person('second', ['p9']), // a root of its own, below the other
    person('below second', ['second', 'tie']),
  ];
  return {
    people: [...people.slice(1), ...odd],
    roots: ['boss', 'second'],
    aliases: { 'cn=the one above p8': 'p7' },
    others: [`cn=group,${SUFFIX}`],
  };
}
