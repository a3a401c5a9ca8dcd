import type { Statement, Transaction } from 'better-sqlite3';
import { charged } from '../../domain/charge.ts';
import type { Branch, Employee, Page } from '../../domain/employee.ts';
import type { BranchFailure, Frontier, ReleaseCost } from '../../domain/ports.ts';
import { translating } from '../file/database.ts';
import { INTEGER, type Sqlite } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { Failing } from './failing.ts';
import { type Asked, Findings } from './findings.ts';
import { ManagersBefore } from './managers-before.ts';
import { People, type Recorded } from './people.ts';
import { Turns } from './turns.ts';
import { TwinNotes } from './twin-notes.ts';
import { WorkCounter } from './work-counter.ts';

const WAITS = 0;
const DONE = 1;
const FAILED = 2;

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
  readonly #failing: Failing;
  readonly #twins: TwinNotes;
  readonly #turns: Turns;
  readonly #managersBefore: ManagersBefore;
  readonly #insert: Statement<unknown[]>;
  readonly #revise: Statement<unknown[]>;
  readonly #stateOf: Statement<unknown[], number>;
  readonly #setState: Statement<unknown[]>;
  readonly #setDone: Statement<unknown[]>;
  readonly #setTried: Statement<unknown[]>;
  readonly #countRetry: Statement<unknown[]>;
  readonly #countSplit: Statement<unknown[]>;
  readonly #commit: Transaction<(page: Page, done: readonly Branch[]) => void>;
  readonly #addRoots: Transaction<(roots: readonly Employee[]) => void>;
  readonly #relocate: Transaction<(employee: Employee) => void>;
  /** Persons of the branches in progress by link key: they tell whose report an employee is. Null: two share the key. */
  readonly #inProgress = new Map<string, number | null>();
  /** Whom the transaction under way names otherwise, and whether they waited or were in progress. */
  #relinked = new Map<number, boolean>();
  #waiting = 0;
  #taken = 0;
  #failed = 0;
  #employees = 0;

  constructor(
    database: Sqlite,
    numbers: RunNumbers,
    keyOf: (value: string) => string,
    asked: Asked,
  ) {
    this.#database = database;
    this.#run = numbers.run;
    this.#keyOf = keyOf;
    this.#people = new People(database, numbers, keyOf);
    this.#findings = new Findings(database, numbers, asked);
    this.#failing = new Failing(database, numbers.run);
    this.#twins = new TwinNotes(database, numbers.run);
    this.#managersBefore = new ManagersBefore(database, numbers);
    this.#turns = new Turns(database, numbers, keyOf);
    this.#insert = database.prepare(
      `INSERT INTO _frontier (run, pid, vid, state, root) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (run, pid) DO NOTHING`,
    );
    this.#revise = database.prepare(
      `UPDATE _frontier SET vid = @vid, root = max(root, @root), seen = 1
       WHERE run = @run AND pid = @pid AND (vid <> @vid OR root < @root OR seen = 0)`,
    );
    this.#stateOf = database
      .prepare<unknown[], number>(
        `SELECT state FROM _frontier WHERE run = ${INTEGER} AND pid = ${INTEGER}`,
      )
      .pluck();
    this.#setState = database.prepare('UPDATE _frontier SET state = ? WHERE run = ? AND pid = ?');
    this.#setDone = database.prepare(
      `UPDATE _frontier SET state = ${DONE} WHERE run = ? AND pid IN (SELECT value FROM json_each(?))`,
    );
    this.#setTried = database.prepare(
      'UPDATE _frontier SET attempts = ?, outages = ? WHERE run = ? AND pid = ?',
    );
    this.#countRetry = database.prepare('UPDATE _run SET retries = retries + 1 WHERE id = ?');
    this.#countSplit = database.prepare('UPDATE _run SET splits = splits + 1 WHERE id = ?');
    const work = new WorkCounter(database, numbers.run);
    this.#commit = database.transaction((page: Page, done: readonly Branch[]) => {
      for (const employee of page.employees) this.#discover(employee);
      for (const uri of page.references) this.#findings.referral(uri);
      this.#finish(done);
      work.add(page.work);
    });
    this.#addRoots = database.transaction((roots: readonly Employee[]) => {
      for (const root of roots) this.#discover(root, { root: true });
    });
    this.#relocate = database.transaction((employee: Employee) => {
      this.#discover(employee, { moved: true });
    });
    this.recount();
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
    const branches = translating(this.#database.name, () => this.#turns.take(max));
    // Else whoever takes would try again for ever.
    if (branches.length === 0 && this.#waiting > 0)
      throw new Error('a branch waits that cannot be taken');
    this.#waiting -= branches.length;
    this.#taken += branches.length;
    for (const { linkKey, person } of branches) {
      const other = this.#inProgress.get(linkKey);
      this.#inProgress.set(linkKey, other === undefined || other === person ? person : null);
    }
    return branches;
  }

  async commit(page: Page, done: readonly Branch[]): Promise<void> {
    this.#recording(() => this.#commit.immediate(page, done));
    this.#forget(done);
    for (const { person } of done) if (this.#turns.isRelinked(person)) this.#again(person);
  }

  async release(branches: readonly Branch[], groupOf: number, cost: ReleaseCost): Promise<void> {
    this.#forget(branches);
    const given = cost === 'nothing' ? branches : this.#charged(branches, cost);
    if (groupOf < branches.length) {
      translating(this.#database.name, () => this.#countSplit.run(this.#run));
    }
    this.#turns.giveBack(given, groupOf);
    this.#waiting += branches.length;
  }

  async fail(branch: Branch, failure: BranchFailure): Promise<void> {
    if (this.#turns.isRelinked(branch.person)) return this.release([branch], 1, 'nothing');
    this.#fail(branch.person, failure);
    this.#forget([branch]);
  }

  /** A branch that is not in progress. */
  failUntaken(person: number, failure: BranchFailure): void {
    const waits = this.#turns.waits(person);
    this.#fail(person, failure);
    if (waits) this.#waiting -= 1;
  }

  /** Nothing is to be read there any more. */
  finishUntaken(person: number): void {
    const waits = this.#turns.waits(person);
    translating(this.#database.name, () => this.#setState.run(DONE, this.#run, person));
    if (waits) this.#waiting -= 1;
  }

  /** Someone who was looked for: where the link is another one now, the branch waits again. */
  relocate(employee: Employee): void {
    this.#recording(() => this.#relocate.immediate(employee));
  }

  /** Manager values that could not be asked about: the branches of those who have them are in doubt. */
  failReports(key: string, failure: BranchFailure): void {
    translating(this.#database.name, () => {
      this.#failing.reports(key, failure);
      this.#failed = this.#failing.count;
    });
  }

  async addRoots(roots: readonly Employee[]): Promise<void> {
    this.#recording(() => this.#addRoots.immediate(roots));
  }

  /** When the table was changed elsewhere. Only while nothing is in progress. */
  recount(): void {
    const { employees, waiting } = this.#database
      .prepare(
        'SELECT count(*) AS employees, total(state = 0) AS waiting FROM _frontier WHERE run = ?',
      )
      .get(this.#run) as { employees: number; waiting: number };
    this.#employees = employees;
    this.#waiting = waiting;
    this.#failed = this.#failing.count;
    this.#people.recount();
    this.#turns.restart();
  }

  /** When everyone has been read, and what is unclear is to be settled. */
  index(): void {
    translating(this.#database.name, () => this.#people.index());
  }

  /** When versions were added elsewhere. */
  versionsAdded(): void {
    this.#people.recount();
  }

  /** When failures were recorded elsewhere. */
  recountFailed(): void {
    this.#failed = this.#failing.count;
  }

  /** A transaction that brings people: what is counted in memory is taken back where it fails. */
  #recording(transaction: () => void): void {
    const before = { waiting: this.#waiting, employees: this.#employees };
    this.#relinked = new Map();
    try {
      translating(this.#database.name, transaction);
    } catch (error) {
      this.#waiting = before.waiting;
      this.#employees = before.employees;
      throw error;
    }
    for (const [person, waited] of this.#relinked) {
      if (waited) this.#turns.relinked(person);
      else this.#again(person);
    }
  }

  /** @param moved whether the server was asked where the person with this id is now */
  #discover(employee: Employee, { root = false, moved = false } = {}): void {
    const recorded = this.#people.record(employee, this.#known, moved);
    const { pid, vid, twin } = recorded;
    this.#findings.add(employee, recorded);
    const state = this.#mayHaveReports(employee, pid) ? WAITS : DONE;
    const { changes } = this.#insert.run(this.#run, pid, vid, state, root ? 1 : 0);
    if (changes > 0) this.#count(pid, state);
    else {
      this.#revise.run({ vid, root: root ? 1 : 0, run: this.#run, pid });
      this.#noteLink(employee, recorded);
    }
    if (twin !== undefined) this.#twins.add(twin.id, [twin.pid, pid]);
  }

  #mayHaveReports({ leaf, link }: Employee, pid: number): boolean {
    return link !== null && (!leaf || this.#managersBefore.has(pid));
  }

  #count(pid: number, state: number): void {
    this.#employees += 1;
    if (state !== WAITS) return;
    this.#waiting += 1;
    this.#turns.found(pid);
  }

  /** Asked about under the former link, the server may know nobody below any more: whatever became of it, the branch waits again. */
  #noteLink({ link, linkKey }: Employee, { pid, formerLink }: Recorded): void {
    if (link === null || formerLink === undefined || link === formerLink) return;
    if (formerLink !== null && this.#keyOf(formerLink) === linkKey) return;
    const state = this.#stateOf.get(this.#run, pid);
    // Named otherwise twice in one transaction: what counts is what they were before it.
    if (!this.#relinked.has(pid)) this.#relinked.set(pid, state === WAITS);
    if (state === WAITS) return;
    if (state === FAILED) this.#failing.forget(pid);
    this.#setState.run(WAITS, this.#run, pid);
  }

  /** Unless a branch was read under a link that names nobody any more. */
  #finish(branches: readonly Branch[]): void {
    const read = branches
      .map(({ person }) => person)
      .filter((person) => !this.#relinked.has(person) && !this.#turns.isRelinked(person));
    if (read.length > 0) this.#setDone.run(this.#run, JSON.stringify(read));
  }

  #again(person: number): void {
    this.#turns.again(person);
    this.#waiting += 1;
    this.#failed = this.#failing.count;
  }

  #fail(person: number, failure: BranchFailure): void {
    translating(this.#database.name, () => {
      this.#failing.branch(person, failure);
      this.#failed = this.#failing.count;
    });
  }

  readonly #known = (key: string): number | undefined => this.#inProgress.get(key) ?? undefined;

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
