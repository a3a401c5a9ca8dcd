import type { Statement } from 'better-sqlite3';
import { cyclesOf } from '../../domain/cycles.ts';
import { employeeOf, NONE } from '../../domain/lines.ts';
import { eachSlice, SLICE, untilNone } from '../file/slices.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { HOLDS, type RunNumbers } from '../run-numbers.ts';
import { indexOf } from './columns.ts';
import { VERSION } from './members.ts';
import type { Organisation } from './organisation.ts';

/** Of a list of ids in a finding, that many are told. */
const LISTED = 10;
/** What is derived from the organisation, or from all the directory, and never taken over from an earlier run. */
const DERIVED = [
  ...['self_managed', 'cycle', 'several_managers', 'inactive_manager', 'detached'],
  ...['unreachable', 'referral'],
];
const DETACHED = 'the directory has the entry, and no manager of it leads to a root';

interface DoubtRow {
  readonly key: string;
  readonly pid: number;
  readonly vid: number;
  readonly value: string;
  readonly kind: string;
}

interface ProblemRow {
  readonly pid: number;
  readonly kind: string;
  readonly detail: string;
}

/**
 * What is wrong in the directory's own data, as of a run that is being prepared: what was noted while it read, and what
 * follows from who reports to whom. Kept from the run that first found it to the one that did not any more.
 */
export class Problems {
  readonly #database: Sqlite;
  readonly #numbers: RunNumbers;
  readonly #organisation: Organisation;
  readonly #note: Statement<unknown[]>;
  readonly #versionOf: Statement<unknown[], number>;
  readonly #idOf: Statement<unknown[], string>;
  readonly #keyOf: (value: string) => string;
  readonly #openValues: Statement<unknown[], string>;

  constructor(
    database: Sqlite,
    numbers: RunNumbers,
    organisation: Organisation,
    keyOf: (value: string) => string,
  ) {
    this.#keyOf = keyOf;
    this.#openValues = database
      .prepare<unknown[], string>('SELECT value FROM _line WHERE vid = ? AND manager IS NULL')
      .pluck();
    this.#database = database;
    this.#numbers = numbers;
    this.#organisation = organisation;
    this.#note = database.prepare(
      `INSERT INTO _finding (run, kind, pid, vid, detail, derived) VALUES (${numbers.run}, ?, ?, ?, ?, 1)
       ON CONFLICT DO NOTHING`,
    );
    this.#idOf = database
      .prepare<unknown[], string>(`SELECT id FROM _version WHERE vid = ${VERSION}`)
      .pluck();
    this.#versionOf = database.prepare<unknown[], number>(`SELECT ${VERSION}`).pluck();
  }

  /** @param detached people who are in the directory and linked to nobody. @returns how many problems there are now */
  async write(detached: Iterable<number>, signal: AbortSignal): Promise<number> {
    await this.#forgetDerived(signal);
    await this.#noteManagers(signal);
    await this.#noteKept(signal);
    await this.#noteStructure(signal);
    this.#atOnce(() => {
      for (const pid of detached) this.#note.run('detached', pid, 0, DETACHED);
    });
    return this.#merge(signal);
  }

  /** What an earlier preparation has noted. */
  async #forgetDerived(signal: AbortSignal): Promise<void> {
    const forget = this.#database.prepare(
      `DELETE FROM _finding WHERE (run, pid, kind, detail) IN (
         SELECT run, pid, kind, detail FROM _finding WHERE run = ? AND derived = 1 LIMIT ${SLICE})`,
    );
    await untilNone(() => forget.run(this.#numbers.run).changes, signal);
  }

  /** Manager values that the server was asked about, and that name nobody in the organisation. */
  async #noteManagers(signal: AbortSignal): Promise<void> {
    const select = this.#database.prepare<unknown[], DoubtRow>(
      `SELECT d.key, d.pid, f.vid, d.value, iif(a.kind = 'employee' AND f.root = 1, 'root', a.kind) AS kind
       FROM _doubt AS d JOIN _answer AS a ON a.run = d.run AND a.key = d.key
       JOIN _frontier AS f ON f.run = d.run AND f.pid = d.pid
       WHERE d.run = @run AND (d.key, d.pid) > (@key, @pid)
       ORDER BY d.key, d.pid LIMIT ${SLICE}`,
    );
    let last = { key: '', pid: 0 };
    await untilNone(() => {
      const rows = select.all({ run: this.#numbers.run, ...last });
      this.#atOnce(() => {
        for (const { key, kind, pid, vid, value } of rows) {
          const finding = MANAGER_FINDINGS[kind];
          if (finding === undefined || !this.#isOpen(vid, key)) continue;
          this.#note.run(finding, pid, vid, value);
        }
      });
      const { key, pid } = rows.at(-1) ?? last;
      last = { key, pid };
      return rows.length;
    }, signal);
  }

  /** Whether nobody stands behind a value with that key, as far as the version has it still. */
  #isOpen(vid: number, key: string): boolean {
    return this.#openValues.all(vid).some((value) => this.#keyOf(value) === key);
  }

  /** What was wrong with those who were not read this time is so still. */
  async #noteKept(signal: AbortSignal): Promise<void> {
    const { run, published } = this.#numbers;
    if (published === 0) return;
    const { pids } = this.#organisation;
    const known = DERIVED.map((kind) => `'${kind}'`).join(', ');
    const told = `${HOLDS} AND kind NOT IN (${known}) AND NOT EXISTS (
      SELECT 1 FROM _frontier AS f WHERE f.run = @run AND f.pid = _problem.pid AND f.seen = 1)`;
    // All of one person at once: a slice must not end between them.
    const select = this.#database.prepare<unknown[], ProblemRow>(
      `SELECT pid, kind, detail FROM _problem WHERE pid > @after AND pid <= (
         SELECT max(pid) FROM (
           SELECT pid FROM _problem WHERE pid > @after AND ${told} ORDER BY pid LIMIT ${SLICE}
         )
       ) AND ${told} ORDER BY pid`,
    );
    await eachSlice(
      (after) => select.all({ run, published, after }),
      (rows) =>
        this.#atOnce(() => {
          for (const { pid, kind, detail } of rows) {
            if (indexOf(pids, pid) >= 0) this.#noteOf(pid, kind, detail);
          }
        }),
      signal,
    );
  }

  /** What follows from who reports to whom, noted a slice at a time. */
  async #noteStructure(signal: AbortSignal): Promise<void> {
    const problems = this.#structure();
    await untilNone(() => {
      let noted = 0;
      this.#atOnce(() => {
        for (; noted < SLICE; noted += 1) {
          const { value } = problems.next();
          if (value === undefined) break;
          const [at, kind, detail] = value;
          this.#noteOf(this.#organisation.pids[at] as number, kind, detail);
        }
      });
      return noted;
    }, signal);
  }

  *#structure(): Generator<readonly [at: number, kind: string, detail: string], undefined> {
    yield* this.#ofLines();
    const { forest, lines } = this.#organisation;
    for (const cycle of cyclesOf(lines, forest.depth)) {
      const detail = this.#listOf(cycle);
      for (const at of cycle) yield [at, 'cycle', detail];
    }
    const disabled = this.#database.prepare(
      `SELECT 1 FROM _version WHERE vid = ${VERSION} AND active = 0`,
    );
    for (let at = 0; at < lines.people; at += 1) {
      if (forest.direct[at] === 0 || disabled.get(this.#member(at)) === undefined) continue;
      yield [at, 'inactive_manager', ''];
    }
    return undefined;
  }

  *#ofLines(): Generator<readonly [at: number, kind: string, detail: string], void> {
    const { lines } = this.#organisation;
    const { people, managers, further } = lines;
    for (let line = 0; line < managers.length; line += 1) {
      const employee = employeeOf(lines, line);
      if (managers[line] === employee) yield [employee, 'self_managed', ''];
    }
    for (let i = 0; i < further.length; ) {
      const person = further[i] as number;
      const others = new Set([managers[person] as number]);
      for (; further[i] === person; i += 1) others.add(managers[people + i] as number);
      for (const nobodyElse of [person, NONE]) others.delete(nobodyElse);
      if (others.size > 1) yield [person, 'several_managers', this.#listOf(others)];
    }
  }

  #noteOf(pid: number, kind: string, detail: string): void {
    const { run, published } = this.#numbers;
    this.#note.run(kind, pid, this.#versionOf.get({ run, published, pid }), detail);
  }

  /** As the statements name them. */
  #member(at: number) {
    const { run, published } = this.#numbers;
    return { run, published, pid: this.#organisation.pids[at] };
  }

  /** Their ids in order, so that the same people give the same text. */
  #listOf(people: Iterable<number>): string {
    const ids = Array.from(people, (at) => this.#idOf.get(this.#member(at)) ?? '').sort();
    const more = ids.length > LISTED ? ` and ${ids.length - LISTED} more` : '';
    return `${ids.slice(0, LISTED).join(', ')}${more}`;
  }

  async #merge(signal: AbortSignal): Promise<number> {
    const { run } = this.#numbers;
    const same = 'f.pid = p.pid AND f.kind = p.kind AND f.detail = p.detail';
    const steps = [
      `UPDATE _problem SET to_run = @run WHERE n IN (
         SELECT n FROM _problem AS p WHERE to_run IS NULL
           AND NOT EXISTS (SELECT 1 FROM _finding AS f WHERE f.run = @run AND ${same}) LIMIT ${SLICE})`,
      `INSERT INTO _problem (kind, pid, id, detail, from_run)
       SELECT kind, pid, id, detail, run FROM _finding AS f WHERE run = @run
         AND NOT EXISTS (SELECT 1 FROM _problem AS p WHERE p.to_run IS NULL AND ${same}) LIMIT ${SLICE}`,
    ];
    for (const step of steps) {
      const statement = this.#database.prepare(step);
      await untilNone(() => statement.run({ run }).changes, signal);
    }
    const open = this.#database.prepare<unknown[], number>(
      'SELECT count(*) FROM _problem WHERE to_run IS NULL',
    );
    return open.pluck().get() ?? 0;
  }

  #atOnce(write: () => void): void {
    this.#database.transaction(write).immediate();
  }
}

/** By what the server answered. A root may have a manager outside: the crawl was told to begin below. */
const MANAGER_FINDINGS: Readonly<Record<string, string>> = {
  dangling: 'dangling_manager',
  other: 'manager_not_employee',
  employee: 'outside_manager',
};
