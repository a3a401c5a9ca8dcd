import type { Statement } from 'better-sqlite3';
import type { Sqlite } from '../file/sqlite.ts';
import { Staged } from '../recording/staged.ts';
import type { RunNumbers } from '../run-numbers.ts';

/** A manager value of a person, and who stands behind it; null: nobody that we keep. */
export interface Settled {
  readonly pid: number;
  readonly key: string;
  readonly manager: number | null;
}

/** Puts a manager into a line: in place where the version is this run's own, else in a new version of this run. */
export class LineReviser {
  readonly #keyOf: (value: string) => string;
  readonly #staged: Staged;
  readonly #lines: Statement<unknown[], { n: number; manager: number | null; value: string }>;
  readonly #setManager: Statement<unknown[]>;

  constructor(database: Sqlite, numbers: RunNumbers, keyOf: (value: string) => string) {
    this.#keyOf = keyOf;
    this.#staged = new Staged(database, numbers);
    this.#lines = database.prepare('SELECT n, manager, value FROM _line WHERE vid = ?');
    this.#setManager = database.prepare('UPDATE _line SET manager = ? WHERE vid = ? AND n = ?');
  }

  line({ pid, key, manager }: Settled): void {
    const version = this.#staged.version(pid);
    if (version === undefined) return;
    for (const line of this.#lines.all(version.vid)) {
      if (line.manager === manager || this.#keyOf(line.value) !== key) continue;
      this.#setManager.run(manager, this.#staged.own(pid), line.n);
    }
  }
}
