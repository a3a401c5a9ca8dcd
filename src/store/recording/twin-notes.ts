import type { Statement } from 'better-sqlite3';
import type { Sqlite } from '../file/sqlite.ts';

/** Notes who was seen with one id at several DNs. Call within the transaction that records them. */
export class TwinNotes {
  readonly #run: number;
  readonly #add: Statement<unknown[]>;
  readonly #askAgain: Statement<unknown[]>;

  constructor(database: Sqlite, run: number) {
    this.#run = run;
    this.#add = database.prepare('INSERT OR IGNORE INTO _twin (run, id, pid) VALUES (?, ?, ?)');
    this.#askAgain = database.prepare('UPDATE _twin SET answer = NULL WHERE run = ? AND id = ?');
  }

  add(id: string, people: readonly number[]): void {
    let added = 0;
    for (const pid of people) added += this.#add.run(this.#run, id, pid).changes;
    // What was true of the others when they were asked about may be over.
    if (added > 0) this.#askAgain.run(this.#run, id);
  }
}
