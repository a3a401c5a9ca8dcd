import type { Statement } from 'better-sqlite3';
import type { Sqlite } from '../file/sqlite.ts';
import { HOLDS, type RunNumbers } from '../run-numbers.ts';

/** Who had reports at the published state: whatever the server tells of them now, their reports are asked for. */
export class ManagersBefore {
  readonly #published: number;
  readonly #find: Statement<unknown[]>;

  constructor(database: Sqlite, { published }: RunNumbers) {
    this.#published = published;
    this.#find = database.prepare(
      `SELECT 1 FROM _place WHERE pid = CAST(@pid AS INTEGER) AND ${HOLDS} AND direct_reports > 0`,
    );
  }

  has(pid: number): boolean {
    const published = this.#published;
    return published > 0 && this.#find.get({ pid, published }) !== undefined;
  }
}
