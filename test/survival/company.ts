// A company small enough to be crawled thousands of times, with everything that makes a crawl ask: pages, batches, doubts.
import { type StaticEntry, staticDirectory } from '../../src/simulate/organisation.ts';
import { person, SUFFIX, top } from '../simulate/servers.ts';

export const CEO = dnOf('p0');

export function dnOf(uid: string): string {
  return `uid=${uid},${SUFFIX}`;
}

/** p0 manages p1 … p6, who manage three each of the next, and so on: `people` in all, on four levels with 30 of them. */
export function company(people = 30) {
  const reports = Array.from({ length: people - 1 }, (_, at) => at + 1);
  const named = reports.map((number) => employee(number, [managerOf(number)]));
  return staticDirectory([top, employee(0, [CEO]), ...named, ...odd()], SUFFIX);
}

function managerOf(number: number): string {
  return dnOf(`p${number <= 6 ? 0 : Math.floor((number - 4) / 3)}`);
}

/** Manager values that match nobody by their key: one names nobody, one somebody by an alias of the attribute. */
function odd(): readonly StaticEntry[] {
  return [
    employee('gone', [dnOf('p1'), dnOf('nobody')]),
    employee('alias', [`userid=P2,${SUFFIX}`]),
  ];
}

/** @param name a number for p<number> */
export function employee(name: number | string, manager: readonly string[]): StaticEntry {
  const uid = typeof name === 'number' ? `p${name}` : name;
  const entryUUID = [uuidOf(uid)];
  return person(uid, { manager, entryUUID, title: ['Engineer'] });
}

function uuidOf(uid: string): string {
  return `00000000-0000-4000-8000-${Buffer.from(uid).toString('hex').padStart(12, '0')}`;
}
