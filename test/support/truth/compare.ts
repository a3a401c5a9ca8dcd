// A crawled database beside the truth: nobody missing, nobody extra, nothing wrong.
import Database from 'better-sqlite3';
import { linkKey, type TrueEmployee, type Truth } from './derive.ts';
import { dnKey } from './dn-key.ts';

export type Comparison = {
  /** Employees and reporting lines of the truth that the database lacks. */
  readonly missing: number;
  /** Employees and reporting lines of the database that the truth lacks. */
  readonly extra: number;
  /** Values that differ. */
  readonly wrong: number;
  /** The first of each kind, for the reader of a failed test. */
  readonly examples: readonly string[];
};

export const SAME: Comparison = { missing: 0, extra: 0, wrong: 0, examples: [] };

const EXAMPLES_OF_A_KIND = 5;

type Row = Readonly<Record<string, unknown>>;
type Kind = 'missing' | 'extra' | 'wrong';

/** Reads the public views `employees` and `reporting_lines` of the database at `path`. */
export function compareWithTruth(path: string, truth: Truth): Comparison {
  const database = new Database(path, { readonly: true });
  try {
    const tally = new Tally();
    compareEmployees(rows(database, 'SELECT * FROM employees'), truth, tally);
    compareLines(rows(database, 'SELECT * FROM reporting_lines'), truth, tally);
    return tally.result();
  } finally {
    database.close();
  }
}

class Tally {
  readonly #counts: Record<Kind, number> = { missing: 0, extra: 0, wrong: 0 };
  readonly #examples: string[] = [];

  add(kind: Kind, example: string): void {
    this.#counts[kind] += 1;
    if (this.#counts[kind] <= EXAMPLES_OF_A_KIND) this.#examples.push(`${kind}: ${example}`);
  }

  result(): Comparison {
    return { ...this.#counts, examples: this.#examples };
  }
}

function rows(database: Database.Database, sql: string): Iterable<Row> {
  return database.prepare<[], Row>(sql).iterate();
}

function compareEmployees(found: Iterable<Row>, truth: Truth, tally: Tally): void {
  const unseen = new Set(truth.employees.keys());
  for (const row of found) {
    const id = String(row['id']);
    const employee = truth.employees.get(id);
    if (employee === undefined || !unseen.delete(id)) tally.add('extra', `${id} ${row['dn']}`);
    else compareEmployee(row, employee, tally);
  }
  for (const id of unseen) tally.add('missing', `${id} ${truth.employees.get(id)?.dn}`);
}

function compareEmployee(row: Row, employee: TrueEmployee, tally: Tally): void {
  const expected: Row = {
    manager_id: employee.managerId,
    depth: employee.depth,
    direct_reports: employee.directReports,
    total_reports: employee.totalReports,
    ...profileOf(employee),
  };
  for (const [column, value] of Object.entries(expected)) {
    if (row[column] === value) continue;
    tally.add('wrong', `${column} of ${employee.dn} is ${row[column]}, not ${value}`);
  }
  if (dnKey(String(row['dn'])) !== dnKey(employee.dn)) {
    tally.add('wrong', `dn of ${employee.dn} is ${row['dn']}`);
  }
}

/** Columns whose attribute is beyond doubt where it has one value (RFC 2798). */
const PROFILE: Readonly<Record<string, string>> = {
  username: 'uid',
  given_name: 'givenname',
  surname: 'sn',
  email: 'mail',
  title: 'title',
  employee_number: 'employeenumber',
  phone: 'telephonenumber',
  location: 'l',
};

function profileOf(employee: TrueEmployee): Row {
  const expected: Record<string, string | null> = {};
  for (const [column, attribute] of Object.entries(PROFILE)) {
    const values = employee.attributes.get(attribute) ?? [];
    if (values.length < 2) expected[column] = values[0] ?? null;
  }
  return expected;
}

function compareLines(found: Iterable<Row>, truth: Truth, tally: Tally): void {
  const unseen = linesOf(truth);
  for (const row of found) {
    const line = lineKey(row['employee_id'], row['manager_id'], () =>
      linkKey(truth.managerValue, String(row['manager_dn'])),
    );
    const isPrimary = unseen.get(line);
    if (isPrimary === undefined || !unseen.delete(line)) tally.add('extra', `line ${line}`);
    else if ((row['is_primary'] === 1) !== isPrimary) {
      tally.add('wrong', `is_primary of line ${line} is ${row['is_primary']}`);
    } else compareManagerDn(row, truth, tally);
  }
  for (const line of unseen.keys()) tally.add('missing', `line ${line}`);
}

/** Whether each line is primary, by employee and manager, or by the value where that names nobody. */
function linesOf(truth: Truth): Map<string, boolean> {
  const lines = new Map<string, boolean>();
  for (const employee of truth.employees.values()) {
    for (const line of employee.lines) {
      lines.set(
        lineKey(employee.id, line.managerId, () => line.key),
        line.isPrimary,
      );
    }
  }
  return lines;
}

function lineKey(employeeId: unknown, managerId: unknown, value: () => string): string {
  return `${employeeId} -> ${managerId ?? `nobody: ${value()}`}`;
}

/** The value itself or the manager's DN, in whatever spelling. A link that is no DN is not compared. */
function compareManagerDn(row: Row, truth: Truth, tally: Tally): void {
  const manager = truth.employees.get(String(row['manager_id']));
  if (truth.managerValue !== 'dn' || manager === undefined) return;
  if (dnKey(String(row['manager_dn'])) === dnKey(manager.dn)) return;
  tally.add('wrong', `manager_dn ${row['manager_dn']} is not ${manager.dn}`);
}
