// Published states written through the store, one night after the other.
import { type Employee, NO_WORK } from '../../src/domain/employee.ts';
import type { Published, RunOptions } from '../../src/domain/ports.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { fingerprinted } from '../support/fingerprinted.ts';
import { askForUnseen, employee, RUN } from './stores.ts';

const NEVER = new AbortController().signal;

/** Someone with a name, and whatever else the directory says. */
export function named(
  id: string,
  name: string | null,
  profile: Partial<Employee['profile']> = {},
  managers: readonly string[] = ['root'],
): Employee {
  const person = employee(id, managers);
  return fingerprinted({ ...person, profile: { ...person.profile, name, ...profile } });
}

/** A run that finds `people` and the root above them. */
export async function night(
  path: string,
  people: readonly Employee[],
  run: Partial<RunOptions> = {},
): Promise<Published> {
  using store = SqliteRunStore.open(path);
  await store.start({ ...RUN, ...run });
  await store.addRoots([employee('root')]);
  for (let found = people; ; found = []) {
    const branches = await store.frontier.take(1_000);
    if (branches.length === 0) break;
    await store.frontier.commit({ employees: found, references: [], work: NO_WORK }, branches);
  }
  await store.unknownManagers(1_000, NEVER);
  await askForUnseen(store);
  return await store.publish(NEVER);
}
