import type { Statement } from 'better-sqlite3';
import { INTEGER, type Sqlite } from '../../store/file/sqlite.ts';
import type { Person, Reader } from '../../store/reader.ts';
import { holdsAt, selectPerson } from '../../store/reading/person.ts';

/** Lines that are in the directory and have no place in a forest, and people who have none. */
export interface Breaks {
  /** To another manager than the primary one. */
  readonly further: number;
  /** That name nobody who is in the state. */
  readonly nobody: number;
  /** To somebody below. That the head of a company is their own manager is usual, and none. */
  readonly circles: number;
  /** People whom no line connects with a root. */
  readonly unplaced: number;
}

interface Report {
  readonly pid: number;
  readonly total_reports: number;
}

interface Line {
  readonly manager: number | null;
}

/**
 * The organisation of a state as a forest: by primary lines, every manager before their reports, each person once. However
 * many they are, only the siblings of those on the way down are in memory, by number.
 */
export class Forest {
  readonly #reader: Reader;
  readonly #database: Sqlite;
  readonly #top: Person | undefined;
  readonly #roots: Statement<unknown[], Report>;
  readonly #reports: Statement<unknown[], Report>;
  readonly #one: Statement<unknown[], Person>;
  readonly #lines: Statement<unknown[], Line>;
  readonly #managerOf: Statement<unknown[], number | null>;
  readonly #unplaced: Statement<unknown[], number>;
  #people = 0;
  #further = 0;
  #nobody = 0;
  #circles = 0;

  /** @param top of the forest's only tree; undefined: all roots */
  static of(reader: Reader, top?: Person): Forest {
    return reader.answer((database, run) => new Forest(reader, database, run, top));
  }

  private constructor(reader: Reader, database: Sqlite, run: number, top: Person | undefined) {
    this.#reader = reader;
    this.#database = database;
    this.#top = top;
    const reports = (condition: string) =>
      database.prepare<unknown[], Report>(
        `SELECT p.pid, p.total_reports FROM _place AS p JOIN _version AS v ON v.vid = p.vid
         WHERE ${condition} AND ${holdsAt(run, 'p')} ORDER BY p.total_reports DESC, v.name, v.id`,
      );
    // In an earlier state, whoever reported to somebody who was forgotten since has no manager either.
    this.#roots = reports('p.manager IS NULL AND p.depth IS NOT NULL');
    this.#reports = reports(`p.manager = ${INTEGER}`);
    this.#one = database.prepare(`${selectPerson(database, run)} WHERE p.pid = ${INTEGER}`);
    this.#lines = database.prepare(
      `SELECT DISTINCT l.manager FROM _place AS p JOIN _line AS l ON l.vid = p.vid
       WHERE p.pid = ${INTEGER} AND ${holdsAt(run, 'p')}
         AND l.manager IS NOT p.manager AND l.manager IS NOT p.pid`,
    );
    const place = `FROM _place AS p WHERE ${holdsAt(run, 'p')}`;
    this.#managerOf = database
      .prepare<unknown[], number | null>(`SELECT p.manager ${place} AND p.pid = ${INTEGER}`)
      .pluck();
    this.#unplaced = database
      .prepare<unknown[], number>(`SELECT count(*) ${place} AND p.depth IS NULL`)
      .pluck();
  }

  /** How many have been told so far. */
  get people(): number {
    return this.#people;
  }

  /** What was left out so far. Of people without a place only where all roots were asked for. */
  breaks(): Breaks {
    const unplaced = this.#reader.answer(() => this.#unplaced.get() ?? 0);
    return {
      further: this.#further,
      nobody: this.#nobody,
      circles: this.#circles,
      unplaced: this.#top === undefined ? unplaced : 0,
    };
  }

  /** One at a time, all out of one snapshot: what is pruned or published meanwhile does not matter. */
  *[Symbol.iterator](): Generator<Person> {
    this.#begin();
    try {
      const stack = this.#top === undefined ? this.#all(this.#roots) : [this.#top];
      for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
        const person = this.#person(next.pid);
        this.#people += 1;
        this.#countBreaks(person);
        yield person;
        if (next.total_reports === 0) continue;
        for (const report of this.#all(this.#reports, next.pid)) stack.push(report);
      }
    } finally {
      this.#end();
    }
  }

  /** The first one last, to be popped first. */
  #all(reports: Statement<unknown[], Report>, ...manager: readonly number[]): Report[] {
    return this.#reader.answer(() => reports.all(...manager)).reverse();
  }

  /** Whoever is at the top has no manager in this forest, whomever they report to. */
  #person(pid: number): Person {
    const person = this.#reader.answer(() => this.#one.get(pid));
    if (person === undefined) throw new Error('somebody is missing from the state');
    if (pid !== this.#top?.pid) return person;
    return { ...person, manager: null, manager_id: null, manager_dn: null, manager_name: null };
  }

  #countBreaks({ pid }: Person): void {
    for (const { manager } of this.#reader.answer(() => this.#lines.all(pid))) {
      if (manager === null || this.#managerOf.get(manager) === undefined) this.#nobody += 1;
      else if (this.#isAbove(pid, manager)) this.#circles += 1;
      else this.#further += 1;
    }
  }

  /** Whether `pid` is `below`, or above them. */
  #isAbove(pid: number, below: number): boolean {
    let next: number | null | undefined = below;
    while (next != null && next !== pid) next = this.#managerOf.get(next);
    return next === pid;
  }

  #begin(): void {
    this.#reader.answer(() => this.#database.exec('BEGIN'));
  }

  #end(): void {
    if (this.#database.inTransaction) this.#database.exec('COMMIT');
  }
}
