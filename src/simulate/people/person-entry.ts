import type { SimulatedEntry } from '../directory.ts';
import { CITIES, type Department, departmentOf, titleOf } from '../search/jobs.ts';
import { uuidOfNumber } from './entry-uuid.ts';
import { type PersonName, personName } from './names.ts';
import { hash32 } from './random.ts';
import type { PersonRange } from './span-tree.ts';

/** What a person's entry needs to know of the organisation around. */
export interface PersonSource {
  readonly seed: number;
  readonly people: number;
  readonly mailDomain: string;
  readonly container: string;
  readonly containerKey: string;
  managerOf(person: number): number | undefined;
  reportsOf(person: number): PersonRange;
  depthOf(person: number): number;
}

const OBJECT_CLASSES: readonly string[] = [
  'top',
  'person',
  'organizationalPerson',
  'inetOrgPerson',
];
const NONE: readonly string[] = [];
const NUMBER_WIDTH = 7;

const SALT = { given: 1, family: 2, city: 3, title: 4, phone: 5, mobile: 6, mail: 7, created: 8 };

/** Everything about a person is a function of the organisation's seed and the person's number. */
export class PersonEntry implements SimulatedEntry {
  readonly id: number;
  readonly #source: PersonSource;
  #name: PersonName | undefined;

  constructor(source: PersonSource, person: number) {
    this.#source = source;
    this.id = person;
  }

  get userAttributes(): readonly string[] {
    return USER_ATTRIBUTES;
  }

  get operationalAttributes(): readonly string[] {
    return OPERATIONAL_ATTRIBUTES;
  }

  get dn(): string {
    return `uid=${this.uid},${this.#source.container}`;
  }

  get key(): string {
    return `uid=${this.uid},${this.#source.containerKey}`;
  }

  get uid(): string {
    return `${this.name.latinGiven}.${this.name.latinFamily}${this.id + 1}`;
  }

  get name(): PersonName {
    this.#name ??= personName(this.random(SALT.given), this.random(SALT.family));
    return this.#name;
  }

  get manager(): string | undefined {
    const manager = this.#source.managerOf(this.id);
    return manager === undefined ? undefined : new PersonEntry(this.#source, manager).dn;
  }

  /** A few have none, as machine operators do. */
  get mail(): string | undefined {
    const hasMail = this.id === 0 || this.random(SALT.mail) % 40 !== 0;
    return hasMail ? `${this.uid}@${this.#source.mailDomain}` : undefined;
  }

  get title(): string {
    const manages = this.#source.reportsOf(this.id).count > 0;
    const depth = this.#source.depthOf(this.id);
    return titleOf(depth, manages, this.department, this.random(SALT.title));
  }

  /** That of the ancestor who reports to the root. */
  get department(): Department {
    let person = this.id;
    for (let manager = this.#source.managerOf(person); manager; ) {
      person = manager;
      manager = this.#source.managerOf(person);
    }
    return departmentOf(person);
  }

  get employeeNumber(): string {
    return String(this.id + 1).padStart(NUMBER_WIDTH, '0');
  }

  get uuid(): string {
    return uuidOfNumber(this.#source.seed, this.id);
  }

  get city(): { readonly name: string; readonly dial: string } {
    return CITIES[this.random(SALT.city) % CITIES.length] ?? { name: 'Berlin', dial: '+49 30' };
  }

  get created(): string {
    const day = Date.UTC(2005, 0, 1 + (this.random(SALT.created) % 7000), 8);
    return `${new Date(day).toISOString().replace(/\D/gu, '').slice(0, 14)}Z`;
  }

  phone(salt: number, share: number): string | undefined {
    const digits = this.random(salt);
    if (digits % 100 >= share) return undefined;
    const line = String(1_000_000 + (digits % 9_000_000));
    return `${this.city.dial} ${line.slice(0, 3)} ${line.slice(3)}`;
  }

  random(salt: number): number {
    return hash32(this.#source.seed, this.id, salt);
  }

  values(attribute: string): readonly string[] {
    if (attribute === 'objectclass') return OBJECT_CLASSES;
    const value = READERS.get(attribute)?.(this);
    return value === undefined ? NONE : [value];
  }
}

type Reader = (person: PersonEntry) => string | undefined;

const USER_READERS: Readonly<Record<string, Reader>> = {
  cn: (person) => `${person.name.given} ${person.name.family}`,
  sn: (person) => person.name.family,
  givenName: (person) => person.name.given,
  displayName: (person) => `${person.name.given} ${person.name.family}`,
  uid: (person) => person.uid,
  employeeNumber: (person) => person.employeeNumber,
  employeeType: () => 'Employee',
  title: (person) => person.title,
  ou: (person) => person.department.name,
  departmentNumber: (person) => person.department.number,
  mail: (person) => person.mail,
  telephoneNumber: (person) => person.phone(SALT.phone, 90),
  mobile: (person) => person.phone(SALT.mobile, 40),
  l: (person) => person.city.name,
  manager: (person) => person.manager,
};

const OPERATIONAL_READERS: Readonly<Record<string, Reader>> = {
  structuralObjectClass: () => 'inetOrgPerson',
  entryUUID: (person) => person.uuid,
  entryDN: (person) => person.dn,
  createTimestamp: (person) => person.created,
  modifyTimestamp: (person) => person.created,
};

const USER_ATTRIBUTES: readonly string[] = ['objectClass', ...Object.keys(USER_READERS)];
const OPERATIONAL_ATTRIBUTES: readonly string[] = Object.keys(OPERATIONAL_READERS);

const READERS: ReadonlyMap<string, Reader> = new Map(
  Object.entries({ ...USER_READERS, ...OPERATIONAL_READERS }).map(([name, reader]) => [
    name.toLowerCase(),
    reader,
  ]),
);

/** Canonical names of all attributes that a person may have. */
export const PEOPLE_ATTRIBUTES: ReadonlySet<string> = new Set(['objectclass', ...READERS.keys()]);
