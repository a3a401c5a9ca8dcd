import type { Statement } from 'better-sqlite3';
import { type Employee, type ManagerValue, PROFILE_COLUMNS } from '../domain/employee.ts';
import { linkHash } from './link-hash.ts';
import type { RunNumbers } from './run-numbers.ts';
import { INTEGER, type Sqlite, TEXT } from './sqlite.ts';

export interface Recorded {
  readonly pid: number;
  readonly vid: number;
}

/** Finds the person whom a manager value names among those in progress; undefined: not known yet. */
export type KnownManagers = (key: string) => number | undefined;

/** In this order in every statement, and in every row read back. */
export const CONTENT = ['dn', 'link', ...PROFILE_COLUMNS, 'active', 'attributes'] as const;

type Value = string | number | null;
type VersionRow = readonly [vid: number, pid: number, from: number, to: number | null, ...Value[]];
/** Where the content starts in a version row. */
const CONTENT_AT = 4;
const NOBODY: readonly LineRow[] = [];
/** Stored as link where nothing can name the person; null would mean the DN. */
const NO_LINK = '';

interface LineRow {
  readonly n: number;
  readonly manager: number | null;
  readonly value: string;
}

/** Records what the directory says about people: a new version only where it says something new. Call within a transaction. */
export class People {
  readonly #numbers: RunNumbers;
  readonly #keyOf: (value: string) => string;
  readonly #find: Statement<unknown[], VersionRow>;
  readonly #insert: Statement<unknown[]>;
  readonly #replace: Statement<unknown[]>;
  readonly #lines: Statement<unknown[], LineRow>;
  readonly #insertLine: Statement<unknown[]>;
  readonly #deleteLines: Statement<unknown[]>;
  readonly #setValue: Statement<unknown[]>;
  readonly #doubt: Statement<unknown[]>;
  #nextVid: number;

  constructor(database: Sqlite, numbers: RunNumbers, keyOf: (value: string) => string) {
    this.#numbers = numbers;
    this.#keyOf = keyOf;
    this.#find = findVersion(database, numbers);
    this.#insert = database.prepare(
      `INSERT INTO _version (vid, pid, from_run, id, link_hash, ${CONTENT.join(', ')})
       VALUES (?, ?, ?, ?, ?, ${CONTENT.map(() => '?').join(', ')})`,
    );
    this.#replace = database.prepare(
      `UPDATE _version SET link_hash = ?, ${CONTENT.map((c) => `${c} = ?`).join(', ')} WHERE vid = ?`,
    );
    this.#lines = database.prepare(
      `SELECT n, manager, value FROM _line WHERE vid = ${INTEGER} ORDER BY n`,
    );
    this.#insertLine = database.prepare(
      'INSERT INTO _line (vid, n, manager, value) VALUES (?, ?, ?, ?)',
    );
    this.#setValue = database.prepare('UPDATE _line SET value = ? WHERE vid = ? AND n = ?');
    this.#deleteLines = database.prepare('DELETE FROM _line WHERE vid = ?');
    this.#doubt = database.prepare(
      'INSERT OR IGNORE INTO _doubt (run, key, pid, value) VALUES (?, ?, ?, ?)',
    );
    this.#nextVid = nextVid(database);
  }

  record(employee: Employee, known: KnownManagers): Recorded {
    const row = this.#find.get(employee.id);
    if (row === undefined) return this.#add(employee, undefined, known, NOBODY);
    const [vid, pid, from] = row;
    if (this.#holds(row) && sameContent(row, employee)) {
      if (this.#sameLines(vid, pid, employee, known)) return { pid, vid };
    }
    const former = this.#holds(row) ? this.#lines.all(vid) : NOBODY;
    if (from !== this.#numbers.run) return this.#add(employee, pid, known, former);
    this.#replace.run(hashOf(employee), ...contentOf(employee), vid);
    this.#deleteLines.run(vid);
    this.#addLines(vid, pid, employee, known, former);
    return { pid, vid };
  }

  /** Whether the version still holds: one that was closed belongs to someone who had left. */
  #holds(row: VersionRow): boolean {
    const to = row[3];
    return to === null || to > this.#numbers.published;
  }

  #add(
    employee: Employee,
    person: number | undefined,
    known: KnownManagers,
    former: readonly LineRow[],
  ): Recorded {
    const vid = this.#nextVid++;
    const pid = person ?? vid;
    const { run } = this.#numbers;
    this.#insert.run(vid, pid, run, employee.id, hashOf(employee), ...contentOf(employee));
    this.#addLines(vid, pid, employee, known, former);
    return { pid, vid };
  }

  /** @param former lines: where nobody can be asked who stands behind a value, it is still who it was */
  #addLines(
    vid: number,
    pid: number,
    employee: Employee,
    known: KnownManagers,
    former: readonly LineRow[],
  ): void {
    const managers = inOrder(employee.managers);
    for (let n = 0; n < managers.length; n += 1) {
      const line = managers[n] as ManagerValue;
      const manager = this.#managerOf(line, pid, employee, known) ?? this.#formerly(line, former);
      this.#insertLine.run(vid, n, manager ?? null, line.value);
    }
  }

  #formerly(line: ManagerValue, former: readonly LineRow[]): number | null | undefined {
    const same = former.find(({ value }) => this.#namesSame(value, line));
    return same?.manager;
  }

  #namesSame(value: string, line: ManagerValue): boolean {
    return value === line.value || this.#keyOf(value) === line.key;
  }

  /** The spelling of a manager value is nothing new; another manager behind it is. */
  #sameLines(vid: number, pid: number, employee: Employee, known: KnownManagers): boolean {
    const rows = this.#lines.all(vid);
    if (rows.length !== employee.managers.length) return false;
    const managers = inOrder(employee.managers);
    const same = rows.every((row, n) => {
      const line = managers[n] as ManagerValue;
      if (!this.#namesSame(row.value, line)) return false;
      const manager = this.#managerOf(line, pid, employee, known);
      return manager === undefined || manager === row.manager;
    });
    if (same) this.#respell(vid, rows, managers);
    return same;
  }

  /** A line shows a manager value as the directory stores it now; that is no new version. */
  #respell(vid: number, rows: readonly LineRow[], managers: readonly ManagerValue[]): void {
    for (const { n, value } of rows) {
      const now = managers[n]?.value;
      if (now !== undefined && now !== value) this.#setValue.run(now, vid, n);
    }
  }

  /** What cannot be told now is noted as a doubt, to be settled when everyone is known. */
  #managerOf(
    line: ManagerValue,
    pid: number,
    employee: Employee,
    known: KnownManagers,
  ): number | undefined {
    if (line.key === employee.linkKey) return pid;
    const manager = known(line.key);
    if (manager === undefined) this.#doubt.run(this.#numbers.run, line.key, pid, line.value);
    return manager;
  }
}

function findVersion(
  database: Sqlite,
  { published, run }: RunNumbers,
): Statement<unknown[], VersionRow> {
  // A version that another run staged but never published says nothing to this one.
  return database
    .prepare<unknown[], VersionRow>(
      `SELECT vid, pid, from_run, to_run, ${CONTENT.join(', ')} FROM _version
       WHERE id = ${TEXT} AND (from_run <= ${published} OR from_run = ${run}) ORDER BY vid DESC LIMIT 1`,
    )
    .raw();
}

function nextVid(database: Sqlite): number {
  const row = database.prepare('SELECT coalesce(max(vid), 0) + 1 AS vid FROM _version').get();
  return (row as { vid: number }).vid;
}

function sameContent(row: VersionRow, employee: Employee): boolean {
  const content = contentOf(employee);
  for (let i = 0; i < content.length; i += 1) {
    if (row[CONTENT_AT + i] !== content[i]) return false;
  }
  return true;
}

function contentOf(employee: Employee): Value[] {
  const content: Value[] = [employee.dn, linkOf(employee)];
  for (const column of PROFILE_COLUMNS) content.push(employee.profile[column]);
  content.push(employee.active ? 1 : 0, employee.attributes);
  return content;
}

function linkOf(employee: Employee): string | null {
  if (employee.link === null) return NO_LINK;
  return employee.link === employee.dn ? null : employee.link;
}

/** The link of a version row, from its columns `dn` and `link`; null where nothing can name the person. */
export function storedLink(dn: string, link: string | null): string | null {
  if (link === NO_LINK) return null;
  return link ?? dn;
}

function hashOf(employee: Employee): number | null {
  return employee.linkKey === null ? null : linkHash(employee.linkKey);
}

/** Servers return values in any order: a fixed one makes equal content equal. */
function inOrder(managers: readonly ManagerValue[]): readonly ManagerValue[] {
  if (managers.length < 2) return managers;
  return managers.toSorted((a, b) => compare(a.key, b.key) || compare(a.value, b.value));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
