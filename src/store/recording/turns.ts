import type { Statement } from 'better-sqlite3';
import type { Branch } from '../../domain/employee.ts';
import { INTEGER, type Sqlite } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { storedLink } from './version-row.ts';

/** What a branch is made of, of `_frontier AS f` and `_version AS v`. */
const BRANCH = 'f.seq, f.pid, f.attempts, f.outages, v.id, v.dn, v.link';

interface BranchRow {
  readonly seq: number;
  readonly pid: number;
  readonly attempts: number;
  readonly outages: number;
  readonly id: string;
  readonly dn: string;
  readonly link: string | null;
}

/**
 * Whose turn it is: those given back, in groups that are never widened; then those that failed in the published run; then
 * the rows of the frontier in the order in which they were found. Each row is handed out once in a process, unless given back.
 */
export class Turns {
  readonly #run: number;
  readonly #keyOf: (value: string) => string;
  readonly #next: Statement<unknown[], BranchRow>;
  readonly #waitingOf: Statement<unknown[], BranchRow>;
  /** Groups given back, each to be taken at most at its own size. */
  readonly #returned: (readonly Branch[])[] = [];
  /** Whose branches failed in the published run: they come first, so that what was missing is there soon. */
  readonly #failedBefore: ReadonlySet<number>;
  /** Those of them that wait. Found in a page that was not committed after all, they do not. */
  readonly #first: number[] = [];
  /** Handed out of turn: the cursor passes them over. */
  readonly #outOfTurn = new Set<number>();
  /** Who is to be named otherwise now than when the branch was given back. */
  readonly #relinked = new Set<number>();
  /** Rows up to here have been handed out in this process. */
  #cursor = 0;

  constructor(database: Sqlite, numbers: RunNumbers, keyOf: (value: string) => string) {
    this.#run = numbers.run;
    this.#keyOf = keyOf;
    this.#next = database.prepare(
      // In the order of the rows from the cursor on: by its index, SQLite would read and sort the whole run each time.
      `SELECT ${BRANCH} FROM _frontier AS f NOT INDEXED JOIN _version AS v ON v.vid = f.vid
       WHERE f.run = ${INTEGER} AND f.seq > ${INTEGER} AND f.state = 0 ORDER BY f.seq LIMIT ${INTEGER}`,
    );
    this.#waitingOf = database.prepare(
      `SELECT ${BRANCH} FROM _frontier AS f JOIN _version AS v ON v.vid = f.vid
       WHERE f.run = ${INTEGER} AND f.pid = ${INTEGER} AND f.state = 0`,
    );
    this.#failedBefore = this.#loadFailedBefore(database, numbers.published);
  }

  take(max: number): readonly Branch[] {
    return this.#takeReturned(max) ?? this.#takeFirst(max) ?? this.#takeNext(max);
  }

  giveBack(branches: readonly Branch[], groupOf: number): void {
    for (let i = 0; i < branches.length; i += groupOf) {
      this.#returned.push(branches.slice(i, i + groupOf));
    }
  }

  /** The table was changed elsewhere: whoever waits is handed out, also if they were before. Only while nothing is in progress. */
  restart(): void {
    this.#returned.length = 0;
    this.#outOfTurn.clear();
    this.#relinked.clear();
    this.#cursor = 0;
  }

  /** Somebody's row is new. */
  found(person: number): void {
    if (this.#failedBefore.has(person)) this.#first.push(person);
  }

  /** Whether the row says so: also while the branch is in progress. */
  waits(person: number): boolean {
    return this.#waitingOf.get(this.#run, person) !== undefined;
  }

  /** Somebody whose turn has been, and whose row says again that they wait. */
  again(person: number): void {
    const row = this.#waitingOf.get(this.#run, person);
    if (row === undefined) return;
    this.#relinked.delete(person);
    this.#returned.push([this.#branchOf(row)]);
  }

  /** Somebody who waits, or is in progress, is named otherwise from now on. */
  relinked(person: number): void {
    this.#relinked.add(person);
  }

  isRelinked(person: number): boolean {
    return this.#relinked.has(person);
  }

  #takeReturned(max: number): readonly Branch[] | undefined {
    const group = this.#returned.pop();
    if (group === undefined) return undefined;
    if (group.length > max) this.#returned.push(group.slice(max));
    return group.slice(0, max).map((branch) => this.#asNamedNow(branch));
  }

  #asNamedNow(branch: Branch): Branch {
    if (!this.#relinked.delete(branch.person)) return branch;
    const row = this.#waitingOf.get(this.#run, branch.person);
    return row === undefined ? branch : this.#branchOf(row);
  }

  #takeFirst(max: number): readonly Branch[] | undefined {
    const branches: Branch[] = [];
    while (branches.length < max) {
      const pid = this.#first.pop();
      if (pid === undefined) break;
      const row = this.#waitingOf.get(this.#run, pid);
      if (row === undefined || this.#outOfTurn.has(pid) || row.seq <= this.#cursor) continue;
      this.#outOfTurn.add(pid);
      branches.push(this.#branchOf(row));
    }
    return branches.length === 0 ? undefined : branches;
  }

  #takeNext(max: number): readonly Branch[] {
    for (;;) {
      const rows = this.#next.all(this.#run, this.#cursor, max);
      this.#cursor = rows.at(-1)?.seq ?? this.#cursor;
      const inTurn = rows.filter(({ pid }) => !this.#outOfTurn.delete(pid));
      if (inTurn.length > 0 || rows.length === 0) return inTurn.map((row) => this.#branchOf(row));
    }
  }

  /** Notes also those that wait already: they come first after a restart, too. */
  #loadFailedBefore(database: Sqlite, published: number): ReadonlySet<number> {
    const failed = database
      .prepare<unknown[], { readonly pid: number; readonly waits: number }>(
        `SELECT o.pid, f.pid IS NOT NULL AS waits FROM _failure AS o
         LEFT JOIN _frontier AS f ON f.run = ? AND f.pid = o.pid AND f.state = 0 WHERE o.run = ?`,
      )
      .all(this.#run, published);
    for (const { pid, waits } of failed) if (waits === 1) this.#first.push(pid);
    return new Set(failed.map(({ pid }) => pid));
  }

  #branchOf({ pid, id, dn, link, attempts, outages }: BranchRow): Branch {
    const value = storedLink(dn, link) ?? dn;
    this.#relinked.delete(pid);
    return {
      person: pid,
      id,
      dn,
      link: value,
      linkKey: this.#keyOf(value),
      attempts,
      outages,
      refusals: 0,
    };
  }
}
