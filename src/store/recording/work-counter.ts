import type { Statement } from 'better-sqlite3';
import type { Work } from '../../domain/employee.ts';
import type { Sqlite } from '../file/sqlite.ts';

/** Adds to the counts of a run, and notes when it last got on: that decides whether it may be continued. */
export class WorkCounter {
  readonly #run: number;
  readonly #add: Statement<unknown[]>;

  constructor(database: Sqlite, run: number) {
    this.#run = run;
    this.#add = database.prepare(
      `UPDATE _run SET committed_at = @now, searches = searches + @searches, pages = pages + @pages,
       entries = entries + @entries, reconnects = reconnects + @reconnects WHERE id = @run`,
    );
  }

  add(work: Work): void {
    this.#add.run({ ...work, now: new Date().toISOString(), run: this.#run });
  }
}
