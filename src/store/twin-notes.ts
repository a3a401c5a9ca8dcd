import type { Statement } from 'better-sqlite3';
import type { Sqlite } from './sqlite.ts';

/** Notes who was seen with one id at several DNs. Call within the transaction that records them. */
export class TwinNotes {
  readonly #run: number;
  readonly #add: Statement<unknown[]>;

  constructor(database: Sqlite, run: number) {
    this.#run = run;
    this.#add = database.prepare('INSERT OR IGNORE INTO _twin (run, id, pid) VALUES (?, ?, ?)');
  }

  add(id: string, people: readonly number[]): void {
    for (const pid of people) this.#add.run(this.#run, id, pid);
  }
}
