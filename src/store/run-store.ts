import type { Employee, Work } from '../domain/employee.ts';
import { DatabaseError } from '../domain/errors.ts';
import { linkKeyOf } from '../domain/link.ts';
import type {
  BranchFailure,
  Frontier,
  KnownSource,
  Published,
  Question,
  RunCounts,
  RunOptions,
  RunProgress,
  RunStore,
  SettledManager,
  SourceProfile,
  StartedRun,
  StrayedManager,
  SweptPerson,
  Twin,
  TwinAnswer,
  UnknownManager,
  Unreached,
} from '../domain/ports.ts';
import { openForWriting, translating } from './database.ts';
import { Doubts } from './doubts.ts';
import { explained } from './errors.ts';
import { SqliteFrontier } from './frontier.ts';
import { CrawlerLock } from './lock.ts';
import { prepare, type Totals } from './publish.ts';
import { forgetWork } from './retire.ts';
import { HOLDS, numbersOf, type RunNumbers } from './run-numbers.ts';
import type { Sqlite } from './sqlite.ts';
import { failedBranches, interruptRun, startRun } from './starting.ts';
import { Strayed } from './strayed.ts';
import { Twins } from './twins.ts';
import { UnreachedPeople } from './unreached.ts';
import { WorkCounter } from './work-counter.ts';

/** A branch that could not be read, and whose it is. */
export interface FailedBranch extends BranchFailure {
  readonly employeeId: string;
}

interface Active {
  readonly numbers: RunNumbers;
  readonly frontier: SqliteFrontier;
  readonly doubts: Doubts;
  readonly strayed: Strayed;
  readonly twins: Twins;
  readonly unreached: UnreachedPeople;
}

const NEVER = new AbortController().signal;

/** Runs in a SQLite database, behind the lock that lets one crawler in. */
export class SqliteRunStore implements RunStore, Disposable {
  readonly #database: Sqlite;
  readonly #lock: CrawlerLock;
  #active: Active | undefined;
  #onlyFailed = false;

  private constructor(database: Sqlite, lock: CrawlerLock) {
    this.#database = database;
    this.#lock = lock;
  }

  /** Takes the lock, opens, migrates. Rejects with a `DatabaseError`; what the file held is untouched then. */
  static open(path: string): SqliteRunStore {
    const lock = CrawlerLock.acquire(path);
    try {
      return new SqliteRunStore(openForWriting(path), lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  get source(): KnownSource | null {
    const row = this.#translating(() =>
      this.#database
        .prepare<unknown[], KnownSource>('SELECT key, id_attribute AS idAttribute FROM _source')
        .get(),
    );
    return row ?? null;
  }

  get frontier(): Frontier {
    return this.#running.frontier;
  }

  get #running(): Active {
    if (this.#active === undefined) throw new Error('no run was started');
    return this.#active;
  }

  /**
   * From now on `start` continues or begins a run that takes over what the published one has read, and reads only what
   * failed in it. Returns how many branches that are; 0: there is nothing to start. Throws a `UsageError` where such a
   * run cannot be. @param fresh an unfinished run may be abandoned
   */
  readOnlyFailed(fresh: boolean): number {
    const branches = this.#translating(() => failedBranches(this.#database, fresh));
    this.#onlyFailed = true;
    return branches;
  }

  async start(options: RunOptions, signal = NEVER): Promise<StartedRun> {
    return this.#telling(async () => {
      this.#belongTo(options.source);
      this.#noteProfile(options.source);
      const run = await startRun(
        this.#database,
        { ...options, onlyFailed: this.#onlyFailed },
        signal,
      );
      this.#activate(run.id, options.question);
      return { ...run, expected: this.publishedEmployees };
    });
  }

  async addRoots(roots: readonly Employee[]): Promise<void> {
    await this.#running.frontier.addRoots(roots);
  }

  async unknownManagers(max: number, signal: AbortSignal): Promise<readonly UnknownManager[]> {
    return this.#telling(() => this.#running.doubts.unknown(max, signal));
  }

  async settleManager({ key, answer }: SettledManager): Promise<void> {
    this.#translating(() => this.#running.doubts.settle(key, answer));
  }

  async failManager({ key }: UnknownManager, failure: BranchFailure): Promise<void> {
    const { doubts, frontier } = this.#running;
    this.#translating(() => {
      frontier.failReports(key, failure);
      doubts.settle(key, { kind: 'unreadable' });
    });
  }

  async strayed(signal: AbortSignal): Promise<readonly StrayedManager[]> {
    signal.throwIfAborted();
    const { frontier, strayed, twins } = this.#running;
    return this.#translating(() => strayed.list(frontier.waitingNow === 0, twins.lost()));
  }

  async settleStrayed(manager: StrayedManager, found: Employee | null): Promise<void> {
    const { frontier } = this.#running;
    this.#translating(() => {
      if (found === null) frontier.finishUntaken(manager.person);
      else frontier.relocate(found);
    });
  }

  async failStrayed({ person }: StrayedManager, failure: BranchFailure): Promise<void> {
    this.#translating(() => this.#running.frontier.failUntaken(person, failure));
  }

  async forgetUnreached(signal: AbortSignal): Promise<void> {
    await this.#telling(() => this.#running.unreached.forget(signal));
  }

  async noteUnreached(people: readonly SweptPerson[], signal: AbortSignal): Promise<Unreached> {
    return this.#telling(() => this.#running.unreached.note(people, signal));
  }

  async twins(max: number, signal: AbortSignal): Promise<readonly Twin[]> {
    const { frontier, twins } = this.#running;
    if (frontier.waitingNow + frontier.inProgress > 0) return [];
    return this.#telling(async () => {
      const open = twins.open(max);
      if (open.length > 0) return open;
      if (await twins.resolve(signal)) frontier.recount();
      return [];
    });
  }

  async settleTwin(twin: Twin, answer: TwinAnswer): Promise<void> {
    this.#translating(() => this.#running.twins.settle(twin, answer));
  }

  async failTwin(twin: Twin, failure: BranchFailure): Promise<void> {
    const { frontier, twins } = this.#running;
    this.#translating(() => {
      frontier.failUntaken(twin.person, failure);
      twins.settle(twin, 'unknown');
    });
  }

  async publish(signal: AbortSignal): Promise<Published> {
    return this.#telling(() => this.#publish(signal));
  }

  async #publish(signal: AbortSignal): Promise<Published> {
    const { numbers, frontier } = this.#running;
    await this.#applyAnswers(signal);
    const failedBranches = frontier.failed;
    const totals = await prepare(this.#database, numbers, this.#keepsUnseen, signal);
    const status = failedBranches > 0 ? 'partial' : 'published';
    this.#switch(status, totals, failedBranches);
    await forgetWork(this.#database, numbers.run, NEVER);
    return { ...totals, failedBranches, status };
  }

  /** Nobody leaves by silence: not below a branch that failed, and not where branches were taken over unread. */
  get #keepsUnseen(): boolean {
    const { numbers, frontier } = this.#running;
    return frontier.failed > 0 || numbers.inherits;
  }

  async #applyAnswers(signal: AbortSignal): Promise<void> {
    const { numbers, frontier, doubts } = this.#running;
    const keeps = this.#keepsUnseen;
    await doubts.apply(keeps, signal);
    for (const pid of lostRoots(this.#database, numbers)) frontier.distrust(pid);
    // A root that is not believed keeps people, and these may be someone's managers.
    if (this.#keepsUnseen !== keeps) await doubts.apply(true, signal);
  }

  async interrupt(retryFailed = false): Promise<void> {
    const { run } = this.#running.numbers;
    this.#translating(() => interruptRun(this.#database, run, retryFailed));
  }

  async addWork(work: Work): Promise<void> {
    const { run } = this.#running.numbers;
    this.#translating(() => new WorkCounter(this.#database, run).add(work));
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
    const sql =
      'SELECT searches, pages, entries, reconnects, retries, splits FROM _run WHERE id = ?';
    const { run } = this.#running.numbers;
    return this.#translating(() => this.#database.prepare(sql).get(run)) as RunCounts;
  }

  /** Branches of this run that could not be read. */
  failures(): readonly FailedBranch[] {
    const sql = `SELECT employee_id AS employeeId, reason, result_code AS resultCode, attempts, last_error AS message
      FROM failures WHERE run_id = ? ORDER BY employee_id`;
    const { run } = this.#running.numbers;
    return this.#translating(() => this.#database.prepare(sql).all(run)) as FailedBranch[];
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
    const known = this.source;
    if (known === null) {
      this.#database
        .prepare(
          'INSERT INTO _source (one, key, id_attribute, vendor, created_at) VALUES (1, ?, ?, ?, ?)',
        )
        .run(source.key, source.idAttribute, source.vendor, new Date().toISOString());
    } else if (known.key === source.formerKey) {
      this.#database.prepare('UPDATE _source SET key = ?').run(source.key);
    } else if (known.key !== source.key) {
      throw new DatabaseError(
        'other-source',
        `the database ${this.#database.name} belongs to another directory (${known.key}, not ${source.key})`,
        'name another file with --db for this directory; nothing was changed',
      );
    }
  }

  /** What was found out about the server, for people to read. */
  #noteProfile({ vendor, paging, traits }: SourceProfile): void {
    this.#database
      .prepare('UPDATE _source SET vendor = ?, profile = ?')
      .run(vendor, JSON.stringify({ vendor, paging, ...traits }));
  }

  #activate(run: number, question: Question): void {
    const numbers = numbersOf(this.#database, run);
    const keyOf = linkKeyOf(question.managerValue);
    this.#active = {
      numbers,
      frontier: new SqliteFrontier(this.#database, numbers, keyOf, question),
      doubts: new Doubts(this.#database, numbers, keyOf),
      strayed: new Strayed(this.#database, numbers),
      twins: new Twins(this.#database, numbers, keyOf),
      unreached: new UnreachedPeople(this.#database, numbers, question.managerValue),
    };
  }

  /** Size of the published state; 0 before the first. */
  get publishedEmployees(): number {
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
    const { run, inherits } = this.#running.numbers;
    const publish = this.#database.transaction(() => {
      const now = new Date().toISOString();
      finish.run({ ...totals, status, now, failedBranches, run });
      this.#database
        .prepare('UPDATE _published SET run = ?, whole = iif(?, whole, ?), preparing = 0')
        .run(run, inherits ? 1 : 0, run);
    });
    this.#database.pragma('synchronous = full');
    publish.immediate();
    this.#database.pragma('synchronous = normal');
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
