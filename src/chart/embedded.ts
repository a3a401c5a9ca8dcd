import type { ChangeKind } from '../domain/changes.ts';
import type { ChartChange, ChartColumnName, ChartData } from '../domain/chart.ts';
import { Forest } from './forest.ts';
import { SearchIndex } from './search-index.ts';
import type { About, Change, Details, Key, Part, Person, Source, Step } from './source.ts';

/** People who lie in the page itself. A person's key is their row. */
export class EmbeddedSource implements Source {
  readonly #data: ChartData;
  readonly #forest: Forest;
  readonly #disabled: ReadonlySet<number>;
  readonly #direct: ReadonlyMap<number, number>;
  readonly #changes: ReadonlyMap<number, readonly ChartChange[]>;
  /** How many people before each row have changed: the difference of two is how many between them. */
  readonly #changedBefore: Int32Array;
  readonly #index: SearchIndex;

  constructor(data: ChartData) {
    this.#data = data;
    this.#forest = new Forest(data.levels);
    this.#disabled = new Set(data.disabled);
    this.#direct = new Map(data.direct);
    this.#changes = byRow(data.changes?.list ?? []);
    this.#changedBefore = changedBefore(data.levels.length, this.#changes);
    this.#index = new SearchIndex(data);
  }

  /** Prepares what would hold up the first search. */
  async warmUp(): Promise<void> {
    await this.#index.build();
  }

  async about(): Promise<About> {
    const { title, run, publishedAt, above, changes } = this.#data;
    const people = this.#forest.size;
    return { title, people, run, publishedAt, above, changes: changes?.counts ?? null };
  }

  async roots(from: number, count: number): Promise<Part<Person>> {
    return this.#people(this.#forest.reportsOf(-1), from, count);
  }

  async reports(manager: Key, from: number, count: number): Promise<Part<Person>> {
    return this.#people(this.#forest.reportsOf(Number(manager)), from, count);
  }

  async chain(key: Key): Promise<readonly Step[]> {
    return this.#forest.chainOf(Number(key)).map((row) => {
      return { person: this.#person(row), position: this.#forest.position[row] ?? 0 };
    });
  }

  async details(key: Key): Promise<Details> {
    const row = Number(key);
    return {
      ...this.#person(row),
      username: this.#text('username', row),
      location: this.#text('location', row),
      email: this.#text('email', row),
      phone: this.#text('phone', row),
      changed: (this.#changes.get(row) ?? []).map((change) => this.#change(change)),
    };
  }

  async search(text: string, count: number): Promise<Part<Person>> {
    const { rows, total } = await this.#index.find(text, count);
    return { from: 0, items: rows.map((row) => this.#person(row)), total };
  }

  async changes(kind: ChangeKind, from: number, count: number): Promise<Part<Change>> {
    const all = (this.#data.changes?.list ?? []).filter(([of]) => of === kind);
    const items = all.slice(from, from + count).map((change) => this.#change(change));
    return { from, items, total: all.length };
  }

  #people(rows: Int32Array, from: number, count: number): Part<Person> {
    const items = [...rows.subarray(from, from + count)].map((row) => this.#person(row));
    return { from, items, total: rows.length };
  }

  #person(row: number): Person {
    const { manager, below } = this.#forest;
    const above = manager[row] ?? -1;
    const total = below[row] ?? 0;
    return {
      key: String(row),
      name: this.#text('name', row),
      title: this.#text('title', row),
      department: this.#text('department', row),
      active: !this.#disabled.has(row),
      manager: above < 0 ? null : String(above),
      direct: this.#direct.get(row) ?? this.#forest.reportsOf(row).length,
      total,
      changes: (this.#changes.get(row) ?? []).map(([kind]) => kind),
      changesBelow:
        (this.#changedBefore[row + total + 1] ?? 0) - (this.#changedBefore[row + 1] ?? 0),
    };
  }

  #change([kind, row, name, differences]: ChartChange): Change {
    return { kind, name, person: row < 0 ? null : this.#person(row), differences };
  }

  #text(name: ChartColumnName, row: number): string {
    const { values, rows } = this.#data.columns[name];
    return values[rows === undefined ? row : (rows[row] ?? -1)] ?? '';
  }
}

function byRow(list: readonly ChartChange[]): ReadonlyMap<number, readonly ChartChange[]> {
  const changes = new Map<number, ChartChange[]>();
  for (const change of list) {
    const row = change[1];
    if (row >= 0) changes.set(row, [...(changes.get(row) ?? []), change]);
  }
  return changes;
}

function changedBefore(size: number, changes: ReadonlyMap<number, unknown>): Int32Array {
  const before = new Int32Array(size + 1);
  for (let row = 0; row < size; row++) {
    before[row + 1] = (before[row] ?? 0) + (changes.has(row) ? 1 : 0);
  }
  return before;
}
