import { SLICE, untilNone } from '../file/slices.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { HOLDS, type RunNumbers } from '../run-numbers.ts';
import { Column, indexOf } from './columns.ts';

/** Which of the people that a run knows belong to it. */
export interface Membership {
  /** Whether somebody unseen stays as they were. */
  readonly keeps: (pid: number) => boolean;
  /** Left out although they were seen, or would stay. */
  readonly without: ReadonlySet<number>;
}

/** Who reports to whom, as indexes: `employees[i]` to `managers[i]`. The lines of one person stand together. */
export interface Lines {
  readonly employees: Int32Array;
  readonly managers: Int32Array;
}

/** Somebody with several managers has a row for each. */
interface Row {
  readonly pid: number;
  readonly vid: number;
  readonly root: number;
  readonly kept: number;
  /** Null: none that we keep. */
  readonly manager: number | null;
}

const BETWEEN = 'pid > @after AND pid <= @upTo';
/** Seen in this run or taken over by it. */
const SEEN = `
  SELECT f.pid, f.vid, f.root, 1 - f.seen AS kept, l.manager FROM _frontier AS f LEFT JOIN _line AS l ON l.vid = f.vid
  WHERE f.run = @run AND ${BETWEEN} ORDER BY f.pid`;
/** Published and unseen. */
const UNSEEN = `
  SELECT p.pid, p.vid, 0 AS root, 1 AS kept, l.manager FROM _place AS p LEFT JOIN _line AS l ON l.vid = p.vid
  WHERE ${BETWEEN} AND ${HOLDS} AND NOT EXISTS (SELECT 1 FROM _frontier AS f WHERE f.run = @run AND f.pid = p.pid)
  ORDER BY p.pid`;

/** Everyone with their lines in one pass: a statement for each person takes ten times as long. */
export async function loadMembers(
  database: Sqlite,
  { run, published }: RunNumbers,
  { keeps, without }: Membership,
  signal: AbortSignal,
): Promise<Members> {
  const seen = database.prepare<unknown[], Row>(SEEN);
  const unseen = database.prepare<unknown[], Row>(UNSEEN);
  const members = new Members();
  const last = lastNumber(database);
  let after = 0;
  await untilNone(() => {
    if (after >= last) return 0;
    // By numbers from and to: a limit would have every slice look through all who come behind it for somebody unseen.
    const slice = { run, published, after, upTo: after + SLICE };
    const kept = unseen.all(slice).filter(({ pid }) => keeps(pid));
    for (const row of byNumber(seen.all(slice), kept)) if (!without.has(row.pid)) members.add(row);
    after += SLICE;
    return SLICE;
  }, signal);
  return members;
}

/** A person's number is that of a version, their first. */
function lastNumber(database: Sqlite): number {
  return Number(database.prepare('SELECT max(vid) FROM _version').pluck().get() ?? 0);
}

function byNumber(seen: readonly Row[], kept: readonly Row[]): readonly Row[] {
  return kept.length === 0 ? seen : [...seen, ...kept].sort((a, b) => a.pid - b.pid);
}

/** People by ascending number, and whom they report to, as columns. */
class Members {
  readonly roots: number[] = [];
  readonly #pids = new Column();
  readonly #vids = new Column();
  /** Indexes of those who are kept: few, or none. */
  readonly #kept = new Column();
  readonly #employees = new Column();
  /** By their numbers. */
  readonly #managers = new Column();
  #latest = 0;

  /** By ascending number. */
  add({ pid, vid, root, kept, manager }: Row): void {
    if (pid !== this.#latest) {
      this.#latest = pid;
      if (root === 1) this.roots.push(this.#pids.length);
      if (kept === 1) this.#kept.push(this.#pids.length);
      this.#pids.push(pid);
      this.#vids.push(vid);
    }
    if (manager === null) return;
    this.#employees.push(this.#pids.length - 1);
    this.#managers.push(manager);
  }

  get pids(): Int32Array {
    return this.#pids.values();
  }

  get vids(): Int32Array {
    return this.#vids.values();
  }

  /** 1 for each who is kept. */
  get kept(): Uint8Array {
    const kept = new Uint8Array(this.#pids.length);
    for (const index of this.#kept.values()) kept[index] = 1;
    return kept;
  }

  /** To be called once, when all have been added. A manager who is no member has no place in the organisation. */
  async lines(signal: AbortSignal): Promise<Lines> {
    const { pids } = this;
    const employees = this.#employees.values();
    const managers = this.#managers.values();
    let at = 0;
    let count = 0;
    await untilNone(() => {
      const from = at;
      for (const end = Math.min(from + SLICE, managers.length); at < end; at += 1) {
        const found = indexOf(pids, managers[at] as number);
        if (found < 0) continue;
        // In place: a million lines less to hold.
        employees[count] = employees[at] as number;
        managers[count++] = found;
      }
      return at - from;
    }, signal);
    return { employees: employees.subarray(0, count), managers: managers.subarray(0, count) };
  }
}
