import type { Statement } from 'better-sqlite3';
import { SLICE, untilNone } from '../file/slices.ts';
import type { Sqlite } from '../file/sqlite.ts';

/** One line, as `_line` holds it. */
export interface Respelt {
  readonly n: number;
  readonly manager: number | null;
  readonly value: string;
}

/**
 * Manager values of published versions that the directory writes otherwise now, for the same managers. That makes no new
 * version; but readers see it with the rest of the run, not before.
 */
export class Respelling {
  readonly #run: number;
  readonly #forget: Statement<unknown[]>;
  readonly #add: Statement<unknown[]>;

  constructor(database: Sqlite, run: number) {
    this.#run = run;
    this.#forget = database.prepare('DELETE FROM _respelt WHERE run = ? AND vid = ?');
    this.#add = database.prepare(
      'INSERT INTO _respelt (run, vid, n, manager, value) VALUES (?, ?, ?, ?, ?)',
    );
  }

  /** All lines of a version. Call within a transaction. */
  note(vid: number, lines: readonly Respelt[]): void {
    this.#forget.run(this.#run, vid);
    for (const { n, manager, value } of lines) this.#add.run(this.#run, vid, n, manager, value);
  }
}

/** Puts into the lines what a run has noted. To be called when readers see the run; may be cut off, and called again. */
export async function applyRespelling(
  database: Sqlite,
  run: number,
  signal: AbortSignal,
): Promise<void> {
  const next = database
    .prepare<unknown[], number>(`SELECT DISTINCT vid FROM _respelt WHERE run = ? LIMIT ${SLICE}`)
    .pluck();
  const drop = database.prepare('DELETE FROM _line WHERE vid = ?');
  const put = database.prepare(
    'INSERT INTO _line SELECT vid, n, manager, value FROM _respelt WHERE run = ? AND vid = ?',
  );
  // It was of the former spelling, which may come back.
  const doubt = database.prepare('UPDATE _version SET fingerprint = NULL WHERE vid = ?');
  const forget = database.prepare('DELETE FROM _respelt WHERE run = ? AND vid = ?');
  const apply = database.transaction((vids: readonly number[]) => {
    for (const vid of vids) {
      drop.run(vid);
      put.run(run, vid);
      doubt.run(vid);
      forget.run(run, vid);
    }
  });
  await untilNone(() => {
    const vids = next.all(run);
    apply.immediate(vids);
    return vids.length;
  }, signal);
}
