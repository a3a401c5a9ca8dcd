import type { Statement } from 'better-sqlite3';
import { dnKey } from '../domain/dn.ts';
import type { KnownSource } from '../domain/ports.ts';
import { closeReading } from './beside.ts';
import { openForReading, translating } from './database.ts';
import { linkHash } from './link-hash.ts';
import type { Sqlite } from './sqlite.ts';
import { distinctNames, refusing, rowsOf } from './statement.ts';

/** A person in the published state, as the reading commands show them. */
export interface Person {
  readonly pid: number;
  readonly id: string;
  readonly dn: string;
  readonly username: string | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly title: string | null;
  readonly department: string | null;
  readonly active: number;
  readonly manager: number | null;
  readonly depth: number | null;
  readonly direct_reports: number;
  readonly total_reports: number;
}

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

const PERSON = `
  SELECT p.pid, v.id, v.dn, v.username, v.name, v.email, v.title, v.department, v.active, p.manager, p.depth,
    p.direct_reports, p.total_reports
  FROM _published AS now
  JOIN _place AS p ON p.from_run <= now.run AND (p.to_run IS NULL OR p.to_run > now.run)
  JOIN _version AS v ON v.vid = p.vid`;

/** Exact matches first; a part of a name counts only where nothing else does. */
const WHO_CONDITIONS = [
  'v.username = @who COLLATE NOCASE OR v.email = @who COLLATE NOCASE OR v.employee_number = @who',
  'v.dn = @who COLLATE NOCASE',
  'v.name = @who COLLATE NOCASE',
  "v.name LIKE @like ESCAPE '\\'",
] as const;

/** More matches than this are not told one by one. */
export const MOST_MATCHES = 20;

/** The read side: questions to the published state, through a handle that cannot write. */
export class Reader implements Disposable {
  readonly #database: Sqlite;
  readonly #person: Statement<unknown[], Person>;
  readonly #reports: Statement<unknown[], Person>;

  /** Rejects with a `DatabaseError` where there is no such database. */
  constructor(path: string) {
    this.#database = openForReading(path);
    this.#person = this.#database.prepare(`${PERSON} WHERE p.pid = ?`);
    this.#reports = this.#database.prepare(
      `${PERSON} WHERE p.manager = ? ORDER BY p.total_reports DESC, v.name, v.id`,
    );
  }

  /** Whether anything was published yet. */
  get isEmpty(): boolean {
    return this.#number('SELECT run FROM _published') === 0;
  }

  person(pid: number): Person | undefined {
    return this.#translating(() => this.#person.get(pid));
  }

  /** The one source of everything in the database; null before the first run. */
  source(): KnownSource | null {
    const [row] = this.#all<KnownSource>('SELECT key, id_attribute AS idAttribute FROM _source');
    return row ?? null;
  }

  /** Direct reports by primary lines, the largest organisations first. */
  reports(pid: number): readonly Person[] {
    return this.#translating(() => this.#reports.all(pid));
  }

  /** People at depth 0. */
  roots(): readonly Person[] {
    const roots = `${PERSON} WHERE p.depth = 0 ORDER BY p.total_reports DESC, v.name, v.id`;
    return this.#all<Person>(roots);
  }

  /** Everyone whom `who` may mean (an id, DN, user name, mail address, employee number or name), at most 20. */
  find(who: string): readonly Person[] {
    const byId = this.#where('v.id = @who', { who });
    if (byId.length > 0) return byId;
    const byDn = this.#findByDn(who);
    if (byDn.length > 0) return byDn;
    const like = `%${who.replace(/[\\%_]/g, '\\$&')}%`;
    for (const condition of WHO_CONDITIONS) {
      const found = this.#where(condition, condition.includes('@like') ? { like } : { who });
      if (found.length > 0) return found;
    }
    return [];
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

  #findByDn(who: string): readonly Person[] {
    const key = dnKey(who);
    const candidates = this.#where('v.link_hash = @hash', { hash: linkHash(key) });
    return candidates.filter(({ dn }) => dnKey(dn) === key);
  }

  #where(condition: string, values: Record<string, unknown>): readonly Person[] {
    const sql = `${PERSON} WHERE (${condition}) ORDER BY v.name, v.id LIMIT ${MOST_MATCHES}`;
    return this.#all<Person>(sql, values);
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
