import type { AttributeValue, SimulatedDirectory, SimulatedEntry } from './directory.ts';
import { dnKey, parentKey } from './search/dn-key.ts';
import { STANDARD_ATTRIBUTES, valueKey } from './search/schema.ts';
import { canonicalAttribute } from './search/schema-names.ts';

/** An entry written out by a test. Attribute names keep their spelling and their options (`cn;lang-de`). */
export interface StaticEntry {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly AttributeValue[]>>;
}

const OPERATIONAL = new Set([
  'entryuuid',
  'entrydn',
  'createtimestamp',
  'modifytimestamp',
  'nsuniqueid',
]);
const INDEXED: readonly string[] = ['manager', 'uid', 'mail', 'employeenumber', 'entryuuid'];

/**
 * A directory of given entries. It can be changed while it is being served: a search in progress sees what is there
 * when it comes to it. An entry `entryUUID` is only there when given.
 */
export function staticDirectory(entries: Iterable<StaticEntry>, suffix: string): StaticDirectory {
  const directory = new StaticDirectory(suffix);
  for (const entry of entries) directory.add(entry);
  return directory;
}

export class StaticDirectory implements SimulatedDirectory {
  readonly suffix: string;
  readonly #entries = new Map<string, HeldEntry>();
  readonly #index = new Map<string, Map<string, Set<HeldEntry>>>();
  readonly #names = new Set(STANDARD_ATTRIBUTES);
  #lastId = 0;

  constructor(suffix: string) {
    this.suffix = suffix;
    for (const name of INDEXED) this.#index.set(name, new Map());
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @throws Error when the DN is invalid or taken. */
  add(entry: StaticEntry): void {
    const held = new HeldEntry(++this.#lastId, entry);
    if (this.#entries.has(held.key)) throw new Error(`Expected a new entry, got ${entry.dn} again`);
    this.#entries.set(held.key, held);
    for (const name of held.names) this.#names.add(name);
    this.#eachIndexed(held, (holders) => holders.add(held));
  }

  /** @throws Error when there is no such entry. */
  remove(dn: string): void {
    const held = this.#entries.get(keyOf(dn));
    if (held === undefined) throw new Error(`Expected an entry at ${dn}`);
    this.#eachIndexed(held, (holders) => holders.delete(held));
    this.#entries.delete(held.key);
  }

  /** Takes the entry at `dn` away and puts another in, at the same DN (a change) or at another (a rename or move). */
  replace(dn: string, entry: StaticEntry): void {
    this.remove(dn);
    this.add(entry);
  }

  knows(attribute: string): boolean {
    return this.#names.has(attribute);
  }

  find(key: string): SimulatedEntry | undefined {
    return this.#entries.get(key);
  }

  *children(key: string): Iterable<SimulatedEntry> {
    for (const entry of this.#entries.values()) if (entry.parent === key) yield entry;
  }

  *subtree(key: string): Iterable<SimulatedEntry> {
    const below = `,${key}`;
    for (const entry of this.#entries.values()) {
      if (entry.key === key || entry.key.endsWith(below)) yield entry;
    }
  }

  lookup(attribute: string, key: string): Iterable<SimulatedEntry> | undefined {
    const index = this.#index.get(attribute);
    return index && (index.get(key) ?? []);
  }

  #eachIndexed(entry: HeldEntry, act: (holders: Set<HeldEntry>) => void): void {
    for (const [attribute, index] of this.#index) {
      for (const value of entry.values(attribute)) {
        const key = valueKey(attribute, value);
        if (key === undefined) continue;
        const holders = index.get(key) ?? new Set();
        index.set(key, holders);
        act(holders);
      }
    }
  }
}

function keyOf(dn: string): string {
  const key = dnKey(dn);
  if (key === undefined) throw new Error(`Expected a DN, got ${JSON.stringify(dn)}`);
  return key;
}

class HeldEntry implements SimulatedEntry {
  readonly id: number;
  readonly dn: string;
  readonly key: string;
  readonly parent: string;
  readonly names: readonly string[];
  readonly userAttributes: readonly string[];
  readonly operationalAttributes: readonly string[];
  readonly #values = new Map<string, readonly AttributeValue[]>();

  constructor(id: number, { dn, attributes }: StaticEntry) {
    this.id = id;
    this.dn = dn;
    this.key = keyOf(dn);
    this.parent = parentKey(this.key);
    for (const [name, values] of Object.entries(attributes)) {
      this.#values.set(canonicalAttribute(name), values);
    }
    const names = Object.keys(attributes);
    const operational = (name: string) => OPERATIONAL.has(canonicalAttribute(name));
    this.names = names.map(canonicalAttribute);
    this.userAttributes = names.filter((name) => !operational(name));
    this.operationalAttributes = [...names.filter(operational), 'entryDN'];
  }

  values(attribute: string): readonly AttributeValue[] {
    const held = this.#values.get(attribute);
    if (held !== undefined) return held;
    return attribute === 'entrydn' ? [this.dn] : [];
  }
}
