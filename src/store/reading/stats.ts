import type { Sqlite } from '../file/sqlite.ts';
import { holdsAt, type Person } from './person.ts';

/** How many people stand at one depth (null: under no root) with as many direct reports, active or not. */
export interface PlaceCount {
  readonly depth: number | null;
  readonly direct_reports: number;
  readonly active: number;
  readonly people: number;
}

/** What statistics tell of a manager. */
export type Manager = Pick<
  Person,
  | 'id'
  | 'name'
  | 'username'
  | 'title'
  | 'department'
  | 'active'
  | 'depth'
  | 'direct_reports'
  | 'total_reports'
>;

/** Everyone who holds a place at the run, counted in one pass: a few hundred rows, however many people. */
export function placeCounts(database: Sqlite, run: number): readonly PlaceCount[] {
  return database
    .prepare<unknown[], PlaceCount>(
      `SELECT p.depth, p.direct_reports, v.active, count(*) AS people
       FROM _place AS p JOIN _version AS v ON v.vid = p.vid WHERE ${holdsAt(run, 'p')}
       GROUP BY p.depth, p.direct_reports, v.active`,
    )
    .all();
}

/** Whom a list of managers names, and who goes first; ties go by name and id, the same in every database. */
const LISTS = {
  largest: ['p.depth > 0', 'p.total_reports DESC'],
  oneReport: ['p.direct_reports = 1', 'p.depth IS NULL, p.depth'],
  widest: ['p.direct_reports > 0', 'p.direct_reports DESC'],
} as const;

export type ManagerList = keyof typeof LISTS;

/**
 * The first `most` managers of a list: `largest`, the largest organisations below the roots; `oneReport`, with one direct
 * report, the highest first; `widest`, with the most direct reports.
 */
export function managersOf(
  database: Sqlite,
  run: number,
  list: ManagerList,
  most: number,
): readonly Manager[] {
  const [condition, order] = LISTS[list];
  return database
    .prepare<unknown[], Manager>(
      `SELECT v.id, v.name, v.username, v.title, v.department, v.active, p.depth, p.direct_reports, p.total_reports
       FROM _place AS p JOIN _version AS v ON v.vid = p.vid
       WHERE ${holdsAt(run, 'p')} AND p.direct_reports > 0 AND ${condition}
       ORDER BY ${order}, v.name, v.id LIMIT ?`,
    )
    .all(most);
}
