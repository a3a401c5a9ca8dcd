import type { KnownPerson } from '../../domain/ports.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { HOLDS, type RunNumbers } from '../run-numbers.ts';

/** Branches that were taken over from another run, perhaps days ago, and are still to be read. */
const TAKEN_OVER = `
  SELECT f.pid AS person, v.id, v.dn FROM _frontier AS f JOIN _version AS v ON v.vid = f.vid
  WHERE f.run = @run AND f.state = 0 AND f.seen = 0`;

/**
 * Managers who had reports at the published state and have none in this run, although their branch was read, or of whose
 * reports one was not seen: renamed between two searches, a manager keeps those who came before.
 */
const SILENT = `
  SELECT f.pid AS person, v.id, v.dn FROM _frontier AS f JOIN _version AS v ON v.vid = f.vid
  WHERE f.run = @run AND f.state = 1 AND f.seen = 1 AND (f.pid IN (
    SELECT manager FROM _place WHERE ${HOLDS} AND manager IS NOT NULL
    AND pid NOT IN (SELECT pid FROM _frontier WHERE run = @run)
  ) OR f.pid IN (
    SELECT pid FROM _place WHERE ${HOLDS} AND direct_reports > 0
  ) AND f.pid NOT IN (
    SELECT l.manager FROM _frontier AS e NOT INDEXED CROSS JOIN _line AS l ON l.vid = e.vid
    WHERE e.run = @run AND l.manager IS NOT NULL AND l.manager <> e.pid
  ))`;

/** Managers whose DN may name nobody any more: each is looked for once in a session. */
export class Strayed {
  readonly #database: Sqlite;
  readonly #numbers: RunNumbers;
  readonly #looked = new Set<number>();

  constructor(database: Sqlite, numbers: RunNumbers) {
    this.#database = database;
    this.#numbers = numbers;
  }

  /**
   * @param read whether no branch waits any more
   * @param lost others who are not where they were seen
   */
  list(read: boolean, lost: readonly KnownPerson[]): readonly KnownPerson[] {
    const { run, published, inherits } = this.#numbers;
    const strayed = [
      ...lost,
      ...(inherits ? this.#select(TAKEN_OVER, { run }) : []),
      ...(read && published > 0 ? this.#select(SILENT, { run, published }) : []),
    ].filter(({ person }) => !this.#looked.has(person));
    for (const { person } of strayed) this.#looked.add(person);
    return strayed;
  }

  #select(sql: string, values: Readonly<Record<string, number>>): readonly KnownPerson[] {
    return this.#database.prepare<unknown[], KnownPerson>(sql).all(values);
  }
}
