import type { Employee, Work } from '../domain/employee.ts';
import { linkKeyOf } from '../domain/link.ts';
import type {
  BranchFailure,
  Frontier,
  HeldWhy,
  KnownPerson,
  KnownSource,
  Published,
  RunCounts,
  RunOptions,
  RunProgress,
  RunStore,
  SettledManager,
  StartedRun,
  SweptPerson,
  Twin,
  TwinAnswer,
  UnknownManager,
  Unreached,
} from '../domain/ports.ts';
import { openForWriting, translating } from './file/database.ts';
import { explained } from './file/errors.ts';
import { CrawlerLock } from './file/lock.ts';
import type { Sqlite } from './file/sqlite.ts';
import {
  loadOrganisation,
  type Organisation,
  releaseOrganisation,
} from './publishing/organisation.ts';
import { prepare } from './publishing/publish.ts';
import { type Finished, finish, hold } from './publishing/release.ts';
import { Valve } from './publishing/valve.ts';
import { SqliteFrontier } from './recording/frontier.ts';
import { applyRespelling } from './recording/respelling.ts';
import { WorkCounter } from './recording/work-counter.ts';
import { forgetWork } from './retire.ts';
import { numbersOf, type RunNumbers } from './run-numbers.ts';
import { Chainless } from './settling/chainless.ts';
import { Doubts } from './settling/doubts.ts';
import { Strayed } from './settling/strayed.ts';
import { Twins } from './settling/twins.ts';
import { UnreachedPeople } from './settling/unreached.ts';
import { Unseen } from './settling/unseen.ts';
import { Verdicts } from './settling/verdicts.ts';
import { belongTo, sourceOf } from './source.ts';
import { failedBranches, interruptRun, startRun } from './starting.ts';

/** A branch that could not be read, and whose it is. */
export interface FailedBranch extends BranchFailure {
  readonly employeeId: string;
}

interface Active {
  readonly numbers: RunNumbers;
  /** The key of a manager value. */
  readonly keyOf: (value: string) => string;
  readonly frontier: SqliteFrontier;
  readonly doubts: Doubts;
  readonly strayed: Strayed;
  readonly twins: Twins;
  readonly unreached: UnreachedPeople;
  readonly unseen: Unseen;
  readonly chainless: Chainless;
  readonly valve: Valve;
}

const NEVER = new AbortController().signal;
const NOBODY: ReadonlySet<number> = new Set();

/** Runs in a SQLite database, behind the lock that lets one crawler in. */
export class SqliteRunStore implements RunStore, Disposable {
  readonly #database: Sqlite;
  readonly #lock: CrawlerLock;
  #active: Active | undefined;
  #onlyFailed = false;
  /** As `chainless` found it complete, until somebody is recorded again. */
  #organisation: Organisation | undefined;

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
    return this.#translating(() => sourceOf(this.#database));
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
      belongTo(this.#database, options.source);
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

  async chainless(max: number, signal: AbortSignal): Promise<readonly KnownPerson[]> {
    return this.#telling(async () => {
      const verdicts = await this.#verdicts(signal);
      this.#organisation = undefined;
      const organisation = await this.#load(verdicts, NOBODY, signal);
      const next = this.#running.chainless.next(organisation, max);
      if (next.length === 0) this.#organisation = organisation;
      else releaseOrganisation(organisation);
      return next;
    });
  }

  async settleChainless(person: KnownPerson, found: Employee | null): Promise<void> {
    this.#translating(() => this.#running.chainless.settle(person, found));
  }

  async failChainless(person: KnownPerson, failure: BranchFailure): Promise<void> {
    this.#translating(() => this.#running.chainless.fail(person, failure));
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
    frontier.index();
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
    const { numbers, frontier, chainless, valve, keyOf } = this.#running;
    frontier.index();
    const verdicts = await this.#verdicts(signal);
    let organisation = this.#organisation ?? (await this.#load(verdicts, NOBODY, signal));
    this.#organisation = undefined;
    if (frontier.failed > 0 && chainless.revert(organisation)) {
      releaseOrganisation(organisation);
      organisation = await this.#load(verdicts, NOBODY, signal);
    }
    const dropped = verdicts.dropped(organisation, chainless);
    if (dropped.size > 0) {
      releaseOrganisation(organisation);
      organisation = await this.#load(verdicts, dropped, signal);
    }
    const failedBranches = frontier.failed;
    const detached = verdicts.detached(dropped, chainless);
    const totals = await prepare(
      this.#database,
      numbers,
      { organisation, detached, keyOf },
      signal,
    );
    const status = failedBranches > 0 ? 'partial' : 'published';
    const heldWhy = valve.heldWhy(totals);
    const finished = { ...totals, failedBranches };
    await this.#conclude(finished, status, heldWhy);
    return { ...finished, status: heldWhy === null ? status : 'held', heldWhy };
  }

  async #conclude(
    finished: Finished,
    status: 'published' | 'partial',
    heldWhy: HeldWhy | null,
  ): Promise<void> {
    const { numbers } = this.#running;
    if (heldWhy === null) {
      finish(this.#database, numbers, finished, status);
      await applyRespelling(this.#database, numbers.run, NEVER);
      await forgetWork(this.#database, numbers.run, NEVER);
    } else {
      hold(this.#database, numbers, finished, heldWhy);
      await forgetWork(this.#database, numbers.run, NEVER, '_respelt');
    }
  }

  async #verdicts(signal: AbortSignal): Promise<Verdicts> {
    const { frontier, unseen } = this.#running;
    const missing = await unseen.refresh(signal);
    return new Verdicts(missing, { failed: frontier.failed > 0, gaveUp: unseen.gaveUp });
  }

  /** Everyone as they would be published now, but for `without`. */
  async #load({ keeps }: Verdicts, without: ReadonlySet<number>, signal: AbortSignal) {
    const { numbers, doubts, frontier } = this.#running;
    await doubts.apply(keeps, signal);
    frontier.versionsAdded();
    return loadOrganisation(this.#database, numbers, { keeps, without }, signal);
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

  #activate(run: number, options: RunOptions): void {
    const { question } = options;
    const numbers = numbersOf(this.#database, run);
    const keyOf = linkKeyOf(question.managerValue);
    const frontier = new SqliteFrontier(this.#database, numbers, keyOf, question);
    const valve = new Valve(this.#database, numbers, options);
    const unseen = new Unseen(this.#database, numbers, {
      ...{ keyOf, frontier },
      heldByOne: valve.scopeChanged,
    });
    this.#active = {
      ...{ numbers, keyOf, frontier, valve, unseen },
      doubts: new Doubts(this.#database, numbers, keyOf),
      strayed: new Strayed(this.#database, numbers),
      twins: new Twins(this.#database, numbers, keyOf),
      unreached: new UnreachedPeople(this.#database, numbers, question.managerValue),
      chainless: new Chainless(this.#database, numbers, {
        ...{ keyOf, frontier },
        follow: (employee, person) => unseen.follow(employee, person),
      }),
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
