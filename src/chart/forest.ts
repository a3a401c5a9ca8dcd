/** Who is below whom, from the levels of people in preorder. */
export class Forest {
  readonly size: number;
  /** Row of the manager; -1 at a root. */
  readonly manager: Int32Array;
  /** How many are below. */
  readonly below: Int32Array;
  /** Which of the manager's reports this is. */
  readonly position: Int32Array;
  readonly #first: Int32Array;
  readonly #reports: Int32Array;

  constructor(levels: readonly number[]) {
    this.size = levels.length;
    this.manager = managersOf(levels);
    this.below = belowOf(this.manager);
    this.position = new Int32Array(this.size);
    this.#first = new Int32Array(this.size + 2);
    this.#reports = new Int32Array(this.size);
    this.#fill();
  }

  /** Rows of those who report to `row`, in their order; of -1, the roots. */
  reportsOf(row: number): Int32Array {
    return this.#reports.subarray(this.#first[row + 1], this.#first[row + 2]);
  }

  /** Rows from the root down to `row`. */
  chainOf(row: number): readonly number[] {
    const chain: number[] = [];
    for (let next = row; next >= 0; next = this.manager[next] ?? -1) chain.unshift(next);
    return chain;
  }

  /** All lists of reports behind one another, and where each begins: objects would take ten times the memory. */
  #fill(): void {
    const counts = new Int32Array(this.size + 1);
    for (const [row, manager] of this.manager.entries()) {
      this.position[row] = counts[manager + 1] ?? 0;
      counts[manager + 1] = (counts[manager + 1] ?? 0) + 1;
    }
    for (const [i, count] of counts.entries()) this.#first[i + 1] = (this.#first[i] ?? 0) + count;
    for (const [row, manager] of this.manager.entries()) {
      this.#reports[(this.#first[manager + 1] ?? 0) + (this.position[row] ?? 0)] = row;
    }
  }
}

function managersOf(levels: readonly number[]): Int32Array {
  const lastAt: number[] = [];
  return Int32Array.from(levels, (level, row) => {
    lastAt[level] = row;
    return level === 0 ? -1 : (lastAt[level - 1] ?? -1);
  });
}

function belowOf(manager: Int32Array): Int32Array {
  const below = new Int32Array(manager.length);
  for (let row = manager.length - 1; row >= 0; row--) {
    const above = manager[row] ?? -1;
    if (above >= 0) below[above] = (below[above] ?? 0) + (below[row] ?? 0) + 1;
  }
  return below;
}
