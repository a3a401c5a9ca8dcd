// Who reports to whom, how deep, over how many: simple code over maps, for whoever holds everyone in memory.
import { keyOf } from './dn.ts';

/** By person, in the order in which they were added. */
export type Places = {
  /** The one of least depth; -1: the root, and whoever it does not reach. */
  readonly managers: Int32Array;
  /** Steps from the root; -1: not reached. */
  readonly depths: Int32Array;
  /** Direct reports, by all manager values. */
  readonly spans: Uint32Array;
  /** Everyone below. */
  readonly totals: Uint32Array;
};

export class Organisation {
  readonly #persons = new Map<string, number>();
  readonly #links: (readonly string[])[] = [];

  add(dn: string, managerDns: readonly string[]): void {
    this.#persons.set(keyOf(dn), this.#links.length);
    this.#links.push(managerDns.map(keyOf));
  }

  places(rootDn: string): Places {
    const reports = this.#reports();
    const depths = new Int32Array(reports.length).fill(-1);
    const managers = new Int32Array(reports.length).fill(-1);
    const root = this.#persons.get(keyOf(rootDn)) ?? 0;
    depths[root] = 0;
    const order = [root];
    for (const person of order) {
      for (const report of reports[person] ?? []) {
        if (depths[report] !== -1) continue;
        depths[report] = (depths[person] ?? 0) + 1;
        managers[report] = person;
        order.push(report);
      }
    }
    const spans = Uint32Array.from(reports, (each) => each.length);
    return { managers, depths, spans, totals: totalsOf(managers, order) };
  }

  #reports(): readonly (readonly number[])[] {
    const reports: number[][] = this.#links.map(() => []);
    for (const [person, links] of this.#links.entries()) {
      for (const manager of new Set(links.map((link) => this.#persons.get(link)))) {
        if (manager !== undefined && manager !== person) reports[manager]?.push(person);
      }
    }
    return reports;
  }
}

/** @param order whoever comes later is not above whoever comes earlier */
function totalsOf(managers: Int32Array, order: readonly number[]): Uint32Array {
  const totals = new Uint32Array(managers.length);
  for (const person of order.toReversed()) {
    const manager = managers[person] ?? -1;
    if (manager >= 0) totals[manager] = (totals[manager] ?? 0) + (totals[person] ?? 0) + 1;
  }
  return totals;
}
