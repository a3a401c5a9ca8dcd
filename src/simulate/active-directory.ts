import type { AttributeValue, SimulatedDirectory, SimulatedEntry } from './directory.ts';
import { guidBytes, guidText } from './search/guid.ts';

export interface ActiveDirectoryOptions {
  /** Whether a search by manager finds its entries without looking at all of them; on Samba as shipped it does not (true). */
  readonly managerIndexed?: boolean;
  /** Entries whose `directReports` the account may not read (none). */
  readonly hidesReports?: (dn: string) => boolean;
}

const OWN: readonly string[] = ['distinguishedName', 'objectGUID', 'directReports'];
const NONE: readonly AttributeValue[] = [];

/**
 * The same entries as an Active Directory has them: an id of 16 bytes, which is the `entryUUID` of those that have one, the
 * DN as an attribute, and at each manager the names of whoever reports to them.
 */
export function activeDirectory(
  directory: SimulatedDirectory,
  options: ActiveDirectoryOptions = {},
): SimulatedDirectory {
  return new ActiveDirectory(directory, options);
}

class ActiveDirectory implements SimulatedDirectory {
  readonly suffix: string;
  readonly #inner: SimulatedDirectory;
  readonly #options: ActiveDirectoryOptions;
  /** Like entries share an array of names, here as there. */
  readonly #names = new WeakMap<readonly string[], readonly string[]>();

  constructor(inner: SimulatedDirectory, options: ActiveDirectoryOptions) {
    this.suffix = inner.suffix;
    this.#inner = inner;
    this.#options = options;
  }

  get size(): number {
    return this.#inner.size;
  }

  knows(attribute: string): boolean {
    return this.#inner.knows(attribute);
  }

  find(key: string): SimulatedEntry | undefined {
    const entry = this.#inner.find(key);
    return entry && this.#dressed(entry);
  }

  children(key: string): Iterable<SimulatedEntry> {
    return this.#all(this.#inner.children(key));
  }

  subtree(key: string): Iterable<SimulatedEntry> {
    return this.#all(this.#inner.subtree(key));
  }

  lookup(attribute: string, key: string): Iterable<SimulatedEntry> | undefined {
    const { managerIndexed = true } = this.#options;
    switch (attribute) {
      case 'manager':
        return managerIndexed ? this.#found(attribute, key) : undefined;
      case 'distinguishedname':
        return this.#all([this.#inner.find(key)].filter((entry) => entry !== undefined));
      case 'objectguid':
        return this.#found('entryuuid', guidText(Buffer.from(key, 'latin1')));
      default:
        return this.#found(attribute, key);
    }
  }

  #found(attribute: string, key: string): Iterable<SimulatedEntry> | undefined {
    const entries = this.#inner.lookup(attribute, key);
    return entries && this.#all(entries);
  }

  *#all(entries: Iterable<SimulatedEntry>): Iterable<SimulatedEntry> {
    for (const entry of entries) yield this.#dressed(entry);
  }

  #dressed(entry: SimulatedEntry): SimulatedEntry {
    const { id, dn, key, userAttributes } = entry;
    return {
      ...{ id, dn, key, operationalAttributes: [] },
      userAttributes: this.#namesFor(userAttributes),
      values: (attribute) => this.#values(entry, attribute),
    };
  }

  #namesFor(names: readonly string[]): readonly string[] {
    const known = this.#names.get(names) ?? [...names, ...OWN];
    this.#names.set(names, known);
    return known;
  }

  #values(entry: SimulatedEntry, attribute: string): readonly AttributeValue[] {
    switch (attribute) {
      case 'distinguishedname':
        return [entry.dn];
      case 'objectguid':
        return entry.values('entryuuid').map((uuid) => guidBytes(uuid.toString()));
      case 'directreports':
        return this.#options.hidesReports?.(entry.dn) ? NONE : this.#reportsOf(entry);
      default:
        return entry.values(attribute);
    }
  }

  #reportsOf({ key }: SimulatedEntry): readonly AttributeValue[] {
    return [...(this.#inner.lookup('manager', key) ?? [])].map(({ dn }) => dn);
  }
}
