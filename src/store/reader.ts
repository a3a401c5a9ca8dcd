import type { Statement } from 'better-sqlite3';
import type { KnownSource } from '../domain/ports.ts';
import { closeReading } from './file/beside.ts';
import { openForReading, translating } from './file/database.ts';
import { refuseOlder } from './file/migrate.ts';
import { INTEGER, type Sqlite } from './file/sqlite.ts';
import { type Person, selectPerson } from './reading/person.ts';
import { searchPeople } from './reading/search.ts';
import { distinctNames, refusing, rowsOf } from './reading/statement.ts';
import { publishedState, type State, stateAsOf } from './reading/states.ts';
import { peopleKnownAs } from './reading/who.ts';
import { sourceOf } from './source.ts';

export type { Person } from './reading/person.ts';
export { MOST_FOUND } from './reading/search.ts';
export type { State } from './reading/states.ts';
export { MOST_MATCHES } from './reading/who.ts';

export interface Run {
  readonly id: number;
  readonly status: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly published_at: string | null;
  readonly employees: number;
  readonly searches: number;
  readonly pages: number;
  readonly entries: number;
  readonly retries: number;
  readonly failed_branches: number;
  readonly joined: number;
  readonly left: number;
  readonly detached: number;
  readonly returned: number;
  readonly moved: number;
  readonly changed: number;
}

export interface Failure {
  readonly employee_id: string;
  readonly reason: string;
  readonly result_code: number | null;
  readonly attempts: number;
  readonly last_error: string;
}

/** Progress of the unfinished run, from the tables: another process may be writing them. */
export interface Unfinished {
  readonly run: Run;
  readonly employees: number;
  readonly waiting: number;
}

export type Row = Readonly<Record<string, unknown>>;

/** The read side: questions to one state, through a handle that cannot write. */
export class Reader implements Disposable {
  /** What all questions about people are answered from, also while a crawl publishes; null: nothing is published yet. */
  readonly state: State | null;
  readonly #database: Sqlite;
  readonly #selectPerson: string;
  readonly #person: Statement<unknown[], Person>;
  readonly #reports: Statement<unknown[], Person>;

  /**
   * @param asOf the number of a run, a date or a time (UTC); left out: the published state
   *
   * Throws a `DatabaseError` where there is no such database, a `UsageError` where there is no such state.
   */
  constructor(path: string, asOf?: string) {
    this.#database = openForReading(path);
    try {
      this.state = this.#translating(() => this.#pin(asOf));
      this.#selectPerson = selectPerson(this.#database, this.#run);
      this.#person = this.#database.prepare(`${this.#selectPerson} WHERE p.pid = ${INTEGER}`);
      this.#reports = this.#database.prepare(
        `${this.#selectPerson} WHERE p.manager = ${INTEGER} ORDER BY p.total_reports DESC, v.name, v.id`,
      );
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** Whether there is nobody to ask about: nothing was published yet. */
  get isEmpty(): boolean {
    return this.state === null;
  }

  #pin(asOf: string | undefined): State | null {
    refuseOlder(this.#database, this.#database.name);
    return asOf === undefined ? publishedState(this.#database) : stateAsOf(this.#database, asOf);
  }

  /** 0 where nothing is published: nothing holds then. */
  get #run(): number {
    return this.state?.run ?? 0;
  }

  /** Another state of the same database, to compare with. Throws a `UsageError` where there is none. */
  stateAsOf(asOf: string): State {
    return this.#translating(() => stateAsOf(this.#database, asOf));
  }

  /** A question that is put in SQL elsewhere, about what holds at `run` ({@link holdsAt}). */
  answer<T>(ask: (database: Sqlite, run: number) => T): T {
    return this.#translating(() => ask(this.#database, this.#run));
  }

  person(pid: number): Person | undefined {
    return this.#translating(() => this.#person.get(pid));
  }

  /** The one source of everything in the database; null before the first run. */
  source(): KnownSource | null {
    return this.answer(sourceOf);
  }

  /** Direct reports by primary lines, the largest organisations first. */
  reports(pid: number): readonly Person[] {
    return this.#translating(() => this.#reports.all(pid));
  }

  /** People at depth 0: they have no manager, which an index tells. */
  roots(): readonly Person[] {
    const roots = `${this.#selectPerson} WHERE p.manager IS NULL AND p.depth = 0 ORDER BY p.total_reports DESC, v.name, v.id`;
    return this.#all<Person>(roots);
  }

  /** Everyone whom `who` may mean (an id, DN, user name, mail address, employee number or name), at most 20. */
  find(who: string): readonly Person[] {
    return this.answer((database, run) => peopleKnownAs(database, run, who));
  }

  /** Full text: every word, or how it begins; the likeliest first, at most 200. */
  search(text: string): readonly Person[] {
    return this.answer((database, run) => searchPeople(database, run, text));
  }

  runs(): readonly Run[] {
    return this.#all<Run>('SELECT * FROM runs ORDER BY id DESC');
  }

  lastRun(): Run | undefined {
    return this.#all<Run>('SELECT * FROM runs ORDER BY id DESC LIMIT 1')[0];
  }

  failures(run: number): readonly Failure[] {
    const sql = 'SELECT * FROM failures WHERE run_id = ? ORDER BY employee_id';
    return this.#all<Failure>(sql, run);
  }

  progress(run: Run): Unfinished {
    const employees = this.#number('SELECT count(*) FROM _frontier WHERE run = ?', run.id);
    const waiting = this.#number(
      'SELECT count(*) FROM _frontier WHERE run = ? AND state = 0',
      run.id,
    );
    return { run, employees, waiting };
  }

  /**
   * One statement that returns rows. Columns of the same name are numbered: `n`, `n_2`.
   * Throws a `UsageError` for anything else, and a `DatabaseError` where the file cannot be read.
   */
  query(sql: string): { readonly columns: readonly string[]; readonly rows: Iterable<Row> } {
    return refusing(this.#database.name, () => {
      const statement = this.#database.prepare<unknown[], unknown[]>(sql);
      // Some pragmas write although they return rows, and the read-only handle lets them.
      if (!statement.readonly) throw new TypeError('it could write');
      if (!statement.reader) throw new TypeError('it returns no rows');
      const columns = distinctNames(statement.columns().map(({ name }) => name));
      return { columns, rows: rowsOf(this.#database.name, columns, statement.raw().iterate()) };
    });
  }

  [Symbol.dispose](): void {
    closeReading(this.#database);
  }

  #number(sql: string, ...values: readonly unknown[]): number {
    const [value] = this.#all<object>(sql, ...values).flatMap(Object.values);
    return Number(value ?? 0);
  }

  #all<Row>(sql: string, ...values: readonly unknown[]): readonly Row[] {
    return this.#translating(() => this.#database.prepare<unknown[], Row>(sql).all(...values));
  }

  #translating<T>(use: () => T): T {
    return translating(this.#database.name, use);
  }
}
