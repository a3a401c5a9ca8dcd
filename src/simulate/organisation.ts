import type { SimulatedDirectory, SimulatedEntry } from './directory.ts';
import { containerEntry } from './people/container-entry.ts';
import { numberInUuid } from './people/entry-uuid.ts';
import { PEOPLE_ATTRIBUTES, PersonEntry, type PersonSource } from './people/person-entry.ts';
import { type PersonRange, SpanTree, spanPattern } from './people/span-tree.ts';
import { dnKey } from './search/dn-key.ts';
import { STANDARD_ATTRIBUTES } from './search/schema.ts';

export type { AttributeValue, SimulatedDirectory, SimulatedEntry } from './directory.ts';
export { type StaticDirectory, type StaticEntry, staticDirectory } from './static-directory.ts';

export interface SyntheticOptions {
  /** From 1 up; ten million is no more work to set up than ten. */
  readonly people: number;
  /** Any whole number: the same seed gives the same organisation, and more people only add to it. */
  readonly seed: number;
  /** DN of the topmost entry (dc=example,dc=com). */
  readonly suffix?: string;
  /** Direct reports of person 0, 1, 2, …, repeated, in place of the usual pattern: `[1]` is a chain. */
  readonly spans?: readonly number[];
}

/** @throws RangeError for fewer than one person, or spans that make no tree */
export function syntheticOrganisation(options: SyntheticOptions): SyntheticOrganisation {
  return new SyntheticOrganisation(options);
}

const CONTAINERS = 2;

/** Persons have numbers, 0 (the root) to `people - 1`; everything about them is computed from the number. */
export class SyntheticOrganisation implements SimulatedDirectory, PersonSource {
  readonly suffix: string;
  readonly seed: number;
  readonly people: number;
  readonly size: number;
  readonly mailDomain: string;
  readonly container: string;
  readonly containerKey: string;
  readonly #tree: SpanTree;
  readonly #top: SimulatedEntry;
  readonly #shelf: SimulatedEntry;

  constructor({ people, seed, suffix = 'dc=example,dc=com', spans }: SyntheticOptions) {
    this.suffix = suffix;
    this.seed = seed;
    this.people = people;
    this.size = people + CONTAINERS;
    this.#tree = new SpanTree(people, spans ?? spanPattern(seed));
    this.container = `ou=people,${suffix}`;
    this.containerKey = keyOf(this.container);
    this.mailDomain = mailDomainOf(suffix);
    this.#top = containerEntry(-2, suffix, keyOf(suffix));
    this.#shelf = containerEntry(-1, this.container, this.containerKey);
  }

  get rootDn(): string {
    return this.person(0).dn;
  }

  managerOf(person: number): number | undefined {
    return this.#tree.managerOf(person);
  }

  reportsOf(person: number): PersonRange {
    return this.#tree.reportsOf(person);
  }

  depthOf(person: number): number {
    return this.#tree.depthOf(person);
  }

  person(person: number): PersonEntry {
    return new PersonEntry(this, person);
  }

  knows(attribute: string): boolean {
    return STANDARD_ATTRIBUTES.has(attribute) || PEOPLE_ATTRIBUTES.has(attribute);
  }

  find(key: string): SimulatedEntry | undefined {
    if (key === this.#top.key) return this.#top;
    if (key === this.containerKey) return this.#shelf;
    const person = this.#personAt(key);
    return person === undefined ? undefined : this.person(person);
  }

  *children(key: string): Iterable<SimulatedEntry> {
    if (key === this.#top.key) yield this.#shelf;
    if (key === this.containerKey) yield* this.#persons({ first: 0, count: this.people });
  }

  *subtree(key: string): Iterable<SimulatedEntry> {
    const entry = this.find(key);
    if (entry !== undefined) yield entry;
    if (entry === this.#top) yield this.#shelf;
    if (entry === this.#top || entry === this.#shelf) yield* this.children(this.containerKey);
  }

  lookup(attribute: string, key: string): Iterable<SimulatedEntry> | undefined {
    switch (attribute) {
      case 'manager':
        return this.#managedBy(key);
      case 'uid':
        return this.#checked(numberedAt(key), attribute, key);
      case 'mail':
        return this.#checked(numberedAt(key.split('@')[0] ?? ''), attribute, key);
      case 'employeenumber':
        return this.#checked(/^\d{7,8}$/u.test(key) ? Number(key) - 1 : undefined, attribute, key);
      case 'entryuuid':
        return this.#byUuid(key);
      default:
        return undefined;
    }
  }

  #managedBy(key: string): Iterable<SimulatedEntry> {
    const manager = this.#personAt(key);
    return manager === undefined ? [] : this.#persons(this.reportsOf(manager));
  }

  #byUuid(key: string): Iterable<SimulatedEntry> {
    for (const entry of [this.#top, this.#shelf])
      if (entry.values('entryuuid')[0] === key) return [entry];
    return this.#checked(numberInUuid(this.seed, key), 'entryuuid', key);
  }

  /** The number was read off a value; whether the person of that number has it is another matter. */
  #checked(person: number | undefined, attribute: string, key: string): readonly SimulatedEntry[] {
    if (person === undefined || !(person >= 0 && person < this.people)) return [];
    const entry = this.person(person);
    return entry.values(attribute)[0]?.toString().toLowerCase() === key ? [entry] : [];
  }

  #personAt(key: string): number | undefined {
    if (!key.startsWith('uid=') || !key.endsWith(`,${this.containerKey}`)) return undefined;
    const person = numberedAt(key.slice(4, -1 - this.containerKey.length));
    if (person === undefined || person < 0 || person >= this.people) return undefined;
    return this.person(person).key === key ? person : undefined;
  }

  *#persons({ first, count }: PersonRange): Iterable<SimulatedEntry> {
    for (let person = first; person < first + count; person++) yield this.person(person);
  }
}

/** A user name ends in the employee number, which counts from 1. */
function numberedAt(userName: string): number | undefined {
  const digits = /\d{1,10}$/u.exec(userName)?.[0];
  return digits === undefined ? undefined : Number(digits) - 1;
}

function keyOf(dn: string): string {
  const key = dnKey(dn);
  if (key === undefined || key === '')
    throw new RangeError(`Expected \`suffix\` to be a DN, got \`${dn}\``);
  return key;
}

function mailDomainOf(suffix: string): string {
  const labels = [...suffix.matchAll(/(?:^|,)\s*dc\s*=\s*([^,]+)/giu)].map((match) =>
    match[1]?.trim(),
  );
  return labels.length === 0 ? 'example.com' : labels.join('.').toLowerCase();
}
