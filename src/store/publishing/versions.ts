import type { Statement } from 'better-sqlite3';
import type { Sqlite } from '../file/sqlite.ts';
import { Respelling, type Respelt } from '../recording/respelling.ts';
import { CONTENT } from '../recording/version-row.ts';

interface Difference {
  /** Own id, DN or a mapped attribute differs. */
  readonly changed: boolean;
  /** The set of managers differs. */
  readonly moved: boolean;
  /** Whether the new version says anything new at all, a dangling value's text included. */
  readonly any: boolean;
}

/** Drops a version that turned out to say nothing new, when all its managers were known. */
export class VersionEraser {
  readonly #points: readonly Statement<unknown[]>[];
  readonly #lines: Statement<unknown[], Respelt>;
  readonly #dropLines: Statement<unknown[]>;
  readonly #drop: Statement<unknown[]>;
  readonly #respelling: Respelling;

  constructor(database: Sqlite, run: number) {
    // A failure or finding that kept the number of a dropped version would name whoever gets that number next.
    this.#points = ['_frontier', '_failure', '_finding'].map((table) =>
      database.prepare(`UPDATE ${table} SET vid = ? WHERE run = ? AND pid = ?`),
    );
    this.#dropLines = database.prepare('DELETE FROM _line WHERE vid = ?');
    this.#lines = database.prepare('SELECT n, manager, value FROM _line WHERE vid = ? ORDER BY n');
    this.#respelling = new Respelling(database, run);
    this.#drop = database.prepare('DELETE FROM _version WHERE vid = ?');
  }

  erase(vid: number, use: { readonly run: number; readonly pid: number; readonly former: number }) {
    for (const point of this.#points) point.run(use.former, use.run, use.pid);
    // The managers are the same people; how their names are written now is what the lines shall show.
    this.#respelling.note(use.former, this.#lines.all(vid));
    this.#dropLines.run(vid);
    this.#drop.run(vid);
  }
}

/** Whether somebody is part of a state. */
export interface Members {
  before(pid: number): boolean;
  after(pid: number): boolean;
}

export class VersionComparison {
  readonly #members: Members;
  readonly #content: Statement<unknown[], readonly unknown[]>;
  readonly #lines: Statement<unknown[], { manager: number | null; value: string }>;

  /** @param members managers count only where they are in the state that the version belongs to */
  constructor(database: Sqlite, members: Members) {
    this.#members = members;
    this.#content = database
      .prepare<unknown[], readonly unknown[]>(
        `SELECT id, ${CONTENT.join(', ')} FROM _version WHERE vid = ?`,
      )
      .raw();
    this.#lines = database.prepare('SELECT manager, value FROM _line WHERE vid = ? ORDER BY n');
  }

  compare(before: number, after: number): Difference {
    const was = this.#content.get(before) ?? [];
    const is = this.#content.get(after) ?? [];
    const changed = was.some((value, i) => value !== is[i]);
    const moved =
      this.#managers(before, (pid) => this.#members.before(pid)) !==
      this.#managers(after, (pid) => this.#members.after(pid));
    const any = changed || moved || this.#dangling(before) !== this.#dangling(after);
    return { changed, moved, any };
  }

  #managers(vid: number, counts: (pid: number) => boolean): string {
    const all = this.#lines.all(vid).flatMap(({ manager }) => manager ?? []);
    const managers = all.filter(counts);
    return [...new Set(managers)].sort((a, b) => a - b).join();
  }

  #dangling(vid: number): string {
    const values = this.#lines.all(vid).filter(({ manager }) => manager === null);
    return JSON.stringify(values.map(({ value }) => value));
  }
}
