import type { Statement, Transaction } from 'better-sqlite3';
import type { BranchFailure } from '../../domain/ports.ts';
import type { Sqlite } from '../file/sqlite.ts';

const FAILED = 2;

/** Branches of a run that could not be read, and why. */
export class Failing {
  readonly #run: number;
  readonly #one: Transaction<(person: number, failure: BranchFailure) => void>;
  readonly #reports: Statement<unknown[]>;
  readonly #count: Statement<unknown[], number>;
  readonly #forget: Statement<unknown[]>;

  constructor(database: Sqlite, run: number) {
    this.#run = run;
    const record = database.prepare(
      `INSERT OR REPLACE INTO _failure (run, pid, vid, reason, result_code, attempts, last_error)
       SELECT run, pid, vid, ?, ?, ?, ? FROM _frontier WHERE run = ? AND pid = ?`,
    );
    const mark = database.prepare(
      `UPDATE _frontier SET state = ${FAILED} WHERE run = ? AND pid = ?`,
    );
    this.#one = database.transaction((person: number, failure: BranchFailure) => {
      record.run(...valuesOf(failure), run, person);
      mark.run(run, person);
    });
    this.#reports = database.prepare(
      `INSERT INTO _failure (run, pid, vid, reason, result_code, attempts, last_error)
       SELECT f.run, f.pid, f.vid, ?, ?, ?, ? FROM _doubt AS d JOIN _frontier AS f ON f.run = d.run AND f.pid = d.pid
       WHERE d.run = ? AND d.key = ? ON CONFLICT DO NOTHING`,
    );
    this.#count = database
      .prepare<unknown[], number>('SELECT count(*) FROM _failure WHERE run = ?')
      .pluck();
    this.#forget = database.prepare('DELETE FROM _failure WHERE run = ? AND pid = ?');
  }

  /** One branch may fail for two reasons: it counts once. */
  get count(): number {
    return this.#count.get(this.#run) ?? 0;
  }

  branch(person: number, failure: BranchFailure): void {
    this.#one.immediate(person, failure);
  }

  /** The branches of those who have a manager value with this key. */
  reports(key: string, failure: BranchFailure): void {
    this.#reports.run(...valuesOf(failure), this.#run, key);
  }

  /** The branch is to be tried again. Call within a transaction. */
  forget(person: number): void {
    this.#forget.run(this.#run, person);
  }
}

export function valuesOf({ reason, resultCode, attempts, message }: BranchFailure) {
  return [reason, resultCode, attempts, message] as const;
}
