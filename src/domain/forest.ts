/**
 * The organisation derived from reporting lines: one primary manager each, depth, spans. Pure, over integers only:
 * a million people take 16 MB with their lines, and no object each.
 */
import { employeeOf, type Lines, NONE } from './lines.ts';
import { release } from './release.ts';

export interface Forest {
  /** The primary manager: of least depth, ties by `compare`, never oneself. NONE for roots and the unreachable. */
  readonly manager: (person: number) => number;
  /** Steps from the nearest root; NONE where no line leads to one. */
  readonly depth: Int32Array<ArrayBuffer>;
  /** Everyone with a line to this person, oneself left out, each once. */
  readonly direct: Int32Array<ArrayBuffer>;
  /** Everyone below by primary lines. */
  readonly total: Int32Array<ArrayBuffer>;
}

/**
 * @param lines are kept, and put in order: whoever has a primary manager has the line to them first
 * @param compare orders two managers of equal depth; it is asked for ties only
 */
export function growForest(
  lines: Lines,
  roots: readonly number[],
  compare: (a: number, b: number) => number,
): Forest {
  const { depth, last, before } = breadthFirst(lines, roots);
  putPrimaryFirst(lines, depth, compare);
  const total = totals(lines, last, before);
  release(before);
  const { managers } = lines;
  const manager = (person: number) => (at(depth, person) > 0 ? at(managers, person) : NONE);
  return { manager, depth, direct: spans(lines), total };
}

/** Lines as lists by manager: that of m begins with `first[m]`, and `next` tells what follows a line. */
function byManager({ people, managers }: Lines) {
  const first = new Int32Array(people).fill(NONE);
  const next = new Int32Array(managers.length);
  for (let line = managers.length - 1; line >= 0; line -= 1) {
    const m = at(managers, line);
    if (m === NONE) continue;
    next[line] = at(first, m);
    first[m] = line;
  }
  return { first, next };
}

/**
 * The lines by which people are reached: `last`, and `before` each the one before it. The queue needs no room of its own:
 * a line is taken from the list of its manager, put into the queue, and taken from there, one after the other.
 */
function breadthFirst(lines: Lines, roots: readonly number[]) {
  const { first, next } = byManager(lines);
  const depth = new Int32Array(lines.people).fill(NONE);
  let head = NONE;
  let tail = NONE;
  const reachReports = (m: number) => {
    for (let line = at(first, m); line !== NONE; ) {
      const following = at(next, line);
      const e = employeeOf(lines, line);
      if (at(depth, e) === NONE) {
        depth[e] = at(depth, m) + 1;
        next[line] = NONE;
        if (head === NONE) head = line;
        else next[tail] = line;
        tail = line;
      }
      line = following;
    }
  };
  for (const root of roots) depth[root] = 0;
  for (const root of roots) reachReports(root);
  let last = NONE;
  while (head !== NONE) {
    const line = head;
    reachReports(employeeOf(lines, line));
    head = at(next, line);
    next[line] = last;
    last = line;
  }
  release(first);
  return { depth, last, before: next };
}

function putPrimaryFirst(
  lines: Lines,
  depth: Int32Array,
  compare: (a: number, b: number) => number,
): void {
  const { people, managers } = lines;
  for (let line = people; line < managers.length; line += 1) {
    const e = employeeOf(lines, line);
    // A person at depth 0 is a root; one step up is one depth less, so self and cycles can never qualify.
    if (at(depth, e) <= 0) continue;
    const isPrimary = (m: number) => m !== NONE && at(depth, m) === at(depth, e) - 1;
    const m = at(managers, line);
    const best = at(managers, e);
    if (!isPrimary(m) || (isPrimary(best) && (best === m || compare(m, best) >= 0))) continue;
    managers[e] = m;
    managers[line] = best;
  }
}

/** From the deepest up: breadth-first order read backwards meets everyone before their manager. */
function totals(lines: Lines, last: number, before: Int32Array) {
  const total = new Int32Array(lines.people);
  for (let line = last; line !== NONE; line = at(before, line)) {
    const e = employeeOf(lines, line);
    const m = at(lines.managers, e);
    total[m] = at(total, m) + at(total, e) + 1;
  }
  return total;
}

function spans(lines: Lines) {
  const { people, managers } = lines;
  const direct = new Int32Array(people);
  const count = (m: number) => {
    direct[m] = at(direct, m) + 1;
  };
  for (let e = 0; e < people; e += 1) {
    const m = at(managers, e);
    if (m !== NONE && m !== e) count(m);
  }
  const counted = new Set<number>();
  let latest = NONE;
  for (let line = people; line < managers.length; line += 1) {
    const e = employeeOf(lines, line);
    if (e !== latest) counted.clear();
    latest = e;
    counted.add(e).add(at(managers, e));
    const m = at(managers, line);
    if (m !== NONE && !counted.has(m)) count(m);
    counted.add(m);
  }
  return direct;
}

function at(array: Int32Array, index: number): number {
  return array[index] as number;
}
