import type { Statement } from 'better-sqlite3';
import type { Employee } from '../domain/employee.ts';
import type { Recorded } from './people.ts';
import type { RunNumbers } from './run-numbers.ts';
import type { Sqlite } from './sqlite.ts';

/** Notes what a run finds wrong in the directory's own data. Call within the transaction that records the person. */
export class Findings {
  readonly #numbers: RunNumbers;
  readonly #note: Statement<unknown[]>;
  readonly #forgetInherited: Statement<unknown[]>;

  constructor(database: Sqlite, numbers: RunNumbers) {
    this.#numbers = numbers;
    this.#note = database.prepare(
      `INSERT INTO _finding (run, kind, pid, vid, detail) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET vid = excluded.vid`,
    );
    this.#forgetInherited = database.prepare(
      `DELETE FROM _finding WHERE run = @run AND pid = @pid
       AND EXISTS (SELECT 1 FROM _frontier WHERE run = @run AND pid = @pid AND seen = 0)`,
    );
  }

  /** Before the person counts as seen by this run: what was taken over about one who is read again may be mended. */
  add({ capped }: Pick<Employee, 'capped'>, { pid, vid }: Recorded): void {
    const { run, inherits } = this.#numbers;
    if (inherits) this.#forgetInherited.run({ run, pid });
    for (const detail of capped) this.#note.run(run, 'value_capped', pid, vid, detail);
  }
}
