import type { FindingKind } from '../../domain/findings.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { holdsAt } from './person.ts';
import { streamed } from './streamed.ts';

/** Something that is wrong in the directory's data at one state. A type alias, so that it is a row as well. */
export type Finding = {
  readonly kind: FindingKind;
  /** Null where it concerns nobody in particular. */
  readonly employee_id: string | null;
  readonly name: string | null;
  readonly detail: string;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
};

export interface FindingCount {
  readonly kind: FindingKind;
  readonly findings: number;
}

/** How many findings there are of each kind that there is. */
export function findingCounts(database: Sqlite, run: number): readonly FindingCount[] {
  return database
    .prepare<unknown[], FindingCount>(
      `SELECT f.kind, count(*) AS findings FROM _problem AS f WHERE ${holdsAt(run, 'f')} GROUP BY f.kind`,
    )
    .all();
}

/** Findings of that kind, or of all; kind by kind. */
export function findingsOf(
  database: Sqlite,
  run: number,
  kind: FindingKind | undefined,
): Iterable<Finding> {
  const select = database.prepare<unknown[], Finding>(
    // Whoever is not there any more is known by their last place.
    `SELECT f.kind, coalesce(v.id, f.id) AS employee_id, v.name, f.detail,
       first.started_at AS first_seen_at, last.started_at AS last_seen_at
     FROM _problem AS f
     LEFT JOIN _place AS p ON p.pid = f.pid AND p.from_run = (
       SELECT max(o.from_run) FROM _place AS o WHERE o.pid = f.pid AND o.from_run <= @run
     )
     LEFT JOIN _version AS v ON v.vid = p.vid
     JOIN _run AS first ON first.id = f.from_run
     JOIN _run AS last ON last.id = @run
     WHERE ${holdsAt(run, 'f')} AND (@kind IS NULL OR f.kind = @kind)
     ORDER BY f.kind, v.name, employee_id, f.detail`,
  );
  return streamed(database, select.iterate({ run, kind: kind ?? null }));
}
