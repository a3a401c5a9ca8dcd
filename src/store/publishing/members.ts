import { type Lines, NONE } from '../../domain/lines.ts';
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

/** Somebody with several managers has a row for each. */
interface Row {
  readonly pid: number;
  readonly root: number;
  /** Null: none that we keep. */
  readonly manager: number | null;
}

const BETWEEN = 'pid > @after AND pid <= @upTo';
/** Seen in this run or taken over by it. */
const SEEN = `
  SELECT f.pid, f.root, l.manager FROM _frontier AS f LEFT JOIN _line AS l ON l.vid = f.vid
  WHERE f.run = @run AND ${BETWEEN} ORDER BY f.pid`;
/** Published and unseen. */
const UNSEEN = `
  SELECT p.pid, 0 AS root, l.manager FROM _place AS p LEFT JOIN _line AS l ON l.vid = p.vid
  WHERE ${BETWEEN} AND ${HOLDS} AND NOT EXISTS (SELECT 1 FROM _frontier AS f WHERE f.run = @run AND f.pid = p.pid)
  ORDER BY p.pid`;

/** The version of a member, `@pid`, in the run. */
export const VERSION = `coalesce(
  (SELECT vid FROM _frontier WHERE run = @run AND pid = @pid),
  (SELECT vid FROM _place WHERE pid = @pid AND ${HOLDS}))`;

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
  /** By their numbers: one of each person, and of the few with several the others. */
  readonly #managers = new Column();
  readonly #furtherManagers = new Column();
  readonly #further = new Column();
  #latest = 0;

  /** By ascending number. */
  add({ pid, root, manager }: Row): void {
    if (pid !== this.#latest) {
      this.#latest = pid;
      if (root === 1) this.roots.push(this.#pids.length);
      this.#pids.push(pid);
      this.#managers.push(manager ?? NONE);
    } else if (manager !== null) {
      this.#further.push(this.#pids.length - 1);
      this.#furtherManagers.push(manager);
    }
  }

  get pids(): Int32Array<ArrayBuffer> {
    return this.#pids.values();
  }

  /** To be called once, when all have been added. A manager who is no member has no place in the organisation. */
  async lines(signal: AbortSignal): Promise<Lines> {
    const { pids } = this;
    for (const manager of this.#furtherManagers.values()) this.#managers.push(manager);
    const managers = this.#managers.values();
    let at = 0;
    await untilNone(() => {
      const from = at;
      for (const end = Math.min(from + SLICE, managers.length); at < end; at += 1) {
        const found = indexOf(pids, managers[at] as number);
        managers[at] = found < 0 ? NONE : found;
      }
      return at - from;
    }, signal);
    return { people: pids.length, managers, further: this.#further.values() };
  }
}
