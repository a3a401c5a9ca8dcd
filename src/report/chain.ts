import type { Person } from '../store/reader.ts';

/** The chain of command: from the person up to a root, by primary managers, one depth less at each step. */
export function chainOf(
  organisation: { person(pid: number): Person | undefined },
  from: Person,
): readonly Person[] {
  const chain = [from];
  let next = from.manager === null ? undefined : organisation.person(from.manager);
  while (next !== undefined) {
    chain.push(next);
    next = next.manager === null ? undefined : organisation.person(next.manager);
  }
  return chain;
}
