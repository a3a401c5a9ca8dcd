import type { Employee, Work } from '../domain/employee.ts';
import { DatabaseError } from '../domain/errors.ts';
import { linkKeyOf } from '../domain/link.ts';
import type {
  BranchFailure,
  Frontier,
  Published,
  Question,
  RunCounts,
  RunOptions,
  RunProgress,
  RunStore,
  SettledManager,
  SourceProfile,
  StartedRun,
  UnknownManager,
} from '../domain/ports.ts';
import { openForWriting, translating } from './database.ts';
import { Doubts } from './doubts.ts';
import { explained } from './errors.ts';
import { SqliteFrontier } from './frontier.ts';
import { CrawlerLock, thisProcess } from './lock.ts';
import { prepare, type Totals } from './publish.ts';
import { clearRemains, eraseRun, forgetWork } from './retire.ts';
import { HOLDS, type RunNumbers } from './run-numbers.ts';
import type { Sqlite } from './sqlite.ts';
import { WorkCounter } from './work-counter.ts';

/** A branch that could not be read, and whose it is. */
export interface FailedBranch extends BranchFailure {
  readonly employeeId: string;
}

interface RunRow {
  readonly id: number;
  readonly question: string;
  readonly committed_at: string;
}

interface Active {
  readonly numbers: RunNumbers;
  readonly frontier: SqliteFrontier;
  readonly doubts: Doubts;
}

const NEVER = new AbortController().signal;

/** Runs in a SQLite database, behind the lock that lets one crawler in. */
export class SqliteRunStore implements RunStore, Disposable {
  readonly #database: Sqlite;
  readonly #lock: CrawlerLock;
  #active: Active | undefined;

  private constructor(database: Sqlite, lock: CrawlerLock) {
    this.#database = database;
    this.#lock = lock;
  }

  /** Takes the lock, opens, migrates. Rejects with a `DatabaseError`; what the file held is untouched then. */
  static open(path: string): SqliteRunStore {
    const lock = CrawlerLock.acquire(path);
    try {
      const database = openForWriting(path);
      const note = database.prepare('INSERT OR REPLACE INTO _holder VALUES (1, ?)');
      translating(path, () => note.run(thisProcess()));
      return new SqliteRunStore(database, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get frontier(): Frontier {
    return this.#running.frontier;
  }

  get #running(): Active {
    if (this.#active === undefined) throw new Error('no run was started');
    return this.#active;
  }

  async start(options: RunOptions): Promise<StartedRun> {
    return this.#telling(() => this.#start(options));
  }

  async #start(options: RunOptions): Promise<StartedRun> {
    this.#belongTo(options.source);
    const question = canonical(options.question);
    const unfinished = this.#unfinished();
    if (unfinished === undefined) await clearRemains(this.#database, NEVER);
    const why = unfinished && whyNotContinued(unfinished, question, options);
    const resumed = unfinished !== undefined && why === undefined;
    const abandoned = why === undefined ? null : await this.#abandon(unfinished as RunRow, why);
    const id = resumed ? this.#resume(unfinished.id, options) : this.#begin(question);
    this.#activate(id, options.question);
    return { id, resumed, expected: this.#publishedSize(), abandoned };
  }

  async addRoots(roots: readonly Employee[]): Promise<void> {
    await this.#running.frontier.addRoots(roots);
  }

  async unknownManagers(max: number, signal: AbortSignal): Promise<readonly UnknownManager[]> {
    return this.#telling(() => this.#running.doubts.unknown(max, signal));
  }

  async settleManagers(answers: readonly SettledManager[]): Promise<void> {
    this.#translating(() => this.#running.doubts.settleAll(answers));
  }

  async publish(signal: AbortSignal): Promise<Published> {
    return this.#telling(() => this.#publish(signal));
  }

  async #publish(signal: AbortSignal): Promise<Published> {
    const { numbers, frontier, doubts } = this.#running;
    await doubts.apply(signal);
    for (const pid of lostRoots(this.#database, numbers)) frontier.distrust(pid);
    const failedBranches = frontier.failed;
    const totals = await prepare(this.#database, numbers, failedBranches > 0, signal);
    const status = failedBranches > 0 ? 'partial' : 'published';
    this.#switch(status, totals, failedBranches);
    await forgetWork(this.#database, numbers.run, NEVER);
    return { ...totals, failedBranches, status };
  }

  async interrupt(): Promise<void> {
    // What was published stays so, whatever went wrong after it.
    const note = this.#database.prepare(
      "UPDATE _run SET status = 'interrupted' WHERE id = ? AND status = 'running'",
    );
    this.#translating(() => note.run(this.#running.numbers.run));
  }

  async addWork(work: Work): Promise<void> {
    const counter = new WorkCounter(this.#database, this.#running.numbers.run);
    this.#translating(() => counter.add(work));
  }

  progress(): RunProgress {
    const { frontier } = this.#running;
    return {
      employees: frontier.employees,
      waiting: frontier.waitingNow,
      inProgress: frontier.inProgress,
      failed: frontier.failed,
    };
  }

  counts(): RunCounts {
    const counts = this.#database
      .prepare(
        'SELECT searches, pages, entries, reconnects, retries, splits FROM _run WHERE id = ?',
      )
      .get(this.#running.numbers.run);
    return counts as RunCounts;
  }

  /** Branches of this run that could not be read. */
  failures(): readonly FailedBranch[] {
    const rows = this.#database
      .prepare(
        `SELECT employee_id AS employeeId, reason, result_code AS resultCode, attempts, last_error AS message
         FROM failures WHERE run_id = ? ORDER BY employee_id`,
      )
      .all(this.#running.numbers.run);
    return rows as FailedBranch[];
  }

  [Symbol.dispose](): void {
    this.#database.close();
    this.#lock.release();
  }

  #translating<T>(use: () => T): T {
    return translating(this.#database.name, use);
  }

  async #telling<T>(use: () => Promise<T>): Promise<T> {
    try {
      return await use();
    } catch (error) {
      throw explained(error, this.#database.name);
    }
  }

  /** A database belongs to one source: two would make each other's people leave. */
  #belongTo(source: SourceProfile): void {
    const row = this.#database.prepare('SELECT key, id_attribute FROM _source').get() as
      | { key: string; id_attribute: string }
      | undefined;
    if (row === undefined) {
      this.#database
        .prepare('INSERT INTO _source VALUES (1, ?, ?, ?, ?)')
        .run(source.key, source.idAttribute, source.vendor, new Date().toISOString());
    } else if (row.key !== source.key) {
      throw new DatabaseError(
        'other-source',
        `the database ${this.#database.name} belongs to another directory (${row.key}, not ${source.key})`,
        'name another file with --db for this directory; nothing was changed',
      );
    }
  }

  #unfinished(): RunRow | undefined {
    return this.#database
      .prepare(
        `SELECT id, question, committed_at FROM _run
         WHERE status IN ('running', 'interrupted') ORDER BY id DESC LIMIT 1`,
      )
      .get() as RunRow | undefined;
  }

  async #abandon(run: RunRow, why: string) {
    const employees = this.#database
      .prepare<unknown[], number>('SELECT count(*) FROM _frontier WHERE run = ?')
      .pluck()
      .get(run.id);
    this.#setStatus('abandoned', run.id);
    await eraseRun(this.#database, run.id, NEVER);
    return { id: run.id, employees: employees ?? 0, why };
  }

  #resume(id: number, { retryFailed = false }: RunOptions): number {
    const resume = this.#database.transaction(() => {
      this.#setStatus('running', id);
      if (!retryFailed) return;
      const wait = 'UPDATE _frontier SET state = 0, attempts = 0 WHERE run = ? AND state = 2';
      this.#database.prepare(wait).run(id);
      this.#database.prepare('DELETE FROM _failure WHERE run = ?').run(id);
    });
    this.#translating(() => resume.immediate());
    return id;
  }

  #begin(question: string): number {
    const now = new Date().toISOString();
    const { lastInsertRowid } = this.#database
      .prepare('INSERT INTO _run (question, started_at, committed_at) VALUES (?, ?, ?)')
      .run(question, now, now);
    return Number(lastInsertRowid);
  }

  #activate(run: number, question: Question): void {
    const published = this.#database
      .prepare<unknown[], number>('SELECT run FROM _published')
      .pluck()
      .get();
    const numbers = { run, published: published ?? 0 };
    const keyOf = linkKeyOf(question.managerValue);
    this.#active = {
      numbers,
      frontier: new SqliteFrontier(this.#database, numbers, keyOf),
      doubts: new Doubts(this.#database, numbers, keyOf),
    };
  }

  #publishedSize(): number {
    const size = this.#database
      .prepare<unknown[], number>(
        'SELECT r.employees FROM _published AS p JOIN _run AS r ON r.id = p.run',
      )
      .pluck()
      .get();
    return size ?? 0;
  }

  /** The one row that readers see by. Durable before it is reported. */
  #switch(status: 'published' | 'partial', totals: Totals, failedBranches: number): void {
    const finish = this.#database.prepare(
      `UPDATE _run SET status = @status, finished_at = @now, published_at = @now, employees = @employees,
       failed_branches = @failedBranches, joined = @joined, "left" = @left, detached = @detached,
       returned = @returned, moved = @moved, changed = @changed WHERE id = @run`,
    );
    const { run } = this.#running.numbers;
    const publish = this.#database.transaction(() => {
      const now = new Date().toISOString();
      finish.run({ ...totals, status, now, failedBranches, run });
      this.#database.prepare('UPDATE _published SET run = ?, preparing = 0').run(run);
    });
    this.#database.pragma('synchronous = full');
    publish.immediate();
    this.#database.pragma('synchronous = normal');
  }

  #setStatus(status: string, run: number): void {
    this.#database.prepare('UPDATE _run SET status = ? WHERE id = ?').run(status, run);
  }
}

/** Roots that had reports and now seem to have none: nobody may have left because of an answer that says nothing. */
function lostRoots(database: Sqlite, { run, published }: RunNumbers): readonly number[] {
  return database
    .prepare<unknown[], number>(
      `SELECT f.pid FROM _frontier AS f
       JOIN _place AS p ON p.pid = f.pid AND ${HOLDS}
       WHERE f.run = @run AND f.root = 1 AND f.state = 1 AND p.direct_reports > 0 AND NOT EXISTS (
         SELECT 1 FROM _frontier AS e NOT INDEXED CROSS JOIN _line AS l ON l.vid = e.vid
         WHERE e.run = @run AND l.manager = f.pid AND e.pid <> f.pid
       )`,
    )
    .pluck()
    .all({ run, published });
}

/** Keys in a fixed order, so that equal questions are equal text. */
function canonical(question: Question): string {
  const { base, roots, filter, managerAttribute, managerValue, mapping, idAttribute } = question;
  const sorted = Object.fromEntries(Object.entries(mapping).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify({
    base,
    roots: [...roots].sort(),
    filter,
    managerAttribute,
    managerValue,
    mapping: sorted,
    idAttribute,
  });
}

function whyNotContinued(run: RunRow, question: string, options: RunOptions): string | undefined {
  if (options.fresh) return 'a fresh start was asked for';
  if (run.question !== question) return 'it asked another question';
  const age = Date.now() - Date.parse(run.committed_at);
  return age > options.resumeWithinMs ? 'its last page is too old' : undefined;
}
