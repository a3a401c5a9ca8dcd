import { dnKey } from '../../domain/dn.ts';
import { type Forest, growForest } from '../../domain/forest.ts';
import type { Lines } from '../../domain/lines.ts';
import { release } from '../../domain/release.ts';
import type { Sqlite } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { loadMembers, type Membership, VERSION } from './members.ts';

/** Everyone who will be published, by ascending pid, with their derived place. */
export interface Organisation {
  readonly pids: Int32Array<ArrayBuffer>;
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
  const lines = await members.lines(signal);
  const { pids, roots } = members;
  const forest = growForest(lines, roots, orderByDn(database, numbers, pids));
  return { pids, forest, lines };
}

/** Gives back the memory of one that is not to be used any more, before another is loaded. */
export function releaseOrganisation({ pids, forest, lines }: Organisation): void {
  release(pids, lines.managers, lines.further, forest.depth, forest.direct, forest.total);
}

/** Orders people by their DN keys; for the few ties between two managers of one depth. */
function orderByDn(database: Sqlite, { run, published }: RunNumbers, pids: Int32Array) {
  const select = database
    .prepare<unknown[], string>(`SELECT dn FROM _version WHERE vid = ${VERSION}`)
    .pluck();
  const key = (index: number) => dnKey(select.get({ run, published, pid: pids[index] }) ?? '');
  return (a: number, b: number): number => {
    const left = key(a);
    const right = key(b);
    return left < right ? -1 : left > right ? 1 : a - b;
  };
}
