/**
 * The organisation derived from reporting lines: one primary manager each, depth, spans. Pure, over integers only:
 * a million people take some 20 MB for a moment, 16 MB in the end, and no object each.
 */

/** Marks "none" in the arrays of a forest. */
export const NONE = -1;

export interface Lines {
  /** Number of people; they are numbered from 0. */
  readonly people: number;
  readonly roots: readonly number[];
  /** Line i says that `employees[i]` reports to `managers[i]`. */
  readonly employees: Int32Array;
  readonly managers: Int32Array;
}

export interface Forest {
  /** The primary manager: of least depth, ties by `compare`, never oneself. NONE for roots and the unreachable. */
  readonly manager: Int32Array;
  /** Steps from the nearest root; NONE where no line leads to one. */
  readonly depth: Int32Array;
  /** Everyone with a line to this person, oneself left out, each once. */
  readonly direct: Int32Array;
  /** Everyone below by primary lines. */
  readonly total: Int32Array;
}

/** `compare` orders two managers of equal depth; it is asked for ties only. */
export function growForest(lines: Lines, compare: (a: number, b: number) => number): Forest {
  const { offsets, reports } = byManager(lines);
  const direct = spans(lines, offsets, reports);
  const { depth, order } = breadthFirst(lines, offsets, reports);
  release(offsets, reports);
  const manager = primaryManagers(lines, depth, compare);
  const total = totals(manager, order);
  release(order);
  return { manager, depth, direct, total };
}

/** The collector sees little of such arrays, and would let them pile up. */
function release(...arrays: readonly Int32Array<ArrayBuffer>[]): void {
  for (const { buffer } of arrays) buffer.transfer(0);
}

/** Reports grouped by manager: those of m stand at offsets[m] … offsets[m + 1] - 1. */
function byManager({ people, employees, managers }: Lines) {
  const offsets = new Int32Array(people + 1);
  for (const m of managers) offsets[m] = at(offsets, m) + 1;
  for (let m = 1; m <= people; m += 1) offsets[m] = at(offsets, m) + at(offsets, m - 1);
  const reports = new Int32Array(managers.length);
  // From behind: what says where those of a manager end says in the end where they begin.
  for (let i = managers.length - 1; i >= 0; i -= 1) {
    const m = at(managers, i);
    const place = at(offsets, m) - 1;
    offsets[m] = place;
    reports[place] = at(employees, i);
  }
  return { offsets, reports };
}

function breadthFirst({ people, roots }: Lines, offsets: Int32Array, reports: Int32Array) {
  const depth = new Int32Array(people).fill(NONE);
  const queue = new Int32Array(people);
  let end = 0;
  const reach = (person: number, steps: number) => {
    if (at(depth, person) !== NONE) return;
    depth[person] = steps;
    queue[end++] = person;
  };
  for (const root of roots) reach(root, 0);
  for (let head = 0; head < end; head += 1) {
    const m = at(queue, head);
    for (let i = at(offsets, m); i < at(offsets, m + 1); i += 1)
      reach(at(reports, i), at(depth, m) + 1);
  }
  return { depth, order: queue.subarray(0, end) };
}

function primaryManagers(
  { people, employees, managers }: Lines,
  depth: Int32Array,
  compare: (a: number, b: number) => number,
): Int32Array {
  const primary = new Int32Array(people).fill(NONE);
  for (let i = 0; i < employees.length; i += 1) {
    const e = at(employees, i);
    const m = at(managers, i);
    // A person at depth 0 is a root; one step up is one depth less, so self and cycles can never qualify.
    if (at(depth, e) <= 0 || at(depth, m) !== at(depth, e) - 1) continue;
    const best = at(primary, e);
    if (best === NONE || (best !== m && compare(m, best) < 0)) primary[e] = m;
  }
  return primary;
}

function spans({ people }: Lines, offsets: Int32Array, reports: Int32Array): Int32Array {
  const direct = new Int32Array(people);
  const countedFor = new Int32Array(people).fill(NONE);
  for (let m = 0; m < people; m += 1) {
    for (let i = at(offsets, m); i < at(offsets, m + 1); i += 1) {
      const e = at(reports, i);
      if (e === m || countedFor[e] === m) continue;
      countedFor[e] = m;
      direct[m] = at(direct, m) + 1;
    }
  }
  release(countedFor);
  return direct;
}

/** From the deepest up: breadth-first order read backwards meets everyone before their manager. */
function totals(manager: Int32Array, order: Int32Array): Int32Array {
  const total = new Int32Array(manager.length);
  for (let i = order.length - 1; i >= 0; i -= 1) {
    const e = at(order, i);
    const m = at(manager, e);
    if (m !== NONE) total[m] = at(total, m) + at(total, e) + 1;
  }
  return total;
}

function at(array: Int32Array, index: number): number {
  return array[index] as number;
}
