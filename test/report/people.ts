import type { Person } from '../../src/store/reader.ts';

/** People by number, each with the number of their manager; null: a root. */
export class Organisation {
  readonly asked: number[] = [];
  readonly #people: ReadonlyMap<number, Person>;
  readonly #managers: readonly (number | null)[];

  constructor(managers: readonly (number | null)[]) {
    this.#managers = managers;
    this.#people = new Map(managers.map((_, pid) => [pid, this.#make(pid)]));
  }

  person(pid: number): Person {
    const person = this.#people.get(pid);
    if (person === undefined) throw new Error(`nobody has the number ${pid}`);
    return person;
  }

  reports(pid: number): readonly Person[] {
    this.asked.push(pid);
    return [...this.#people.values()].filter(({ manager }) => manager === pid);
  }

  #make(pid: number): Person {
    const below = this.#managers.filter((_, each) => this.#isBelow(each, pid)).length;
    return {
      pid,
      id: `id-${pid}`,
      dn: `uid=${pid},dc=example`,
      username: null,
      name: null,
      email: null,
      title: null,
      department: null,
      active: 1,
      manager: this.#managers[pid] ?? null,
      depth: null,
      direct_reports: this.#managers.filter((manager) => manager === pid).length,
      total_reports: below,
    };
  }

  #isBelow(pid: number, top: number): boolean {
    const above = this.#managers[pid] ?? null;
    return above !== null && (above === top || this.#isBelow(above, top));
  }
}
