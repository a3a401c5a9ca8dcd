import { type Lines, NONE } from './forest.ts';

const UNTOLD = 0;

/**
 * People who report to themselves by way of others: sets of two and more in which everyone leads to everyone (strongly
 * connected components, by Tarjan's algorithm without recursion). Oneself alone is no cycle.
 * @param depth of each person, NONE for whoever leads to no root
 */
export function cyclesOf(
  lines: Pick<Lines, 'people' | 'employees' | 'managers'>,
  depth: Int32Array,
): readonly (readonly number[])[] {
  const starts = notUpward(lines, depth);
  return starts.length === 0 ? [] : new Tarjan(lines).run(starts);
}

/** Where a cycle may be entered: whoever goes only upwards does not come back, so one of its lines leads to nobody nearer to a root. */
function notUpward(
  { employees, managers }: Pick<Lines, 'employees' | 'managers'>,
  depth: Int32Array,
): readonly number[] {
  const starts: number[] = [];
  for (let i = 0; i < employees.length; i += 1) {
    const employee = employees[i] as number;
    const manager = managers[i] as number;
    if (employee === manager) continue;
    const steps = depth[employee] as number;
    if (steps === NONE || steps <= (depth[manager] as number)) starts.push(employee);
  }
  return starts;
}

class Tarjan {
  readonly #offsets: Int32Array;
  readonly #managers: Int32Array;
  /** When a person was come to, from 1 up. */
  readonly #order: Int32Array;
  /** The earliest of those who can be come to from there. */
  readonly #low: Int32Array;
  readonly #onPath: Uint8Array;
  readonly #path: number[] = [];
  readonly #cycles: (readonly number[])[] = [];
  #came = UNTOLD;

  constructor({ people, employees, managers }: Pick<Lines, 'people' | 'employees' | 'managers'>) {
    this.#offsets = new Int32Array(people + 1);
    for (const e of employees) this.#offsets[e + 1] = this.#at(this.#offsets, e + 1) + 1;
    for (let i = 0; i < people; i += 1) {
      this.#offsets[i + 1] = this.#at(this.#offsets, i + 1) + this.#at(this.#offsets, i);
    }
    const next = this.#offsets.slice(0, people);
    this.#managers = new Int32Array(managers.length);
    for (let i = 0; i < managers.length; i += 1) {
      const e = this.#at(employees, i);
      this.#managers[this.#at(next, e)] = this.#at(managers, i);
      next[e] = this.#at(next, e) + 1;
    }
    this.#order = new Int32Array(people);
    this.#low = new Int32Array(people);
    this.#onPath = new Uint8Array(people);
  }

  run(starts: readonly number[]): readonly (readonly number[])[] {
    for (const person of starts) {
      if (this.#order[person] === UNTOLD) this.#from(person);
    }
    return this.#cycles;
  }

  /** `at[i]`: which of the managers of `way[i]` comes next. */
  #from(start: number): void {
    const way = [start];
    const at = [this.#come(start)];
    while (way.length > 0) {
      const person = way.at(-1) as number;
      const next = at.at(-1) as number;
      if (next < this.#at(this.#offsets, person + 1)) {
        at[at.length - 1] = next + 1;
        const manager = this.#at(this.#managers, next);
        if (this.#order[manager] === UNTOLD) {
          way.push(manager);
          at.push(this.#come(manager));
        } else if (this.#onPath[manager] === 1)
          this.#reaches(person, this.#at(this.#order, manager));
      } else {
        way.pop();
        at.pop();
        const below = way.at(-1);
        if (below !== undefined) this.#reaches(below, this.#at(this.#low, person));
        this.#leave(person);
      }
    }
  }

  #come(person: number): number {
    this.#came += 1;
    this.#order[person] = this.#came;
    this.#low[person] = this.#came;
    this.#path.push(person);
    this.#onPath[person] = 1;
    return this.#at(this.#offsets, person);
  }

  #reaches(person: number, order: number): void {
    this.#low[person] = Math.min(this.#at(this.#low, person), order);
  }

  #leave(person: number): void {
    if (this.#low[person] !== this.#order[person]) return;
    const members = this.#path.splice(this.#path.lastIndexOf(person));
    for (const member of members) this.#onPath[member] = 0;
    if (members.length > 1) this.#cycles.push(members);
  }

  #at(array: Int32Array, index: number): number {
    return array[index] as number;
  }
}
