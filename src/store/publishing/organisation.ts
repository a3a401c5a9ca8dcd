import { dnKey } from '../../domain/dn.ts';
import { type Forest, growForest } from '../../domain/forest.ts';
import { eachSlice, SLICE, untilNone } from '../file/slices.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { HOLDS, type RunNumbers } from '../run-numbers.ts';
import { Column, indexOf } from './columns.ts';

/** Everyone who will be published, by ascending pid, with their version and derived place. */
export interface Organisation {
  readonly pids: Int32Array;
  readonly vids: Int32Array;
  /** 1 where this run did not see the person, who is kept as they were. */
  readonly kept: Uint8Array;
  readonly forest: Forest;
  /** Who reports to whom, as indexes: `employees[i]` to `managers[i]`. */
  readonly lines: { readonly employees: Int32Array; readonly managers: Int32Array };
}

interface Member {
  readonly pid: number;
  readonly vid: number;
  readonly root: number;
  readonly kept: number;
  readonly unseen: number;
}

/** Seen in this run or taken over by it, or published and unseen. */
const MEMBERS = `
  SELECT pid, vid, root, 1 - seen AS kept, 0 AS unseen FROM _frontier WHERE run = @run AND pid > @after
  UNION ALL
  SELECT pid, vid, 0 AS root, 1 AS kept, 1 AS unseen FROM _place AS p
  WHERE pid > @after AND ${HOLDS} AND NOT EXISTS (SELECT 1 FROM _frontier AS f WHERE f.run = @run AND f.pid = p.pid)
  ORDER BY pid LIMIT ${SLICE}`;

/** Which of the people that a run knows belong to it. */
export interface Membership {
  /** Whether somebody unseen stays as they were. */
  readonly keeps: (pid: number) => boolean;
  /** Left out although they were seen, or would stay. */
  readonly without: ReadonlySet<number>;
}

/** Loads who belongs to the run and derives the organisation. */
export async function loadOrganisation(
  database: Sqlite,
  numbers: RunNumbers,
  membership: Membership,
  signal: AbortSignal,
): Promise<Organisation> {
  const members = await loadMembers(database, numbers, membership, signal);
  const lines = await loadLines(database, members, signal);
  const byDn = orderByDn(database, members.vids);
  const forest = growForest({ people: members.pids.length, ...lines, roots: members.roots }, byDn);
  return { ...members, forest, lines };
}

async function loadMembers(
  database: Sqlite,
  { run, published }: RunNumbers,
  { keeps, without }: Membership,
  signal: AbortSignal,
) {
  const select = database.prepare<unknown[], Member>(MEMBERS);
  const pids = new Column();
  const vids = new Column();
  const kept = new Column();
  const roots: number[] = [];
  await eachSlice(
    (after) => select.all({ run, published, after }),
    (rows) => {
      for (const row of rows) {
        if ((row.unseen === 1 && !keeps(row.pid)) || without.has(row.pid)) continue;
        if (row.root === 1) roots.push(pids.length);
        pids.push(row.pid);
        vids.push(row.vid);
        kept.push(row.kept);
      }
    },
    signal,
  );
  return { pids: pids.values(), vids: vids.values(), kept: Uint8Array.from(kept.values()), roots };
}

/** Lines between members, as indexes into them. A manager who is no member has no place in the organisation. */
async function loadLines(
  database: Sqlite,
  { pids, vids }: { readonly pids: Int32Array; readonly vids: Int32Array },
  signal: AbortSignal,
) {
  const select = database
    .prepare<unknown[], number | null>('SELECT manager FROM _line WHERE vid = ?')
    .pluck();
  const employees = new Column();
  const managers = new Column();
  let index = 0;
  await untilNone(() => {
    const from = index;
    for (const end = Math.min(from + SLICE, pids.length); index < end; index += 1) {
      for (const manager of select.all(vids[index])) {
        const found = manager === null ? -1 : indexOf(pids, manager);
        if (found < 0) continue;
        employees.push(index);
        managers.push(found);
      }
    }
    return index - from;
  }, signal);
  return { employees: employees.values(), managers: managers.values() };
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
