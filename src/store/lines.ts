import type { Statement } from 'better-sqlite3';
import { CONTENT } from './people.ts';
import type { RunNumbers } from './run-numbers.ts';
import { INTEGER, type Sqlite } from './sqlite.ts';

/** A manager value of a person, and who stands behind it; null: nobody that we keep. */
export interface Settled {
  readonly pid: number;
  readonly key: string;
  readonly manager: number | null;
}

interface VersionOf {
  readonly vid: number;
  readonly from_run: number;
}

/** Puts a manager into a line: in place where the version is this run's own, else in a new version of this run. */
export class LineReviser {
  readonly #numbers: RunNumbers;
  readonly #keyOf: (value: string) => string;
  readonly #version: Statement<unknown[], VersionOf>;
  readonly #lines: Statement<unknown[], { n: number; manager: number | null; value: string }>;
  readonly #setManager: Statement<unknown[]>;
  readonly #copyVersion: Statement<unknown[]>;
  readonly #copyLines: Statement<unknown[]>;
  readonly #point: Statement<unknown[]>;

  constructor(database: Sqlite, numbers: RunNumbers, keyOf: (value: string) => string) {
    this.#numbers = numbers;
    this.#keyOf = keyOf;
    this.#version = database.prepare(
      `SELECT v.vid, v.from_run FROM _frontier AS f JOIN _version AS v ON v.vid = f.vid
       WHERE f.run = ${INTEGER} AND f.pid = ${INTEGER}`,
    );
    this.#lines = database.prepare('SELECT n, manager, value FROM _line WHERE vid = ?');
    this.#setManager = database.prepare('UPDATE _line SET manager = ? WHERE vid = ? AND n = ?');
    this.#copyVersion = database.prepare(
      `INSERT INTO _version (pid, from_run, id, link_hash, ${CONTENT.join(', ')})
       SELECT pid, ?, id, link_hash, ${CONTENT.join(', ')} FROM _version WHERE vid = ?`,
    );
    this.#copyLines = database.prepare(
      'INSERT INTO _line SELECT ?, n, manager, value FROM _line WHERE vid = ?',
    );
    this.#point = database.prepare('UPDATE _frontier SET vid = ? WHERE run = ? AND pid = ?');
  }

  line({ pid, key, manager }: Settled): void {
    const version = this.#version.get(this.#numbers.run, pid);
    if (version === undefined) return;
    for (const line of this.#lines.all(version.vid)) {
      if (line.manager === manager || this.#keyOf(line.value) !== key) continue;
      this.#setManager.run(manager, this.#own(version, pid), line.n);
    }
  }

  #own(version: VersionOf, pid: number): number {
    const current = this.#version.get(this.#numbers.run, pid) ?? version;
    if (current.from_run === this.#numbers.run) return current.vid;
    const { lastInsertRowid } = this.#copyVersion.run(this.#numbers.run, current.vid);
    const vid = Number(lastInsertRowid);
    this.#copyLines.run(vid, current.vid);
    this.#point.run(vid, this.#numbers.run, pid);
    return vid;
  }
}
