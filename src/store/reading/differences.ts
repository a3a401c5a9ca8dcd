import type { Statement } from 'better-sqlite3';
import { CHANGE_KINDS, type ChangeKind } from '../../domain/changes.ts';
import { PROFILE_COLUMNS } from '../../domain/employee.ts';
import { INTEGER, type Sqlite } from '../file/sqlite.ts';
import { CONTENT } from '../recording/version-row.ts';
import { holdsAt, type Person } from './person.ts';
import { streamed } from './streamed.ts';

/** What the directory says of a person, by the columns of the views. */
export const TOLD = ['id', 'dn', ...PROFILE_COLUMNS, 'active', 'attributes'] as const;
export type Told = Pick<Person, (typeof TOLD)[number]>;
export type ManagerName = Pick<Person, 'id' | 'name' | 'username'>;

/** A person at one of two states. Of whoever changed, managers are not asked for: they take most of the time. */
export interface Side {
  readonly told: Told;
  /** The primary manager; null: a root, or under none. */
  readonly manager: ManagerName | null;
  /** All managers who are there, in the order of their ids. */
  readonly managers: readonly ManagerName[];
}

/** One way in which one person differs between two states. Null: not there. */
export interface Difference {
  readonly kind: ChangeKind;
  readonly before: Side | null;
  readonly after: Side | null;
}

export type ChangeCounts = Readonly<Record<ChangeKind, number>>;

/** Managers as a set: one who is named twice is one, and who is named first does not matter. */
const managersOf = (vid: string) =>
  `(SELECT group_concat(manager) FROM (SELECT DISTINCT manager FROM _line WHERE vid = ${vid} AND manager IS NOT NULL ORDER BY 1))`;

const content = (version: string) =>
  `(${['id', ...CONTENT].map((column) => `${version}.${column}`).join(', ')})`;

/**
 * Whoever differs between two states, in the order of the kinds. Between them people come, go and change more than once: whom
 * any run in between has touched is compared as they were and as they are. CROSS JOIN keeps
 * SQLite to the order (sqlite.org/optoverview.html): with the statistics of a short history, it would go through all of it.
 */
const differences = (from: number, to: number) => `
  WITH pair AS MATERIALIZED (
    SELECT c.pid, was.vid AS before, now.vid AS after, now.first_run
    FROM (
      SELECT DISTINCT c.pid FROM _run AS r CROSS JOIN _change AS c ON c.run = r.id
      WHERE r.id > ${from} AND r.id <= ${to}
    ) AS c
    LEFT JOIN _place AS was ON was.pid = c.pid AND ${holdsAt(from, 'was')}
    LEFT JOIN _place AS now ON now.pid = c.pid AND ${holdsAt(to, 'now')}
  ), difference AS (
    SELECT pid, before, after, iif(first_run <= ${from}, 'returned', 'joined') AS kind
    FROM pair WHERE before IS NULL AND after IS NOT NULL
    UNION ALL
    SELECT pid, before, after, (
      SELECT c.kind FROM _change AS c WHERE c.pid = pair.pid AND c.run > ${from} AND c.run <= ${to}
        AND c.kind IN ('left', 'detached') ORDER BY c.run DESC LIMIT 1
    ) AS kind FROM pair WHERE before IS NOT NULL AND after IS NULL
    UNION ALL
    SELECT pid, before, after, 'moved' AS kind FROM pair
    WHERE before <> after AND ${managersOf('before')} IS NOT ${managersOf('after')}
    UNION ALL
    SELECT pair.pid, before, after, 'changed' AS kind FROM pair
    CROSS JOIN _version AS b ON b.vid = pair.before CROSS JOIN _version AS a ON a.vid = pair.after
    WHERE before <> after AND ${content('b')} IS NOT ${content('a')}
  )`;

const ORDER = CHANGE_KINDS.map((kind, i) => `WHEN '${kind}' THEN ${i}`).join(' ');

interface Row {
  readonly kind: ChangeKind;
  readonly pid: number;
  readonly before: number | null;
  readonly after: number | null;
}

/** How many people differ, by kind: somebody may have moved and changed. */
export function differenceCounts(database: Sqlite, from: number, to: number): ChangeCounts {
  const rows = database
    .prepare<unknown[], { kind: ChangeKind; people: number }>(
      `${differences(from, to)} SELECT kind, count(*) AS people FROM difference GROUP BY kind`,
    )
    .all();
  const counts = new Map(rows.map(({ kind, people }) => [kind, people]));
  const all = CHANGE_KINDS.map((kind) => [kind, counts.get(kind) ?? 0]);
  return Object.fromEntries(all) as ChangeCounts;
}

/** The run that was published before that one, where its state is kept. */
export function publishedBefore(database: Sqlite, run: number): number | undefined {
  return database
    .prepare<unknown[], number>(
      `SELECT r.id FROM _run AS r JOIN _published AS p ON r.id >= p.oldest
       WHERE r.id < ? AND r.published_at IS NOT NULL ORDER BY r.id DESC LIMIT 1`,
    )
    .pluck()
    .get(run);
}

/** The differences between two states, kind by kind, then by name: only that many are held at once as are asked for. */
export function* differencesOf(database: Sqlite, from: number, to: number): Generator<Difference> {
  const select = database.prepare<unknown[], Row>(
    `${differences(from, to)}
     SELECT d.kind, d.pid, d.before, d.after FROM difference AS d
     CROSS JOIN _version AS v ON v.vid = coalesce(d.after, d.before)
     ORDER BY CASE d.kind ${ORDER} END, v.name, v.id`,
  );
  const [was, is] = [new Sides(database, from), new Sides(database, to)];
  for (const { kind, pid, before, after } of streamed(database, select.iterate())) {
    yield { kind, before: was.of(kind, pid, before), after: is.of(kind, pid, after) };
  }
}

/** People as one state tells of them. */
class Sides {
  readonly #told: Statement<unknown[], Told>;
  readonly #manager: Statement<unknown[], ManagerName>;
  readonly #managers: Statement<unknown[], ManagerName>;

  constructor(database: Sqlite, run: number) {
    const manager = `JOIN _place AS mp ON mp.pid = x.manager AND ${holdsAt(run, 'mp')}
      JOIN _version AS m ON m.vid = mp.vid`;
    this.#told = database.prepare(`SELECT ${TOLD.join(', ')} FROM _version WHERE vid = ${INTEGER}`);
    this.#manager = database.prepare(
      `SELECT m.id, m.name, m.username FROM _place AS x ${manager} WHERE x.pid = ${INTEGER} AND ${holdsAt(run, 'x')}`,
    );
    this.#managers = database.prepare(
      `SELECT DISTINCT m.id, m.name, m.username FROM _line AS x ${manager} WHERE x.vid = ${INTEGER} ORDER BY m.id`,
    );
  }

  of(kind: ChangeKind, pid: number, vid: number | null): Side | null {
    const told = vid === null ? undefined : this.#told.get(vid);
    if (told === undefined) return null;
    if (kind === 'changed') return { told, manager: null, managers: [] };
    return { told, manager: this.#manager.get(pid) ?? null, managers: this.#managers.all(vid) };
  }
}
