import { statSync } from 'node:fs';
import type { HeldWhy } from '../../domain/ports.ts';
import { walOf } from '../file/beside.ts';
import type { Sqlite } from '../file/sqlite.ts';
import type { Run } from '../reader.ts';

/** A run with what the view `runs` does not tell. */
export interface KeptRun extends Run {
  /** Why it is held; null: it is not, or was released. */
  readonly held: HeldWhy | null;
  /** 1: a dry run. */
  readonly dry: number;
  /** 1: what it would publish is prepared, and can be looked at and released. */
  readonly releasable: number;
}

/** All runs, the newest first. */
export function allRuns(database: Sqlite): readonly KeptRun[] {
  return database
    .prepare<unknown[], KeptRun>(
      `SELECT r.*, k.held, k.dry, k.status = 'held' AND p.preparing = k.id AS releasable
       FROM runs AS r JOIN _run AS k ON k.id = r.id JOIN _published AS p ORDER BY r.id DESC`,
    )
    .all();
}

/** What is not in the file yet, and what has been there and was copied into it already. */
export function walBytes(path: string): number {
  return statSync(walOf(path), { throwIfNoEntry: false })?.size ?? 0;
}
