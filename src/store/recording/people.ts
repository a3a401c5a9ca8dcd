import type { Statement } from 'better-sqlite3';
import type { Employee, ManagerValue } from '../../domain/employee.ts';
import { INTEGER, type Sqlite } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { Identities, type Identity } from './identities.ts';
import { Respelling } from './respelling.ts';
import {
  CONTENT,
  contentOf,
  hashOf,
  sameSource,
  stillHolds,
  storedLink,
  type Value,
  type VersionRow,
  WRITTEN,
  writtenOf,
} from './version-row.ts';

export interface Recorded {
  readonly pid: number;
  readonly vid: number;
  /** What a manager value had to hold until now to name the person; undefined: not known before. */
  readonly formerLink?: string | null | undefined;
  /** The id that this person shares with another, and who that is. */
  readonly twin?: { readonly id: string; readonly pid: number } | undefined;
}

/** Finds the person whom a manager value names among those in progress; undefined: not known yet. */
export type KnownManagers = (key: string) => number | undefined;

const NOBODY: readonly LineRow[] = [];

interface LineRow {
  readonly n: number;
  readonly manager: number | null;
  readonly value: string;
}

/** Records what the directory says about people: a new version only where it says something new. Call within a transaction. */
export class People {
  readonly #numbers: RunNumbers;
  readonly #keyOf: (value: string) => string;
  readonly #identities: Identities;
  readonly #insert: Statement<unknown[]>;
  readonly #replace: Statement<unknown[]>;
  readonly #content: Statement<unknown[], readonly Value[]>;
  readonly #setFingerprint: Statement<unknown[]>;
  readonly #lines: Statement<unknown[], LineRow>;
  readonly #firstManager: Statement<unknown[], number | null>;
  readonly #insertLine: Statement<unknown[]>;
  readonly #deleteLines: Statement<unknown[]>;
  readonly #respelling: Respelling;
  readonly #doubt: Statement<unknown[]>;
  readonly #highestVid: Statement<unknown[], number>;
  #nextVid = 1;

  constructor(database: Sqlite, numbers: RunNumbers, keyOf: (value: string) => string) {
    this.#numbers = numbers;
    this.#keyOf = keyOf;
    this.#identities = new Identities(database, numbers, keyOf);
    this.#insert = database.prepare(
      `INSERT INTO _version (vid, pid, from_run, id, by_dn, link_hash, ${WRITTEN.join(', ')})
       VALUES (?, ?, ?, ?, ?, ?, ${WRITTEN.map(() => '?').join(', ')})`,
    );
    this.#replace = database.prepare(
      `UPDATE _version SET id = ?, by_dn = ?, link_hash = ?, ${WRITTEN.map((c) => `${c} = ?`).join(', ')}
       WHERE vid = ?`,
    );
    this.#content = database
      .prepare<unknown[], readonly Value[]>(
        `SELECT ${CONTENT.join(', ')} FROM _version WHERE vid = ${INTEGER}`,
      )
      .raw();
    this.#setFingerprint = database.prepare('UPDATE _version SET fingerprint = ? WHERE vid = ?');
    this.#lines = database.prepare(
      `SELECT n, manager, value FROM _line WHERE vid = ${INTEGER} ORDER BY n`,
    );
    this.#firstManager = database
      .prepare<unknown[], number | null>(
        `SELECT manager FROM _line WHERE vid = ${INTEGER} AND n = 0`,
      )
      .pluck();
    this.#insertLine = database.prepare(
      'INSERT INTO _line (vid, n, manager, value) VALUES (?, ?, ?, ?)',
    );
    this.#respelling = new Respelling(database, numbers.run);
    this.#deleteLines = database.prepare('DELETE FROM _line WHERE vid = ?');
    this.#doubt = database.prepare(
      'INSERT OR IGNORE INTO _doubt (run, key, pid, value) VALUES (?, ?, ?, ?)',
    );
    this.#highestVid = database
      .prepare<unknown[], number>('SELECT coalesce(max(vid), 0) FROM _version')
      .pluck();
    this.recount();
  }

  /** When others have added versions. A number is never given twice, also if its version was dropped. */
  recount(): void {
    this.#nextVid = Math.max(this.#nextVid, (this.#highestVid.get() ?? 0) + 1);
  }

  /** Everyone has been read: from now on they are found by the indexes of the file. */
  index(): void {
    this.#identities.index();
  }

  /** @param moved whether the server was asked where the person with this id is now */
  record(employee: Employee, known: KnownManagers, moved = false): Recorded {
    const who = this.#identities.of(employee, moved);
    const { row, shared, sharer } = who;
    const { pid, vid } = this.#recordAs(who, employee, known);
    const twin =
      shared !== undefined && sharer !== undefined ? { id: shared, pid: sharer } : undefined;
    return { pid, vid, formerLink: row && storedLink(row[6], row[7]), twin };
  }

  #recordAs(who: Identity, employee: Employee, known: KnownManagers) {
    const { row } = who;
    if (row === undefined) return this.#add(who, employee, known, NOBODY);
    const [vid, pid, from] = row;
    const holds = stillHolds(row, this.#numbers);
    if (holds && sameName(row, who)) {
      if (this.#isUntouched(row, employee, known)) return { pid, vid };
      if (this.#sameContent(vid, employee) && this.#sameLines(row, employee, known)) {
        return { pid, vid };
      }
    }
    const former = holds ? this.#lines.all(vid) : NOBODY;
    if (from !== this.#numbers.run) return this.#add(who, employee, known, former);
    this.#replace.run(who.id, who.byDn, hashOf(employee), ...writtenOf(employee), vid);
    if (row[4] !== who.id) this.#identities.add(who.id, vid);
    this.#deleteLines.run(vid);
    this.#addLines(vid, pid, employee, known, former);
    return { pid, vid };
  }

  #add(
    { id, byDn, row }: Identity,
    employee: Employee,
    known: KnownManagers,
    former: readonly LineRow[],
  ) {
    const vid = this.#nextVid++;
    const pid = row?.[1] ?? vid;
    const { run } = this.#numbers;
    this.#insert.run(vid, pid, run, id, byDn, hashOf(employee), ...writtenOf(employee));
    this.#identities.add(id, vid);
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

  /** The directory sent what it had sent before, and who stands behind the one manager value is known: nearly everyone. */
  #isUntouched(row: VersionRow, employee: Employee, known: KnownManagers): boolean {
    const [line, another] = employee.managers;
    if (line === undefined || another !== undefined || !sameSource(row, employee)) return false;
    const manager = known(line.key);
    return manager !== undefined && manager === this.#firstManager.get(row[0]);
  }

  #sameContent(vid: number, employee: Employee): boolean {
    const before = this.#content.get(vid);
    return before !== undefined && contentOf(employee).every((value, n) => value === before[n]);
  }

  /** The spelling of a manager value is nothing new; another manager behind it is. */
  #sameLines(version: VersionRow, employee: Employee, known: KnownManagers): boolean {
    const [vid, pid] = version;
    const rows = this.#lines.all(vid);
    if (rows.length !== employee.managers.length) return false;
    const managers = inOrder(employee.managers);
    const same = rows.every((row, n) => {
      const line = managers[n] as ManagerValue;
      if (!this.#namesSame(row.value, line)) return false;
      const manager = this.#managerOf(line, pid, employee, known);
      return manager === undefined || manager === row.manager;
    });
    if (!same) return false;
    const isRespelt = this.#respell(vid, rows, managers);
    // Another spelling may not come to be shown: until it is, it is to be seen.
    if (!isRespelt && !sameSource(version, employee))
      this.#setFingerprint.run(employee.fingerprint, vid);
    return true;
  }

  /** A line shows a manager value as the directory stores it now; that is no new version. Whether there is anything to note. */
  #respell(vid: number, rows: readonly LineRow[], managers: readonly ManagerValue[]): boolean {
    if (rows.every(({ value }, n) => managers[n]?.value === value)) return false;
    const lines = rows.map((row, n) => ({ ...row, value: managers[n]?.value ?? row.value }));
    this.#respelling.note(vid, lines);
    return true;
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

function sameName(row: VersionRow, { id, byDn }: Identity): boolean {
  return row[4] === id && row[5] === byDn;
}

/** Servers return values in any order: a fixed one makes equal content equal. */
function inOrder(managers: readonly ManagerValue[]): readonly ManagerValue[] {
  if (managers.length < 2) return managers;
  return managers.toSorted((a, b) => compare(a.key, b.key) || compare(a.value, b.value));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
