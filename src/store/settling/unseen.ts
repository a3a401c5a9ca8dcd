import type { Statement } from 'better-sqlite3';
import type { Employee } from '../../domain/employee.ts';
import type { BranchFailure, KnownPerson, UnknownManager } from '../../domain/ports.ts';
import { INTEGER, type Sqlite, TEXT } from '../file/sqlite.ts';
import { valuesOf } from '../recording/failing.ts';
import type { SqliteFrontier } from '../recording/frontier.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { Leads } from './leads.ts';
import { Links, type Person } from './links.ts';
import { MISSING, type Missing, MissingPeople } from './missing.ts';

export interface UnseenOptions {
  readonly keyOf: (value: string) => string;
  readonly frontier: SqliteFrontier;
  /** Nobody else needs to be asked for once one has left: the run will be held. */
  readonly heldByOne: boolean;
}

/** Failures of no branch: but for those of manager values that nobody could tell. */
const FORGET_UNTOLD = `
  DELETE FROM _failure WHERE run = @run
    AND pid NOT IN (SELECT pid FROM _frontier WHERE run = @run AND state IN (2, 3))
    AND pid NOT IN (
      SELECT d.pid FROM _doubt AS d JOIN _answer AS a ON a.run = d.run AND a.key = d.key
      WHERE d.run = @run AND a.kind = 'unreadable'
    )`;

/**
 * Nobody leaves by silence: the server is asked for everyone whom the published state has and this run has not seen, from
 * the top, since whoever is found brings those below along. Whoever is gone, and a manager value that names nobody, is so for the
 * run; the other answers hold for this session: a run that is continued later asks anew.
 */
export class Unseen {
  readonly #database: Sqlite;
  readonly #numbers: RunNumbers;
  readonly #options: UnseenOptions;
  /** Undefined until it is needed, when those waiting have been read: its index would slow them down. */
  #links: Links | undefined;
  readonly #leads: Leads;
  readonly #person: Statement<unknown[], KnownPerson>;
  readonly #inRun: Statement<unknown[]>;
  readonly #fail: Statement<unknown[]>;
  readonly #mend: Statement<unknown[]>;
  readonly #noteGone: Statement<unknown[]>;
  readonly #noteDeadEnd: Statement<unknown[]>;
  /** Those of whom nothing could be told. */
  readonly #unknown = new Set<number>();
  #missing: MissingPeople | undefined;
  /** What the frontier counted when the list was made. */
  #madeAt = '';

  constructor(database: Sqlite, numbers: RunNumbers, options: UnseenOptions) {
    const { run, published } = numbers;
    this.#database = database;
    this.#numbers = numbers;
    this.#options = options;
    const last = `FROM _place WHERE pid = ${INTEGER} AND from_run <= ${published} ORDER BY from_run DESC LIMIT 1`;
    this.#person = database.prepare(
      `SELECT pid AS person, id, dn FROM _version WHERE vid = (SELECT vid ${last})`,
    );
    this.#inRun = database.prepare(
      `SELECT 1 FROM _version AS v CROSS JOIN _frontier AS f ON f.run = ${run} AND f.pid = v.pid
       WHERE v.id = ${TEXT} LIMIT 1`,
    );
    this.#fail = database.prepare(
      `INSERT OR REPLACE INTO _failure (run, pid, vid, reason, result_code, attempts, last_error)
       SELECT ${run}, pid, vid, ?, ?, ?, ? ${last}`,
    );
    this.#noteGone = database.prepare('INSERT OR IGNORE INTO _gone (run, pid) VALUES (?, ?)');
    this.#noteDeadEnd = database.prepare(
      'INSERT OR IGNORE INTO _dead_end (run, key) VALUES (?, ?)',
    );
    const deadEnd = database.prepare('SELECT 1 FROM _dead_end WHERE run = ? AND key = ?');
    this.#leads = new Leads((key) => deadEnd.get(run, key) !== undefined);
    this.#mend = database.prepare('DELETE FROM _failure WHERE run = ? AND pid = ?');
    // Whoever could not be told in an earlier session is asked for again.
    database.prepare(FORGET_UNTOLD).run({ run });
    options.frontier.recountFailed();
  }

  /** See the port `RunStore`. */
  async next(max: number, signal: AbortSignal): Promise<readonly KnownPerson[]> {
    const { frontier } = this.#options;
    if (frontier.waitingNow > 0 || this.#numbers.published === 0) return [];
    const missing = await this.refresh(signal);
    if (this.gaveUp) return [];
    return missing.next(max).flatMap((pid) => this.#person.get(pid) ?? []);
  }

  /** Whether not everyone was asked for. */
  get gaveUp(): boolean {
    return this.#options.heldByOne && (this.#missing?.dropped ?? 0) > 0;
  }

  /** As things stand now. */
  async refresh(signal: AbortSignal): Promise<MissingPeople> {
    const { employees, failed } = this.#options.frontier;
    const now = `${employees} ${failed}`;
    if (this.#missing === undefined || this.#madeAt !== now) {
      this.#missing = await MissingPeople.load(
        this.#database,
        this.#numbers,
        this.#missing,
        signal,
      );
      this.#madeAt = now;
      this.#forgetFound(this.#missing);
    }
    return this.#missing;
  }

  /** Those of whom nothing could be told, and who have been seen since. */
  #forgetFound(missing: MissingPeople): void {
    for (const person of this.#unknown) {
      if (missing.of(person) !== undefined) continue;
      this.#mend.run(this.#numbers.run, person);
      this.#unknown.delete(person);
    }
    this.#options.frontier.recountFailed();
  }

  settle({ person }: KnownPerson, found: Employee | null): void {
    if (found === null) this.#bury(person);
    else if (this.#isLinked(found)) this.#takeIn(person, found);
    else this.#leave(person, found);
  }

  fail({ person }: KnownPerson, failure: BranchFailure): void {
    this.#giveUp([person], failure);
  }

  /** See the port `RunStore`. */
  leads(max: number): readonly UnknownManager[] {
    return this.gaveUp || this.#options.frontier.waitingNow > 0 ? [] : this.#leads.next(max);
  }

  /** Somebody in the run has no chain: a manager of theirs may have come since the branch above was read. */
  follow(found: Employee, person: number): void {
    for (const manager of managersOf(found)) {
      if (this.#named(manager.key).length === 0) this.#leads.follow(manager, person);
    }
  }

  settleLead({ key }: UnknownManager, found: Employee | null): void {
    if (found === null) {
      this.#noteDeadEnd.run(this.#numbers.run, key);
      return;
    }
    if (this.#isInRun(found) || this.#isLinked(found)) {
      this.#options.frontier.relocate(found);
      for (const person of this.#leads.reached(key)) this.#set(person, MISSING.open);
    } else {
      for (const manager of managersOf(found)) this.#leads.followFrom(key, manager);
    }
  }

  failLead({ key }: UnknownManager, failure: BranchFailure): void {
    const waiting = Map.groupBy(this.#leads.lost(key), (person) => {
      return this.#missing?.of(person) === undefined ? 'seen' : 'missing';
    });
    this.#giveUp(waiting.get('missing') ?? [], failure);
    for (const person of waiting.get('seen') ?? []) {
      this.#options.frontier.failUntaken(person, failure);
    }
  }

  #bury(person: number): void {
    this.#noteGone.run(this.#numbers.run, person);
    this.#set(person, MISSING.gone);
  }

  #takeIn(person: number, found: Employee): void {
    this.#options.frontier.relocate(found);
    this.#set(person, MISSING.found);
  }

  #leave(person: number, found: Employee): void {
    this.#set(person, MISSING.unlinked);
    for (const manager of managersOf(found)) this.#leads.follow(manager, person);
  }

  #set(person: number, answer: Missing): void {
    this.#missing?.set(person, answer);
  }

  #giveUp(people: readonly number[], failure: BranchFailure): void {
    for (const person of people) {
      this.#fail.run(...valuesOf(failure), person);
      this.#set(person, MISSING.unknown);
      this.#unknown.add(person);
    }
    this.#options.frontier.recountFailed();
  }

  #isInRun({ id }: Employee): boolean {
    return this.#inRun.get(id) !== undefined;
  }

  #isLinked(employee: Employee): boolean {
    return managersOf(employee).some(({ key }) => {
      return this.#leads.reaches(key) || this.#named(key).length > 0;
    });
  }

  #named(key: string): readonly Person[] {
    this.#links ??= new Links(this.#database, this.#numbers, this.#options.keyOf);
    return this.#links.named(key);
  }
}

/** Whoever is their own manager has none by that. */
function managersOf({ managers, linkKey }: Employee): readonly UnknownManager[] {
  return managers.filter(({ key }) => key !== linkKey);
}
