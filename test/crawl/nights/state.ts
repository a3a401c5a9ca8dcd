// What readers see of a database, as the nights judge it.
import Database from 'better-sqlite3';

export interface Person {
  readonly id: string;
  readonly dn: string;
  readonly title: string | null;
  readonly manager_id: string | null;
  readonly depth: number | null;
  readonly first_seen_at: string;
  readonly confirmed_at: string;
}

export const KINDS = ['joined', 'left', 'detached', 'returned', 'moved', 'changed'] as const;
export type Kind = (typeof KINDS)[number];

/** Of each id, what the run says became of it. */
export type Changes = Readonly<Record<Kind, ReadonlySet<string>>>;

export interface Run extends Readonly<Record<Kind, number>> {
  readonly id: number;
  readonly status: string;
  readonly started_at: string;
  readonly employees: number;
}

/** The published state. */
export interface State {
  readonly run: Run | undefined;
  readonly people: ReadonlyMap<string, Person>;
  /** Managers of each, self included. */
  readonly managers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Who is listed as detached. */
  readonly detached: ReadonlySet<string>;
  readonly changes: Changes;
  /** Whose branches could not be read. */
  readonly failed: ReadonlySet<string>;
  /** Everything, as text: equal where readers see no difference. */
  readonly text: string;
  /** The same without what differs between a database of many nights and one of a single night. */
  readonly timeless: string;
}

const PUBLISHED =
  "SELECT * FROM runs WHERE status IN ('published', 'partial') ORDER BY id DESC LIMIT 1";

const SEEN = [
  'SELECT * FROM employees ORDER BY id',
  'SELECT * FROM reporting_lines ORDER BY employee_id, manager_dn',
  'SELECT * FROM findings ORDER BY kind, employee_id, detail',
  'SELECT * FROM changes ORDER BY run_id, employee_id, kind',
  'SELECT * FROM employee_history ORDER BY id, valid_from, dn',
];

/** Of nobody, before the first run. */
export const NOTHING: State = {
  run: undefined,
  people: new Map(),
  managers: new Map(),
  detached: new Set(),
  changes: {
    joined: new Set(),
    left: new Set(),
    detached: new Set(),
    returned: new Set(),
    moved: new Set(),
    changed: new Set(),
  },
  failed: new Set(),
  text: '',
  timeless: '',
};

const TIMELESS = [
  `SELECT id, dn, title, name, manager_id, manager_dn, depth, direct_reports, total_reports FROM employees ORDER BY id`,
  'SELECT * FROM reporting_lines ORDER BY employee_id, manager_dn',
  "SELECT kind, employee_id, detail FROM findings WHERE kind <> 'detached' ORDER BY kind, employee_id, detail",
  `SELECT f.employee_id FROM failures AS f WHERE f.run_id = (
     SELECT max(id) FROM runs WHERE status IN ('published', 'partial'))`,
];

export function readState(path: string): State {
  const database = new Database(path, { readonly: true });
  try {
    return stateOf(database);
  } finally {
    database.close();
  }
}

/** What became of a run, and why it was held, if it was. */
export function readOutcome(path: string, id: number) {
  const database = new Database(path, { readonly: true });
  try {
    const outcome = database.prepare('SELECT status, held FROM _run WHERE id = ?').get(id);
    return (outcome ?? { status: 'killed before it began', held: null }) as {
      readonly status: string;
      readonly held: string | null;
    };
  } finally {
    database.close();
  }
}

function stateOf(database: Database.Database): State {
  const run = database.prepare<unknown[], Run>(PUBLISHED).get();
  const id = run?.id ?? 0;
  const ids = (sql: string, ...values: readonly unknown[]) =>
    new Set(
      database
        .prepare<unknown[], string>(sql)
        .pluck()
        .all(...values),
    );
  const text = (queries: readonly string[]) =>
    JSON.stringify(queries.map((sql) => database.prepare(sql).all()));
  const kinds = KINDS.map((kind) => {
    return [kind, ids('SELECT employee_id FROM changes WHERE run_id = ? AND kind = ?', id, kind)];
  });
  return {
    run,
    people: new Map(
      database
        .prepare<unknown[], Person>('SELECT * FROM employees')
        .all()
        .map((each) => [each.id, each]),
    ),
    managers: managersOf(database),
    detached: ids("SELECT employee_id FROM findings WHERE kind = 'detached'"),
    changes: Object.fromEntries(kinds) as Changes,
    failed: ids('SELECT employee_id FROM failures WHERE run_id = ?', id),
    text: text(SEEN),
    timeless: text(TIMELESS),
  };
}

function managersOf(database: Database.Database): ReadonlyMap<string, ReadonlySet<string>> {
  const managers = new Map<string, Set<string>>();
  const lines = database
    .prepare<unknown[], { employee_id: string; manager_id: string }>(
      'SELECT employee_id, manager_id FROM reporting_lines WHERE manager_id IS NOT NULL',
    )
    .all();
  for (const { employee_id, manager_id } of lines) {
    const known = managers.get(employee_id) ?? new Set();
    managers.set(employee_id, known.add(manager_id));
  }
  return managers;
}
