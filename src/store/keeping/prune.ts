import { setImmediate } from 'node:timers/promises';
import { withKept } from '../file/keeping.ts';
import { SLICE, untilNone } from '../file/slices.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { unindex } from '../publishing/search.ts';

/** How many rows went, and the oldest state that is left. */
export interface Pruned {
  /** Null: no published state is that old, and nothing went. */
  readonly oldest: { readonly run: number; readonly publishedAt: string } | null;
  readonly versions: number;
  readonly places: number;
  readonly changes: number;
  readonly findings: number;
  readonly failures: number;
  /** Bytes of the file that hold nothing. */
  readonly free: number;
}

/** Numbers that are looked at in one transaction: a few rows each. */
const WINDOW = 1_000;
const ROWS = ['places', 'versions', 'changes', 'findings', 'failures'] as const;

/**
 * Drops what held only before the state that was published at `before` (UTC, ISO 8601). That state, and every one since,
 * stays as it was; runs stay listed. Before anything goes, readers are told from which state on there is everything: it may
 * be interrupted anywhere, and the next call finishes it.
 */
export async function prune(path: string, before: string, signal: AbortSignal): Promise<Pruned> {
  return withKept(path, async (database) => {
    const oldest = markOldest(database, before);
    const none = Object.fromEntries(ROWS.map((row) => [row, 0])) as Record<Dropped, number>;
    const dropped = oldest === 0 ? none : await new Pruning(database, oldest, signal).drop();
    return { ...dropped, oldest: stateOf(database, oldest), free: freeBytes(database) };
  });
}

type Dropped = (typeof ROWS)[number];

/** What an earlier call has begun is finished in any case. @returns 0 where nothing is that old */
function markOldest(database: Sqlite, before: string): number {
  const oldest = database
    .prepare<unknown[], number>(
      `SELECT max(p.oldest, coalesce((
         SELECT max(id) FROM _run WHERE published_at <= ? AND id <= p.run
       ), 0)) FROM _published AS p`,
    )
    .pluck()
    .get(before);
  database.prepare('UPDATE _published SET oldest = ?').run(oldest);
  return oldest ?? 0;
}

function stateOf(database: Sqlite, run: number): Pruned['oldest'] {
  const state = database
    .prepare<unknown[], NonNullable<Pruned['oldest']>>(
      'SELECT id AS run, published_at AS publishedAt FROM _run WHERE id = ?',
    )
    .get(run);
  return state ?? null;
}

function freeBytes(database: Sqlite): number {
  const [pages, size] = ['freelist_count', 'page_size'].map((name) =>
    Number(database.pragma(name, { simple: true })),
  );
  return (pages ?? 0) * (size ?? 0);
}

/**
 * A problem that is there still may name somebody who is in no state any more: then their last place tells who they are, and
 * whoever is known to be in the directory is looked for by it.
 */
const IS_NEEDED = `EXISTS (
    SELECT 1 FROM _problem AS f WHERE f.pid = _place.pid AND (f.to_run IS NULL OR f.to_run > @oldest)
  ) AND from_run = (SELECT max(o.from_run) FROM _place AS o WHERE o.pid = _place.pid AND o.from_run <= @oldest)`;

/** The highest number stays: the next version must not get it, since others may still name who had it. */
const UNUSED = `
  SELECT vid FROM _version AS v
  WHERE vid > @from AND vid <= @upTo AND to_run <= @oldest AND vid < (SELECT max(vid) FROM _version)
    AND NOT EXISTS (SELECT 1 FROM _place AS p WHERE p.pid = v.pid AND p.vid = v.vid)
    AND vid NOT IN (SELECT vid FROM _failure)
    AND NOT EXISTS (
      SELECT 1 FROM _frontier AS f WHERE f.pid = v.pid AND f.vid = v.vid
        AND f.run IN (SELECT id FROM _run WHERE status IN ('running', 'interrupted'))
    )
  LIMIT ${SLICE}`;

class Pruning {
  readonly #database: Sqlite;
  readonly #oldest: number;
  readonly #signal: AbortSignal;

  constructor(database: Sqlite, oldest: number, signal: AbortSignal) {
    this.#database = database;
    this.#oldest = oldest;
    this.#signal = signal;
  }

  /** Versions last: they go when nothing names them. */
  async drop(): Promise<Record<Dropped, number>> {
    const changes = await this.#all(
      `DELETE FROM _change WHERE (run, pid, kind) IN (
         SELECT run, pid, kind FROM _change WHERE run <= @oldest LIMIT ${SLICE})`,
    );
    const failures = await this.#all(
      `DELETE FROM _failure WHERE (run, pid) IN (
         SELECT run, pid FROM _failure WHERE run < @oldest LIMIT ${SLICE})`,
    );
    const findings = await this.#inWindows(
      'SELECT max(n) FROM _problem',
      this.#deleting('DELETE FROM _problem WHERE n > @from AND n <= @upTo AND to_run <= @oldest'),
    );
    const places = await this.#inWindows(
      'SELECT max(pid) FROM _place',
      this.#deleting(
        `DELETE FROM _place WHERE (pid, from_run) IN (
           SELECT pid, from_run FROM _place
           WHERE pid > @from AND pid <= @upTo AND to_run <= @oldest AND NOT (${IS_NEEDED}) LIMIT ${SLICE})`,
      ),
    );
    const versions = await this.#inWindows(
      'SELECT max(vid) FROM _version',
      this.#deletingVersions(),
    );
    return { changes, failures, findings, places, versions };
  }

  async #all(sql: string): Promise<number> {
    const oldest = this.#oldest;
    const statement = this.#database.prepare(sql);
    let count = 0;
    await untilNone(() => {
      const { changes } = statement.run({ oldest });
      count += changes;
      return changes;
    }, this.#signal);
    return count;
  }

  /** Each window until nothing of it is left to drop. @param drop drops at most a slice, and returns how many it did */
  async #inWindows(highest: string, drop: (from: number, upTo: number) => number): Promise<number> {
    const last = this.#database.prepare<unknown[], number | null>(highest).pluck().get() ?? 0;
    let count = 0;
    for (let from = 0; from < last; from += WINDOW) {
      for (let dropped = -1; dropped !== 0; count += dropped) {
        this.#signal.throwIfAborted();
        dropped = drop(from, from + WINDOW);
        await setImmediate();
      }
    }
    return count;
  }

  #deleting(sql: string): (from: number, upTo: number) => number {
    const oldest = this.#oldest;
    const statement = this.#database.prepare(sql);
    return (from, upTo) => statement.run({ from, upTo, oldest }).changes;
  }

  #deletingVersions(): (from: number, upTo: number) => number {
    const oldest = this.#oldest;
    const select = this.#database.prepare<unknown[], number>(UNUSED).pluck();
    const drop = this.#database.transaction((vids: readonly number[]) =>
      dropVersions(this.#database, vids),
    );
    return (from, upTo) => {
      const vids = select.all({ from, upTo, oldest });
      if (vids.length > 0) drop.immediate(vids);
      return vids.length;
    };
  }
}

/** Versions with their lines and their words in the search index. Call within a transaction. */
export function dropVersions(database: Sqlite, vids: readonly number[]): void {
  const these = JSON.stringify(vids);
  // As long as the version is there: the index is told what to take out.
  unindex(database, vids);
  for (const table of ['_line', '_version']) {
    database
      .prepare(`DELETE FROM ${table} WHERE vid IN (SELECT value FROM json_each(?))`)
      .run(these);
  }
}
