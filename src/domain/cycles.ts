import { employeeOf, type Lines, NONE } from './lines.ts';

const UNTOLD = 0;
const LEFT = -1;

/**
 * People who report to themselves by way of others: sets of two and more in which everyone leads to everyone (strongly
 * connected components, by Tarjan's algorithm without recursion). Oneself alone is no cycle.
 * @param depth of each person, NONE for whoever leads to no root
 */
export function cyclesOf(lines: Lines, depth: Int32Array): readonly (readonly number[])[] {
  return new Tarjan(lines).run(notUpward(lines, depth));
}

/** Where a cycle may be entered: whoever goes only upwards does not come back, so one of its lines leads to nobody nearer to a root. */
function* notUpward(lines: Lines, depth: Int32Array): Generator<number, void> {
  const { managers } = lines;
  for (let line = 0; line < managers.length; line += 1) {
    const manager = managers[line] as number;
    const employee = employeeOf(lines, line);
    if (manager === NONE || employee === manager) continue;
    const steps = depth[employee] as number;
    if (steps === NONE || steps <= (depth[manager] as number)) yield employee;
  }
}

/** Where somebody on the way stands. */
interface Step {
  readonly person: number;
  /** Which line of theirs comes next. */
  line: number;
  /** The earliest of those who can be come to from there. */
  low: number;
}

class Tarjan {
  readonly #lines: Lines;
  /** When a person was come to, from 1 up, as long as they may be in a cycle with whoever is on the way. */
  readonly #order: Int32Array;
  readonly #path: number[] = [];
  readonly #cycles: (readonly number[])[] = [];
  #came = UNTOLD;

  constructor(lines: Lines) {
    this.#lines = lines;
    this.#order = new Int32Array(lines.people);
  }

  run(starts: Iterable<number>): readonly (readonly number[])[] {
    for (const person of starts) {
      if (this.#order[person] === UNTOLD) this.#from(person);
    }
    return this.#cycles;
  }

  #from(start: number): void {
    const way = [this.#come(start)];
    for (let step = way[0]; step !== undefined; step = way.at(-1)) {
      if (step.line === NONE) {
        way.pop();
        const below = way.at(-1);
        if (below !== undefined) below.low = Math.min(below.low, step.low);
        this.#leave(step);
        continue;
      }
      const manager = this.#lines.managers[step.line] as number;
      step.line = this.#lineAfter(step);
      if (manager === NONE) continue;
      const order = this.#order[manager] as number;
      if (order === UNTOLD) way.push(this.#come(manager));
      else if (order !== LEFT) step.low = Math.min(step.low, order);
    }
  }

  #come(person: number): Step {
    this.#came += 1;
    this.#order[person] = this.#came;
    this.#path.push(person);
    return { person, line: person, low: this.#came };
  }

  #lineAfter({ line, person }: Step): number {
    const { people, managers, further } = this.#lines;
    const next = line < people ? people + firstFrom(further, person) : line + 1;
    return next < managers.length && employeeOf(this.#lines, next) === person ? next : NONE;
  }

  #leave({ person, low }: Step): void {
    if (low !== this.#order[person]) return;
    const members = this.#path.splice(this.#path.lastIndexOf(person));
    for (const member of members) this.#order[member] = LEFT;
    if (members.length > 1) this.#cycles.push(members);
  }
}

/** Where the first in ascending `sorted` stands that is not below `value`. */
function firstFrom(sorted: Int32Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
