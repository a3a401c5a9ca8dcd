import type { ChartColumn, ChartData } from '../domain/chart.ts';
import { fold } from '../domain/fold.ts';

/** Rows that are folded without a pause: some milliseconds, so that typing is not held up. */
const SLICE = 2_000;

/** Names, and what else leads to a person; the former weigh more. */
const NAMES = ['name', 'username'] as const;
const OTHERS = ['title', 'department', 'location', 'email', 'phone'] as const;

interface Found {
  readonly rows: readonly number[];
  readonly total: number;
}

/** Finds people by how the words of their texts begin. */
export class SearchIndex {
  readonly #size: number;
  readonly #columns: ChartData['columns'];
  /** Of each person the folded words, one blank before each: the names apart, and all together. */
  readonly #names: string[] = [];
  readonly #all: string[] = [];
  #building: Promise<void> | undefined;

  constructor(data: ChartData) {
    this.#size = data.levels.length;
    this.#columns = data.columns;
  }

  /** Asked for at a quiet moment it spares the first question some time. */
  build(): Promise<void> {
    this.#building ??= this.#fill();
    return this.#building;
  }

  /** The first `count` by rank, then by their place in the organisation, and how many there are in all. */
  async find(text: string, count: number): Promise<Found> {
    const words = wordsOf(text).map((word) => ` ${word}`);
    if (words.length === 0) return { rows: [], total: 0 };
    await this.build();
    const ranks: [number[], number[], number[]] = [[], [], []];
    for (let row = 0; row < this.#size; row++) {
      const all = this.#all[row] ?? '';
      if (words.every((word) => all.includes(word))) ranks[this.#rank(row, words)].push(row);
    }
    const found = ranks.flat();
    return { rows: found.slice(0, count), total: found.length };
  }

  /** 0: a name begins like it; 1: it is in the names; 2: elsewhere. */
  #rank(row: number, words: readonly string[]): 0 | 1 | 2 {
    const names = this.#names[row] ?? '';
    if (names.split('|').some((name) => name.startsWith(words.join('')))) return 0;
    return words.every((word) => names.includes(word)) ? 1 : 2;
  }

  async #fill(): Promise<void> {
    const [names, others] = [NAMES, OTHERS].map((some) =>
      some.map((name) => folded(this.#columns[name])),
    );
    for (let row = 0; row < this.#size; row++) {
      if (row % SLICE === SLICE - 1) await new Promise((resolve) => setTimeout(resolve));
      const own = names?.map((words) => words(row)).join('|') ?? '';
      this.#names.push(own);
      this.#all.push(own + (others?.map((words) => words(row)).join('') ?? ''));
    }
  }
}

/** The words of each row of a column. What stands in many rows is folded once. */
function folded({ values, rows }: ChartColumn): (row: number) => string {
  const known = new Map<number, string>();
  return (row) => {
    if (rows === undefined) return joined(values[row]);
    const value = rows[row] ?? -1;
    const words = known.get(value) ?? joined(values[value]);
    known.set(value, words);
    return words;
  };
}

function joined(text = ''): string {
  const words = wordsOf(text);
  return words.length === 0 ? '' : ` ${words.join(' ')}`;
}

const PLAIN = /[a-z0-9]+/g;
const WORD = /[\p{L}\p{N}\p{M}]+/gu;

function wordsOf(text: string): readonly string[] {
  const letters = fold(text);
  // Most of what a directory holds is ASCII, for which the other expression takes ten times as long.
  return letters.match(/^[\x00-\x7f]*$/.test(letters) ? PLAIN : WORD) ?? [];
}
