import type { Statement } from 'better-sqlite3';
import { INTEGER, type Sqlite } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { WRITTEN } from './version-row.ts';

interface VersionOf {
  readonly vid: number;
  readonly id: string;
  readonly from_run: number;
}

/** What stands in the way while two swap. */
const NOBODY = -1;
/** Tables with rows of a run about an entry. */
const ABOUT = ['_finding', '_failure', '_doubt', '_twin'] as const;
/** What the frontier knows of an entry. */
const BRANCH = ['state', 'root', 'attempts', 'outages', 'seen'] as const;

/** Changes what a run has recorded about people. Never what is published: that is copied first. Call within a transaction. */
export class Staged {
  readonly #database: Sqlite;
  readonly #run: number;
  readonly #version: Statement<unknown[], VersionOf>;
  readonly #copyVersion: Statement<unknown[]>;
  readonly #copyLines: Statement<unknown[]>;
  readonly #point: readonly Statement<unknown[]>[];

  constructor(database: Sqlite, { run }: RunNumbers) {
    this.#database = database;
    this.#run = run;
    this.#version = database.prepare(
      `SELECT v.vid, v.id, v.from_run FROM _frontier AS f JOIN _version AS v ON v.vid = f.vid
       WHERE f.run = ${INTEGER} AND f.pid = ${INTEGER}`,
    );
    const copied = ['id', 'by_dn', 'link_hash', ...WRITTEN].join(', ');
    this.#copyVersion = database.prepare(
      `INSERT INTO _version (pid, from_run, ${copied}) SELECT pid, ?, ${copied} FROM _version WHERE vid = ?`,
    );
    this.#copyLines = database.prepare(
      'INSERT INTO _line SELECT ?, n, manager, value FROM _line WHERE vid = ?',
    );
    this.#point = ['_frontier', '_failure', '_finding'].map((table) =>
      database.prepare(`UPDATE ${table} SET vid = ? WHERE run = ? AND pid = ?`),
    );
  }

  /** The version of a person in the run; undefined: not in it. */
  version(pid: number): VersionOf | undefined {
    return this.#version.get(this.#run, pid);
  }

  /** A version of the run's own that says what the person's version in it says; undefined: not in it. */
  own(pid: number): number | undefined {
    const version = this.version(pid);
    if (version === undefined || version.from_run === this.#run) return version?.vid;
    const { lastInsertRowid } = this.#copyVersion.run(this.#run, version.vid);
    const vid = Number(lastInsertRowid);
    this.#copyLines.run(vid, version.vid);
    for (const point of this.#point) point.run(vid, this.#run, pid);
    return vid;
  }

  rename(pid: number, id: string, byDn: 0 | 1): void {
    if (this.version(pid)?.id === id) return;
    this.#do('UPDATE _version SET id = ?, by_dn = ? WHERE vid = ?', id, byDn, this.own(pid));
  }

  /** What was seen of somebody is taken back: they stay as they were published, by that version. */
  revert(pid: number, published: number): void {
    const version = this.version(pid);
    for (const point of this.#point) point.run(published, this.#run, pid);
    this.#do('UPDATE _frontier SET seen = 0 WHERE run = ? AND pid = ?', this.#run, pid);
    // Or what became of the values that were seen would be put into the lines that are published.
    this.#do('DELETE FROM _doubt WHERE run = ? AND pid = ?', this.#run, pid);
    if (version?.from_run !== this.#run) return;
    this.#do('DELETE FROM _line WHERE vid = ?', version.vid);
    this.#do('DELETE FROM _version WHERE vid = ?', version.vid);
  }

  /** Two people swap the entries that they stand for. */
  exchange(a: number, b: number): void {
    const [ofA, ofB] = [this.own(a), this.own(b)];
    if (ofA === undefined || ofB === undefined) return;
    this.#swapRows('_version', ['link_hash', ...WRITTEN], 'vid', ofA, ofB);
    this.#swapRows('_frontier', BRANCH, `run = ${this.#run} AND pid`, a, b);
    this.#swapKeys('_line', 'vid', [ofA, ofB]);
    for (const table of ABOUT) this.#swapKeys(table, 'pid', [a, b], `AND run = ${this.#run}`);
    for (const [pid, vid] of [
      [a, ofA],
      [b, ofB],
    ] as const) {
      for (const point of this.#point) point.run(vid, this.#run, pid);
    }
  }

  /** There is no such entry after all. @param heir who stands for it from now on, if anybody */
  drop(pid: number, heir: number | undefined): void {
    const version = this.version(pid);
    if (version === undefined) return;
    const inherit = `UPDATE _frontier SET root = max(root, (
      SELECT root FROM _frontier WHERE run = @run AND pid = @pid
    )) WHERE run = @run AND pid = @heir`;
    this.#do(inherit, { run: this.#run, pid, heir: heir ?? NOBODY });
    for (const table of ['_frontier', ...ABOUT]) {
      this.#do(`DELETE FROM ${table} WHERE run = ? AND pid = ?`, this.#run, pid);
    }
    if (version.from_run !== this.#run) return;
    this.#do('DELETE FROM _line WHERE vid = ?', version.vid);
    this.#do('DELETE FROM _version WHERE vid = ?', version.vid);
  }

  #swapRows(table: string, columns: readonly string[], key: string, a: number, b: number): void {
    const select = this.#database.prepare<unknown[], readonly unknown[]>(
      `SELECT ${columns.join(', ')} FROM ${table} WHERE ${key} = ?`,
    );
    const [ofA = [], ofB = []] = [select.raw().get(a), select.get(b)];
    const set = columns.map((column) => `${column} = ?`).join(', ');
    this.#do(`UPDATE ${table} SET ${set} WHERE ${key} = ?`, ...ofB, a);
    this.#do(`UPDATE ${table} SET ${set} WHERE ${key} = ?`, ...ofA, b);
  }

  #swapKeys(
    table: string,
    column: 'vid' | 'pid',
    [a, b]: readonly [number, number],
    and = '',
  ): void {
    const moves = [
      [a, NOBODY],
      [b, a],
      [NOBODY, b],
    ] as const;
    for (const [from, to] of moves) {
      this.#do(`UPDATE ${table} SET ${column} = ? WHERE ${column} = ? ${and}`, to, from);
    }
  }

  #do(sql: string, ...values: readonly unknown[]): void {
    this.#database.prepare(sql).run(...values);
  }
}
