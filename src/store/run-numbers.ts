import type { Sqlite } from './file/sqlite.ts';

/** A run as the tables know it: what is published beside it decides which versions it may build on. */
export interface RunNumbers {
  readonly run: number;
  readonly published: number;
  /** The last published run that read everything: the published one, unless that only retried what had failed. */
  readonly whole: number;
  /** Whether this run takes over what the published one has read, and reads only what failed in it. */
  readonly inherits: boolean;
}

/** The condition that a row holds at the published run, so that readers see it. */
export const HOLDS = 'from_run <= @published AND (to_run IS NULL OR to_run > @published)';

/** Where the numbers stand for `run`. */
export function numbersOf(database: Sqlite, run: number): RunNumbers {
  const row = database
    .prepare(
      `SELECT p.run AS published, p.whole, r.inherits IS NOT NULL AS inherits
       FROM _published AS p, _run AS r WHERE r.id = ?`,
    )
    .get(run) as { published: number; whole: number; inherits: number };
  return { run, ...row, inherits: row.inherits === 1 };
}
