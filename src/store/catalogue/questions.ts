export interface SavedQuestion {
  readonly title: string;
  /** What comes back, and what the parameters are. */
  readonly means: string;
  /** Reads the public views only, and nothing that SQLite 3.40 does not know. `:name` is a parameter, which is always text. */
  readonly sql: string;
}

const WHO = ':who is an id, a user name or a mail address';
// Looks at everyone, since only ids are indexed; what follows from it is found by index.
const THE_ONE = `SELECT id FROM employees WHERE :who IN (id, username, email)`;
const A_MONTH_AGO = `coalesce(nullif(:day, ''), date('now', '-1 month'))`;

const PEOPLE = {
  everyone_below: {
    title: 'Everyone below someone',
    means: `By primary lines, nearest first. ${WHO}`,
    sql: `WITH RECURSIVE below (id, steps) AS (
  SELECT e.id, 1 FROM employees AS e WHERE e.manager_id IN (${THE_ONE})
  UNION
  SELECT e.id, below.steps + 1 FROM below JOIN employees AS e ON e.manager_id = below.id
)
SELECT below.steps, e.id, e.name, e.title, e.department, e.active, e.direct_reports, e.total_reports
FROM below JOIN employees AS e ON e.id = below.id
ORDER BY below.steps, e.name`,
  },
  chain_of_command: {
    title: 'Chain of command',
    means: `From the root down to someone. ${WHO}`,
    sql: `WITH RECURSIVE chain (id, manager_id) AS (
  SELECT id, manager_id FROM employees WHERE :who IN (id, username, email)
  UNION
  SELECT m.id, m.manager_id FROM chain JOIN employees AS m ON m.id = chain.manager_id
)
SELECT e.depth, e.id, e.name, e.title, e.department, e.active, e.total_reports
FROM chain JOIN employees AS e ON e.id = chain.id
ORDER BY e.depth`,
  },
  direct_reports: {
    title: 'Direct reports',
    means: `With any line to someone; is_primary is 0 where another manager comes first. ${WHO}`,
    sql: `SELECT e.id, e.name, e.title, e.department, e.active, l.is_primary, e.direct_reports, e.total_reports
FROM reporting_lines AS l JOIN employees AS e ON e.id = l.employee_id
WHERE l.manager_id IN (${THE_ONE}) AND l.employee_id <> l.manager_id
ORDER BY e.name`,
  },
  history_of_a_person: {
    title: 'History of a person',
    means: `What the directory has said of someone, oldest first, also of whoever has left. ${WHO}, of now or then`,
    sql: `SELECT valid_from, valid_to, name, title, department, location, email, active, manager_id, manager_dn, dn
FROM employee_history
WHERE id IN (SELECT id FROM employee_history WHERE :who IN (id, username, email))
ORDER BY valid_from`,
  },
  reports_now_and_then: {
    title: 'Who reports to whom, now and a month ago',
    means: `People whose primary manager someone is or was. ${WHO}; :day is a date such as 2026-10-23, left empty a month ago`,
    sql: `WITH who AS (${THE_ONE}),
  was AS (
    SELECT h.id, h.name FROM employee_history AS h
    WHERE h.manager_id IN (SELECT id FROM who) AND h.valid_from <= ${A_MONTH_AGO}
      AND (h.valid_to IS NULL OR h.valid_to > ${A_MONTH_AGO})
  ),
  is_now AS (SELECT e.id, e.name FROM employees AS e WHERE e.manager_id IN (SELECT id FROM who))
SELECT id, name, 'now and then' AS reports FROM is_now WHERE id IN (SELECT id FROM was)
UNION ALL SELECT id, name, 'now' FROM is_now WHERE id NOT IN (SELECT id FROM was)
UNION ALL SELECT id, name, 'then' FROM was WHERE id NOT IN (SELECT id FROM is_now)
ORDER BY reports, name`,
  },
} as const satisfies Readonly<Record<string, SavedQuestion>>;

const LAST_RUN = `(SELECT max(id) FROM runs WHERE published_at IS NOT NULL)`;

const CHANGES = {
  joined_last_night: {
    title: 'Joiners of the last published run',
    means: 'Whoever is new or has returned',
    sql: `SELECT c.kind, e.id, e.name, e.title, e.department, m.name AS manager, c.at
FROM changes AS c JOIN employees AS e ON e.id = c.employee_id LEFT JOIN employees AS m ON m.id = e.manager_id
WHERE c.run_id = ${LAST_RUN} AND c.kind IN ('joined', 'returned')
ORDER BY c.kind, e.name`,
  },
  left_last_night: {
    title: 'Leavers of the last published run',
    means: 'Whoever has left, or has no manager in the crawl any more (detached)',
    sql: `SELECT c.kind, c.employee_id AS id, json_extract(c.before, '$.name') AS name,
  json_extract(c.before, '$.title') AS title, json_extract(c.before, '$.department') AS department,
  m.name AS manager, c.at
FROM changes AS c LEFT JOIN employees AS m ON m.id = json_extract(c.before, '$.manager_id')
WHERE c.run_id = ${LAST_RUN} AND c.kind IN ('left', 'detached')
ORDER BY c.kind, name`,
  },
  moved_last_night: {
    title: 'Movers of the last published run',
    means: 'Whose managers differ, with the primary manager before and after',
    sql: `SELECT e.id, e.name, e.title, e.department, was.name AS manager_before, m.name AS manager_after, c.at
FROM changes AS c JOIN employees AS e ON e.id = c.employee_id
LEFT JOIN employees AS was ON was.id = json_extract(c.before, '$.manager_id')
LEFT JOIN employees AS m ON m.id = e.manager_id
WHERE c.run_id = ${LAST_RUN} AND c.kind = 'moved'
ORDER BY e.name`,
  },
  changes_by_run: {
    title: 'Changes by run',
    means: 'How many joined, left, moved …, newest first',
    sql: `SELECT id, started_at, status, employees, joined, returned, "left", detached, moved, changed, failed_branches
FROM runs WHERE published_at IS NOT NULL
ORDER BY id DESC`,
  },
} as const satisfies Readonly<Record<string, SavedQuestion>>;

const ORGANISATION = {
  people_by_department: {
    title: 'People by department',
    means: 'Active people and managers among them; null: the directory tells no department',
    sql: `SELECT department, count(*) AS people, sum(direct_reports > 0) AS managers
FROM employees WHERE active
GROUP BY department ORDER BY people DESC`,
  },
  layers: {
    title: 'Layers',
    means: 'People and managers by steps to the root; null: no line leads to a root',
    sql: `SELECT depth, count(*) AS people, sum(direct_reports > 0) AS managers
FROM employees GROUP BY depth ORDER BY depth`,
  },
  managers_with_one_report: {
    title: 'Managers with one report',
    means: 'Largest organisation first',
    sql: `SELECT id, name, title, department, active, total_reports
FROM employees WHERE direct_reports = 1
ORDER BY total_reports DESC, name`,
  },
  wide_spans: {
    title: 'Over-wide spans',
    means: 'Managers with more direct reports than :more_than (20 where it is left empty)',
    sql: `SELECT id, name, title, department, active, direct_reports, total_reports
FROM employees WHERE direct_reports > CAST(coalesce(nullif(:more_than, ''), '20') AS INTEGER)
ORDER BY direct_reports DESC, name`,
  },
  disabled_managers: {
    title: 'Disabled managers',
    means: 'Somebody reports to an account that is disabled',
    sql: `SELECT id, name, title, department, direct_reports, total_reports
FROM employees WHERE NOT active AND direct_reports > 0
ORDER BY total_reports DESC, name`,
  },
  several_managers: {
    title: 'People with several managers',
    means: 'With the names of all of them, the primary one first',
    sql: `SELECT e.id, e.name, e.title, (
  SELECT group_concat(name, '; ') FROM (
    SELECT m.name FROM reporting_lines AS l JOIN employees AS m ON m.id = l.manager_id
    WHERE l.employee_id = e.id AND m.id <> e.id
    GROUP BY m.id ORDER BY max(l.is_primary) DESC, m.name
  )
) AS managers
FROM employees AS e
WHERE e.id IN (
  SELECT employee_id FROM reporting_lines WHERE manager_id <> employee_id
  GROUP BY employee_id HAVING min(manager_id) <> max(manager_id)
)
ORDER BY e.name`,
  },
} as const satisfies Readonly<Record<string, SavedQuestion>>;

const DIRECTORY = {
  findings_by_kind: {
    title: 'Findings by kind',
    means: "What is wrong in the directory's own data, and since when",
    sql: `SELECT kind, count(*) AS findings, min(first_seen_at) AS oldest, max(first_seen_at) AS newest
FROM findings GROUP BY kind ORDER BY findings DESC`,
  },
  findings_of_a_kind: {
    title: 'Findings of one kind',
    means: 'With the person concerned. :kind is one of those in the view findings, such as cycle',
    sql: `SELECT f.employee_id, e.name, e.title, f.detail, f.first_seen_at
FROM findings AS f LEFT JOIN employees AS e ON e.id = f.employee_id
WHERE f.kind = :kind
ORDER BY f.first_seen_at DESC, e.name`,
  },
  branches_not_read: {
    title: 'Branches that could not be read',
    means: 'In the last published run: whoever is below stays as they were',
    sql: `SELECT f.employee_id AS id, e.name, f.dn, f.reason, f.result_code, f.attempts, f.last_error, e.total_reports
FROM failures AS f LEFT JOIN employees AS e ON e.id = f.employee_id
WHERE f.run_id = ${LAST_RUN}
ORDER BY e.total_reports DESC`,
  },
} as const satisfies Readonly<Record<string, SavedQuestion>>;

/** Questions that people ask, by a name that is good in a URL. */
export const QUESTIONS: Readonly<Record<string, SavedQuestion>> = {
  ...PEOPLE,
  ...CHANGES,
  ...ORGANISATION,
  ...DIRECTORY,
};
