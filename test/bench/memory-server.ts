// A simulated directory in a process of its own, so that what it takes in memory is nobody else's. Ends with its parent.
import type { SimulatedDirectory, SimulatedEntry } from '../../src/simulate/directory.ts';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { SimulatedServer } from '../../src/simulate/server.ts';

/** Everyone's title, computed when it is sent. */
class HeavyDirectory implements SimulatedDirectory {
  readonly #inner: SimulatedDirectory;
  readonly #title: string;

  constructor(inner: SimulatedDirectory, titleBytes: number) {
    this.#inner = inner;
    this.#title = 'x'.repeat(titleBytes);
  }

  get suffix(): string {
    return this.#inner.suffix;
  }

  get size(): number {
    return this.#inner.size;
  }

  knows(attribute: string): boolean {
    return this.#inner.knows(attribute);
  }

  find(key: string): SimulatedEntry | undefined {
    const entry = this.#inner.find(key);
    return entry && this.#heavy(entry);
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
    for (const entry of entries) yield this.#heavy(entry);
  }

  #heavy(entry: SimulatedEntry): SimulatedEntry {
    const values = (name: string) => (name === 'title' ? [this.#title] : entry.values(name));
    const { id, dn, key, userAttributes, operationalAttributes } = entry;
    return { id, dn, key, userAttributes, operationalAttributes, values };
  }
}

export interface Served {
  readonly people: number;
  /** Direct reports of person 0, 1, 2, … */
  readonly spans: readonly number[];
  /** Of everyone's title; 0: as usual. */
  readonly titleBytes: number;
}

const { people, spans, titleBytes } = JSON.parse(process.argv[2] ?? '') as Served;
const organisation = syntheticOrganisation({ people, seed: 1, spans });
const directory = titleBytes > 0 ? new HeavyDirectory(organisation, titleBytes) : organisation;
const server = await SimulatedServer.listen({ directory });
process.send?.({ url: server.url, root: organisation.rootDn });
process.once('disconnect', () => process.exit());
