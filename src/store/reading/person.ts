import type { Sqlite } from '../file/sqlite.ts';

/** A person in one state, with what the view `employees` tells. */
export interface Person {
  readonly pid: number;
  readonly id: string;
  readonly dn: string;
  readonly username: string | null;
  readonly name: string | null;
  readonly given_name: string | null;
  readonly surname: string | null;
  readonly email: string | null;
  readonly title: string | null;
  readonly department: string | null;
  readonly employee_number: string | null;
  readonly phone: string | null;
  readonly location: string | null;
  /** 0: the account is disabled. */
  readonly active: number;
  /** The primary manager's pid; null at a root. */
  readonly manager: number | null;
  readonly manager_id: string | null;
  readonly manager_dn: string | null;
  readonly manager_name: string | null;
  /** Null where no line leads to a root. */
  readonly depth: number | null;
  readonly direct_reports: number;
  readonly total_reports: number;
  readonly first_seen_at: string;
  readonly changed_at: string;
  readonly confirmed_at: string;
  /** JSON */
  readonly attributes: string;
}

/** The condition that a place holds at a run. Runs are named by number, not by a parameter: one reader asks about one state. */
export function holdsAt(run: number, place: string): string {
  return `${place}.from_run <= ${run} AND (${place}.to_run IS NULL OR ${place}.to_run > ${run})`;
}

const COLUMNS = `p.pid, v.id, v.dn, v.username, v.name, v.given_name, v.surname, v.email, v.title, v.department,
  v.employee_number, v.phone, v.location, v.active, p.manager, m.id AS manager_id, m.dn AS manager_dn, m.name AS manager_name,
  p.depth, p.direct_reports, p.total_reports, first.started_at AS first_seen_at, since.started_at AS changed_at,
  seen.started_at AS confirmed_at, v.attributes`;

/** @param source what goes before the joins: it must bring `_place AS p` and `_version AS v` */
export function selectPerson(database: Sqlite, run: number, source = placesAt(run)): string {
  return `SELECT ${COLUMNS} FROM ${source}
  LEFT JOIN _place AS mp ON mp.pid = p.manager AND ${holdsAt(run, 'mp')}
  LEFT JOIN _version AS m ON m.vid = mp.vid
  LEFT JOIN _run AS first ON first.id = p.first_run
  LEFT JOIN _run AS since ON since.id = v.from_run
  LEFT JOIN _run AS seen ON seen.id = coalesce(p.seen_run, ${wholeAt(database, run)})`;
}

function placesAt(run: number): string {
  return `_place AS p JOIN _version AS v ON v.vid = p.vid AND ${holdsAt(run, 'p')}`;
}

/** The last run, as of this one, that read everything: it saw whoever has no seen_run of their own. */
function wholeAt(database: Sqlite, run: number): number {
  const whole = database
    .prepare(
      'SELECT max(id) FROM _run WHERE id <= @run AND inherits IS NULL AND (published_at IS NOT NULL OR id = @run)',
    )
    .pluck()
    .get({ run });
  return Number(whole ?? 0);
}
