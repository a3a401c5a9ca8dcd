import type { Employee, Work } from '../domain/employee.ts';
import { DatabaseError } from '../domain/errors.ts';
import { linkKeyOf } from '../domain/link.ts';
import type {
  BranchFailure,
  Frontier,
  KnownPerson,
  KnownSource,
  Published,
  RunCounts,
  RunOptions,
  RunProgress,
  RunStore,
  SettledManager,
  SourceProfile,
  StartedRun,
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
import { MISSING, type MissingPeople } from './missing.ts';
import { prepare } from './publish.ts';
import { finish, hold } from './release.ts';
import { forgetWork } from './retire.ts';
import { numbersOf, type RunNumbers } from './run-numbers.ts';
import type { Sqlite } from './sqlite.ts';
import { failedBranches, interruptRun, startRun } from './starting.ts';
import { Strayed } from './strayed.ts';
import { Twins } from './twins.ts';
import { UnreachedPeople } from './unreached.ts';
import { Unseen } from './unseen.ts';
import { Valve } from './valve.ts';
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
  readonly unseen: Unseen;
  readonly valve: Valve;
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
   * run cannot be.
   */
  readOnlyFailed(options: Pick<RunOptions, 'fresh' | 'dryRun'>): number {
    const branches = this.#translating(() => failedBranches(this.#database, options));
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
      this.#activate(run.id, options);
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

  async strayed(signal: AbortSignal): Promise<readonly KnownPerson[]> {
    signal.throwIfAborted();
    const { frontier, strayed, twins } = this.#running;
    return this.#translating(() => strayed.list(frontier.waitingNow === 0, twins.lost()));
  }

  async settleStrayed(manager: KnownPerson, found: Employee | null): Promise<void> {
    const { frontier } = this.#running;
    this.#translating(() => {
      if (found === null) frontier.finishUntaken(manager.person);
      else frontier.relocate(found);
    });
  }

  async failStrayed({ person }: KnownPerson, failure: BranchFailure): Promise<void> {
    this.#translating(() => this.#running.frontier.failUntaken(person, failure));
  }

  async unseen(max: number, signal: AbortSignal): Promise<readonly KnownPerson[]> {
    return this.#telling(() => this.#running.unseen.next(max, signal));
  }

  async settleUnseen(person: KnownPerson, found: Employee | null): Promise<void> {
    this.#translating(() => this.#running.unseen.settle(person, found));
  }

  async failUnseen(person: KnownPerson, failure: BranchFailure): Promise<void> {
    this.#translating(() => this.#running.unseen.fail(person, failure));
  }

  async leads(max: number): Promise<readonly UnknownManager[]> {
    return this.#running.unseen.leads(max);
  }

  async settleLead(lead: UnknownManager, found: Employee | null): Promise<void> {
    this.#translating(() => this.#running.unseen.settleLead(lead, found));
  }

  async failLead(lead: UnknownManager, failure: BranchFailure): Promise<void> {
    this.#translating(() => this.#running.unseen.failLead(lead, failure));
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
    const { numbers, frontier, doubts, unseen, valve } = this.#running;
    const missing = await unseen.refresh(signal);
    const verdicts = verdictsOn(missing, frontier.failed > 0, valve);
    await doubts.apply(verdicts.keeps, signal);
    const failedBranches = frontier.failed;
    const totals = await prepare(this.#database, numbers, verdicts, signal);
    const status = failedBranches > 0 ? 'partial' : 'published';
    const heldWhy = valve.heldWhy(totals);
    const finished = { ...totals, failedBranches };
    if (heldWhy === null) finish(this.#database, numbers, finished, status);
    else hold(this.#database, numbers, finished, heldWhy);
    await forgetWork(this.#database, numbers.run, NEVER);
    return { ...finished, status: heldWhy === null ? status : 'held', heldWhy };
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

  #activate(run: number, options: RunOptions): void {
    const { question } = options;
    const numbers = numbersOf(this.#database, run);
    const keyOf = linkKeyOf(question.managerValue);
    const frontier = new SqliteFrontier(this.#database, numbers, keyOf, question);
    const valve = new Valve(this.#database, numbers, options);
    const { mostDropped } = valve;
    this.#active = {
      ...{ numbers, frontier, valve },
      doubts: new Doubts(this.#database, numbers, keyOf),
      strayed: new Strayed(this.#database, numbers),
      twins: new Twins(this.#database, numbers, keyOf),
      unreached: new UnreachedPeople(this.#database, numbers, question.managerValue),
      unseen: new Unseen(this.#database, numbers, { keyOf, frontier, mostDropped }),
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
}

/**
 * What becomes of those who were not seen. While a branch failed, the manager of somebody unlinked may be below it. Whoever
 * was not asked for stays, unless so many are gone that the run is held.
 */
function verdictsOn(missing: MissingPeople, failed: boolean, { mostDropped }: Valve) {
  const giveUp = missing.dropped > mostDropped;
  const keeps = (pid: number): boolean => {
    const answer = missing.of(pid);
    if (answer === MISSING.unlinked) return failed;
    if (answer === MISSING.open) return !giveUp;
    return answer === MISSING.below || answer === MISSING.unknown;
  };
  const isDetached = (pid: number) => missing.of(pid) === MISSING.unlinked && !failed;
  return { keeps, isDetached, detached: missing.detachedNow(isDetached) };
}
