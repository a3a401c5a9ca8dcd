import type { Statement } from 'better-sqlite3';
import type { Employee } from '../domain/employee.ts';
import type { Recorded } from './people.ts';
import type { Sqlite } from './sqlite.ts';

/** Notes what a run finds wrong in the directory's own data. Call within the transaction that records the person. */
export class Findings {
  readonly #run: number;
  readonly #note: Statement<unknown[]>;

  constructor(database: Sqlite, run: number) {
    this.#run = run;
    this.#note = database.prepare(
      `INSERT INTO _finding (run, kind, pid, vid, detail) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET vid = excluded.vid`,
    );
  }

  add({ capped }: Pick<Employee, 'capped'>, { pid, vid }: Recorded): void {
    for (const detail of capped) this.#note.run(this.#run, 'value_capped', pid, vid, detail);
  }
}
