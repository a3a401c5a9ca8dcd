import type { Statement, Transaction } from 'better-sqlite3';
import { charged } from '../domain/charge.ts';
import type { Branch, Employee, Page } from '../domain/employee.ts';
import type { BranchFailure, Frontier, ReleaseCost, StrayedManager } from '../domain/ports.ts';
import { translating } from './database.ts';
import { Findings } from './findings.ts';
import { People, storedLink } from './people.ts';
import type { RunNumbers } from './run-numbers.ts';
import { INTEGER, type Sqlite } from './sqlite.ts';
import { WorkCounter } from './work-counter.ts';

const WAITS = 0;
const DONE = 1;
const FAILED = 2;

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
 * The frontier of one run, as a table. Which branches are in progress is kept in memory only (at most workers × batch
 * of them): what the table says is what a restart finds, so a branch that was in progress simply waits again.
 */
export class SqliteFrontier implements Frontier {
  readonly #database: Sqlite;
  readonly #run: number;
  readonly #keyOf: (value: string) => string;
  readonly #people: People;
  readonly #findings: Findings;
  readonly #next: Statement<unknown[], BranchRow>;
  readonly #waitingOf: Statement<unknown[], BranchRow>;
  readonly #insert: Statement<unknown[]>;
  readonly #revise: Statement<unknown[]>;
  readonly #setState: Statement<unknown[]>;
  readonly #setTried: Statement<unknown[]>;
  readonly #countRetry: Statement<unknown[]>;
  readonly #countSplit: Statement<unknown[]>;
  readonly #fail: Transaction<(branch: Pick<Branch, 'person'>, failure: BranchFailure) => void>;
  readonly #countFailed: Statement<unknown[], number>;
  readonly #failDoubt: Statement<unknown[]>;
  readonly #linkOf: Statement<unknown[], Pick<BranchRow, 'dn' | 'link'>>;
  readonly #commit: Transaction<(page: Page, done: readonly Branch[]) => number>;
  readonly #addRoots: Transaction<(roots: readonly Employee[]) => number>;
  /** Groups given back, each to be taken at most at its own size. */
  readonly #returned: (readonly Branch[])[] = [];
  /** Persons of the branches in progress by link key: they tell whose report an employee is. Null: two share the key. */
  readonly #inProgress = new Map<string, number | null>();
  /** Whose branches failed in the published run: they come first, so that what was missing is there soon. */
  readonly #failedBefore: ReadonlySet<number>;
  /** Those of them that wait. Found in a page that was not committed after all, they do not. */
  readonly #first: number[] = [];
  /** Handed out of turn: the cursor passes them over. */
  readonly #outOfTurn = new Set<number>();
  /** Rows up to here have been handed out in this process. */
  #cursor = 0;
  #waiting: number;
  #taken = 0;
  #failed = 0;
  #employees: number;

  constructor(database: Sqlite, numbers: RunNumbers, keyOf: (value: string) => string) {
    this.#database = database;
    this.#run = numbers.run;
    this.#keyOf = keyOf;
    this.#people = new People(database, numbers, keyOf);
    this.#findings = new Findings(database, numbers);
    this.#next = database.prepare(
      // In the order of the rows from the cursor on: by its index, SQLite would read and sort the whole run each time.
      `SELECT ${BRANCH} FROM _frontier AS f NOT INDEXED JOIN _version AS v ON v.vid = f.vid
       WHERE f.run = ${INTEGER} AND f.seq > ${INTEGER} AND f.state = ${WAITS} ORDER BY f.seq LIMIT ${INTEGER}`,
    );
    this.#waitingOf = database.prepare(
      `SELECT ${BRANCH} FROM _frontier AS f JOIN _version AS v ON v.vid = f.vid
       WHERE f.run = ${INTEGER} AND f.pid = ${INTEGER} AND f.state = ${WAITS}`,
    );
    this.#insert = database.prepare(
      `INSERT INTO _frontier (run, pid, vid, state, root) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (run, pid) DO NOTHING`,
    );
    this.#revise = database.prepare(
      `UPDATE _frontier SET vid = @vid, root = max(root, @root), seen = 1
       WHERE run = @run AND pid = @pid AND (vid <> @vid OR root < @root OR seen = 0)`,
    );
    this.#setState = database.prepare('UPDATE _frontier SET state = ? WHERE run = ? AND pid = ?');
    this.#setTried = database.prepare(
      'UPDATE _frontier SET attempts = ?, outages = ? WHERE run = ? AND pid = ?',
    );
    this.#countRetry = database.prepare('UPDATE _run SET retries = retries + 1 WHERE id = ?');
    this.#countSplit = database.prepare('UPDATE _run SET splits = splits + 1 WHERE id = ?');
    const work = new WorkCounter(database, numbers.run);
    const record = database.prepare(
      `INSERT OR REPLACE INTO _failure (run, pid, vid, reason, result_code, attempts, last_error)
       SELECT run, pid, vid, ?, ?, ?, ? FROM _frontier WHERE run = ? AND pid = ?`,
    );
    this.#failDoubt = database.prepare(
      `INSERT INTO _failure (run, pid, vid, reason, result_code, attempts, last_error)
       SELECT f.run, f.pid, f.vid, ?, ?, ?, ? FROM _doubt AS d JOIN _frontier AS f ON f.run = d.run AND f.pid = d.pid
       WHERE d.run = ? AND d.key = ? ON CONFLICT DO NOTHING`,
    );
    this.#linkOf = database.prepare(
      `SELECT v.dn, v.link FROM _frontier AS f JOIN _version AS v ON v.vid = f.vid
       WHERE f.run = ${INTEGER} AND f.pid = ${INTEGER}`,
    );
    this.#commit = database.transaction((page: Page, done: readonly Branch[]) => {
      let found = 0;
      for (const employee of page.employees) found += this.#discover(employee, false);
      for (const branch of done) this.#setState.run(DONE, this.#run, branch.person);
      work.add(page.work);
      return found;
    });
    this.#addRoots = database.transaction((roots: readonly Employee[]) => {
      let found = 0;
      for (const root of roots) found += this.#discover(root, true);
      return found;
    });
    this.#fail = database.transaction((branch: Pick<Branch, 'person'>, failure: BranchFailure) => {
      const { reason, resultCode, attempts, message } = failure;
      record.run(reason, resultCode, attempts, message, this.#run, branch.person);
      this.#setState.run(FAILED, this.#run, branch.person);
    });
    this.#countFailed = database
      .prepare<unknown[], number>('SELECT count(*) FROM _failure WHERE run = ?')
      .pluck();
    const count = database.prepare(
      'SELECT count(*) AS employees, total(state = 0) AS waiting FROM _frontier WHERE run = ?',
    );
    const counts = count.get(this.#run) as { employees: number; waiting: number };
    this.#waiting = counts.waiting;
    this.#recount();
    this.#employees = counts.employees;
    this.#failedBefore = this.#loadFailedBefore(numbers.published);
  }

  get employees(): number {
    return this.#employees;
  }

  /** Branches of this run that could not be read. */
  get failed(): number {
    return this.#failed;
  }

  get inProgress(): number {
    return this.#taken;
  }

  get waitingNow(): number {
    return this.#waiting;
  }

  async waiting(): Promise<number> {
    return this.#waiting;
  }

  async take(max: number): Promise<readonly Branch[]> {
    const branches =
      this.#takeReturned(max) ??
      translating(this.#database.name, () => this.#takeFirst(max) ?? this.#takeNext(max));
    this.#waiting -= branches.length;
    this.#taken += branches.length;
    for (const { linkKey, person } of branches) {
      const other = this.#inProgress.get(linkKey);
      this.#inProgress.set(linkKey, other === undefined || other === person ? person : null);
    }
    return branches;
  }

  async commit(page: Page, done: readonly Branch[]): Promise<void> {
    const before = { waiting: this.#waiting, employees: this.#employees };
    try {
      translating(this.#database.name, () => this.#commit.immediate(page, done));
    } catch (error) {
      this.#waiting = before.waiting;
      this.#employees = before.employees;
      throw error;
    }
    this.#forget(done);
  }

  async release(branches: readonly Branch[], groupOf: number, cost: ReleaseCost): Promise<void> {
    this.#forget(branches);
    const given = cost === 'nothing' ? branches : this.#charged(branches, cost);
    if (groupOf < branches.length) {
      translating(this.#database.name, () => this.#countSplit.run(this.#run));
    }
    for (let i = 0; i < given.length; i += groupOf) {
      this.#returned.push(given.slice(i, i + groupOf));
    }
    this.#waiting += branches.length;
  }

  async fail(branch: Branch, failure: BranchFailure): Promise<void> {
    translating(this.#database.name, () => {
      this.#fail.immediate(branch, failure);
      this.#recount();
    });
    this.#forget([branch]);
  }

  /** A root without the reports that it had: its answer is not believed, and whoever was below it stays. */
  distrust(pid: number): void {
    this.failUntaken(pid, {
      reason: 'unreadable',
      resultCode: null,
      attempts: 1,
      message: 'it had reports and seems to have none: may the account read the manager attribute?',
    });
  }

  /** A branch that is not in progress. */
  failUntaken(person: number, failure: BranchFailure): void {
    const waits = this.#waitingOf.get(this.#run, person) !== undefined;
    translating(this.#database.name, () => {
      this.#fail.immediate({ person }, failure);
      this.#recount();
    });
    if (waits) this.#waiting -= 1;
  }

  /** Nothing is to be read there any more. */
  finishUntaken(person: number): void {
    const waits = this.#waitingOf.get(this.#run, person) !== undefined;
    translating(this.#database.name, () => this.#setState.run(DONE, this.#run, person));
    if (waits) this.#waiting -= 1;
  }

  /** Someone who was looked for: where the link is another one now, the branch waits again. */
  relocate({ person, dn }: StrayedManager, employee: Employee): void {
    const elsewhere = employee.link !== null && this.#linkNow(person, dn) !== employee.linkKey;
    const record = this.#database.transaction(() => {
      this.#discover(employee, false);
      if (elsewhere) this.#setState.run(WAITS, this.#run, person);
    });
    const waited = this.#waitingOf.get(this.#run, person) !== undefined;
    translating(this.#database.name, () => record.immediate());
    if (elsewhere && !waited) this.#reopen(person);
  }

  #linkNow(person: number, dn: string): string {
    const row = this.#linkOf.get(this.#run, person);
    return this.#keyOf(row === undefined ? dn : (storedLink(row.dn, row.link) ?? row.dn));
  }

  #reopen(person: number): void {
    const row = this.#waitingOf.get(this.#run, person);
    if (row === undefined) return;
    // Its row lies behind the cursor, where nothing is taken from any more.
    this.#returned.push([this.#branchOf(row)]);
    this.#waiting += 1;
  }

  /** Manager values that could not be asked about: the branches of those who have them are in doubt. */
  failReports(key: string, failure: BranchFailure): void {
    const { reason, resultCode, attempts, message } = failure;
    const values = [reason, resultCode, attempts, message, this.#run, key];
    translating(this.#database.name, () => {
      this.#failDoubt.run(values);
      this.#recount();
    });
  }

  async addRoots(roots: readonly Employee[]): Promise<void> {
    translating(this.#database.name, () => this.#addRoots.immediate(roots));
  }

  /** One branch may fail for two reasons: it counts once. */
  #recount(): void {
    this.#failed = this.#countFailed.get(this.#run) ?? 0;
  }

  #discover(employee: Employee, root: boolean): number {
    const { pid, vid } = this.#people.record(employee, this.#known);
    this.#findings.add(employee, { pid, vid });
    const state = employee.leaf || employee.link === null ? DONE : WAITS;
    const { changes } = this.#insert.run(this.#run, pid, vid, state, root ? 1 : 0);
    if (changes === 0) this.#revise.run({ vid, root: root ? 1 : 0, run: this.#run, pid });
    else this.#count(pid, state);
    return changes;
  }

  #count(pid: number, state: number): void {
    this.#employees += 1;
    if (state !== WAITS) return;
    this.#waiting += 1;
    if (this.#failedBefore.has(pid)) this.#first.push(pid);
  }

  readonly #known = (key: string): number | undefined => this.#inProgress.get(key) ?? undefined;

  #takeReturned(max: number): readonly Branch[] | undefined {
    const group = this.#returned.pop();
    if (group === undefined || group.length <= max) return group;
    this.#returned.push(group.slice(max));
    return group.slice(0, max);
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
  #loadFailedBefore(published: number): ReadonlySet<number> {
    const failed = this.#database
      .prepare<unknown[], { readonly pid: number; readonly waits: number }>(
        `SELECT o.pid, f.pid IS NOT NULL AS waits FROM _failure AS o
         LEFT JOIN _frontier AS f ON f.run = ? AND f.pid = o.pid AND f.state = ${WAITS} WHERE o.run = ?`,
      )
      .all(this.#run, published);
    for (const { pid, waits } of failed) if (waits === 1) this.#first.push(pid);
    return new Set(failed.map(({ pid }) => pid));
  }

  #branchOf({ pid, id, dn, link, attempts, outages }: BranchRow): Branch {
    const value = storedLink(dn, link) ?? dn;
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

  #charged(branches: readonly Branch[], cost: Exclude<ReleaseCost, 'nothing'>): readonly Branch[] {
    const given = branches.map((branch) => charged(branch, cost));
    const note = this.#database.transaction(() => {
      if (cost !== 'outage') this.#countRetry.run(this.#run);
      for (const { attempts, outages, person } of given) {
        this.#setTried.run(attempts, outages, this.#run, person);
      }
    });
    translating(this.#database.name, () => note.immediate());
    return given;
  }

  #forget(branches: readonly Branch[]): void {
    this.#taken -= branches.length;
    for (const { linkKey } of branches) this.#inProgress.delete(linkKey);
  }
}
