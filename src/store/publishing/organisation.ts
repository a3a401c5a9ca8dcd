import { dnKey } from '../../domain/dn.ts';
import { type Forest, growForest } from '../../domain/forest.ts';
import type { Sqlite } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { type Lines, loadMembers, type Membership } from './members.ts';

/** Everyone who will be published, by ascending pid, with their version and derived place. */
export interface Organisation {
  readonly pids: Int32Array;
  readonly vids: Int32Array;
  /** 1 where this run did not see the person, who is kept as they were. */
  readonly kept: Uint8Array;
  readonly forest: Forest;
  readonly lines: Lines;
}

/** Loads who belongs to the run and derives the organisation. */
export async function loadOrganisation(
  database: Sqlite,
  numbers: RunNumbers,
  membership: Membership,
  signal: AbortSignal,
): Promise<Organisation> {
  const members = await loadMembers(database, numbers, membership, signal);
  const { pids, vids, kept, roots } = members;
  const lines = await members.lines(signal);
  const forest = growForest({ people: pids.length, ...lines, roots }, orderByDn(database, vids));
  return { pids, vids, kept, forest, lines };
}

/** Orders people by their DN keys; for the few ties between two managers of one depth. */
function orderByDn(database: Sqlite, vids: Int32Array): (a: number, b: number) => number {
  const select = database
    .prepare<unknown[], string>('SELECT dn FROM _version WHERE vid = ?')
    .pluck();
  const key = (index: number) => dnKey(select.get(vids[index]) ?? '');
  return (a, b) => {
    const left = key(a);
    const right = key(b);
    return left < right ? -1 : left > right ? 1 : a - b;
  };
}
