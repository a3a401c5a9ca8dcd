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
      given_name: null,
      surname: null,
      email: null,
      title: null,
      department: null,
      employee_number: null,
      phone: null,
      location: null,
      active: 1,
      manager: this.#managers[pid] ?? null,
      manager_id: null,
      manager_dn: null,
      manager_name: null,
      depth: null,
      direct_reports: this.#managers.filter((manager) => manager === pid).length,
      total_reports: below,
      first_seen_at: '',
      changed_at: '',
      confirmed_at: '',
      attributes: '{}',
    };
  }

  #isBelow(pid: number, top: number): boolean {
    const above = this.#managers[pid] ?? null;
    return above !== null && (above === top || this.#isBelow(above, top));
  }
}
