import type { SimulatedDirectory, SimulatedEntry } from '../../src/simulate/directory.ts';

/** Values of an attribute (canonical name) that an entry has in place of its own; undefined: its own. */
export type Change = (entry: SimulatedEntry, attribute: string) => readonly string[] | undefined;

/** An account that is disabled says so in this one, which the organisation's own entries lack. */
const LOCK = 'nsAccountLock';

/** A directory in which some values are others. Computed when it is asked, as the one behind it. */
export class ChangedDirectory implements SimulatedDirectory {
  readonly #inner: SimulatedDirectory;
  readonly #change: Change;
  /** By the array of the entry: the server works out what is selected once for each. */
  readonly #operational = new Map<readonly string[], readonly string[]>();

  constructor(inner: SimulatedDirectory, change: Change) {
    this.#inner = inner;
    this.#change = change;
  }

  get suffix(): string {
    return this.#inner.suffix;
  }

  get size(): number {
    return this.#inner.size;
  }

  knows(attribute: string): boolean {
    return attribute === LOCK.toLowerCase() || this.#inner.knows(attribute);
  }

  find(key: string): SimulatedEntry | undefined {
    const entry = this.#inner.find(key);
    return entry && this.#changed(entry);
  }

  children(key: string): Iterable<SimulatedEntry> {
    return this.#all(this.#inner.children(key));
  }

  subtree(key: string): Iterable<SimulatedEntry> {
    return this.#all(this.#inner.subtree(key));
  }

  lookup(attribute: string, key: string): Iterable<SimulatedEntry> | undefined {
    const found = this.#inner.lookup(attribute, key);
    return found && this.#all(found);
  }

  *#all(entries: Iterable<SimulatedEntry>): Iterable<SimulatedEntry> {
    for (const entry of entries) yield this.#changed(entry);
  }

  #changed(entry: SimulatedEntry): SimulatedEntry {
    const values = (name: string) => this.#change(entry, name) ?? entry.values(name);
    const operationalAttributes = this.#withLock(entry.operationalAttributes);
    const { id, dn, key, userAttributes } = entry;
    return { id, dn, key, userAttributes, operationalAttributes, values };
  }

  #withLock(names: readonly string[]): readonly string[] {
    const known = this.#operational.get(names) ?? [...names, LOCK];
    this.#operational.set(names, known);
    return known;
  }
}
