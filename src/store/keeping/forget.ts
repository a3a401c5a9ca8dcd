import { setImmediate } from 'node:timers/promises';
import { DatabaseError, UsageError } from '../../domain/errors.ts';
import { withKept } from '../file/keeping.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { purgeIndex } from '../publishing/search.ts';
import { clearRemains } from '../retire.ts';
import { blankElsewhere } from './elsewhere.ts';
import { everKnownAs, type Known } from './ever-known.ts';
import { namedOnly } from './named-only.ts';
import { dropVersions } from './prune.ts';
import { Traces } from './traces.ts';

export type Forgotten =
  /** elsewhere: rows of others, and of runs, in which they were named. */
  | { readonly kind: 'forgotten'; readonly versions: number; readonly elsewhere: number }
  /** What an earlier call had left to do is done, and nobody else was removed. */
  | { readonly kind: 'finished' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'several'; readonly people: readonly Known[] };

/**
 * Removes somebody for good who is in the published state no more: all that was told of them, and what they were called
 * wherever else it stands. When this resolves, nothing of it is left in free pages or in the WAL either.
 *
 * Rejects with a `UsageError` where the person may not be forgotten, with a `DatabaseError` where somebody who reads keeps
 * the WAL: the same call finishes it then, also after a kill.
 */
export async function forget(path: string, who: string, signal: AbortSignal): Promise<Forgotten> {
  return withKept(path, async (database) => {
    // By now WHO may mean somebody else, of whom nobody spoke.
    if (isBegun(database)) return finish(database, { kind: 'finished' });
    const people = everKnownAs(database, who);
    const [person, another] = people;
    if (person === undefined) {
      const named = namedOnly(database, who);
      if (named === undefined) return { kind: 'unknown' };
      refuseUnfinished(database, NOBODY, named);
      return finish(database, {
        kind: 'forgotten',
        versions: 0,
        elsewhere: blank(database, named),
      });
    }
    if (another !== undefined) return { kind: 'several', people };
    const removed = await remove(database, person.pid, signal);
    // What follows takes its time, in one piece.
    await setImmediate();
    signal.throwIfAborted();
    return finish(database, { kind: 'forgotten', ...removed });
  });
}

/** Of whoever is named and never was in a state. */
function blank(database: Sqlite, traces: Traces): number {
  database.pragma('secure_delete = on');
  const removal = database.transaction(() => {
    begin(database);
    const drop = database.prepare('DELETE FROM _problem WHERE id = ?');
    const dropped = traces.ids.reduce((sum, id) => sum + drop.run(id).changes, 0);
    return dropped + blankElsewhere(database, NOBODY, traces);
  });
  return removal.immediate();
}

function finish(database: Sqlite, forgotten: Forgotten): Forgotten {
  wipe(database);
  return forgotten;
}

async function remove(database: Sqlite, pid: number, signal: AbortSignal) {
  signal.throwIfAborted();
  await clearRemains(database, signal);
  const traces = Traces.of(database, pid);
  refuseNeeded(database, pid, traces);
  database.pragma('secure_delete = on');
  const removal = database.transaction(() => {
    begin(database);
    const elsewhere = blankElsewhere(database, pid, traces);
    return { versions: removeOwn(database, pid, traces), elsewhere };
  });
  return removal.immediate();
}

/** Nobody's number. */
const NOBODY = 0;
const OWN = ['_place', '_change', '_problem', '_failure'] as const;

/** @returns how many versions there were */
function removeOwn(database: Sqlite, pid: number, { ids }: Traces): number {
  const vids = database
    .prepare<unknown[], number>('SELECT vid FROM _version WHERE pid = ?')
    .pluck()
    .all(pid);
  dropVersions(database, vids);
  for (const table of OWN) database.prepare(`DELETE FROM ${table} WHERE pid = ?`).run(pid);
  // Whoever a sweep found and the crawl did not is known by the id alone.
  const unreached = database.prepare('DELETE FROM _problem WHERE id = ?');
  for (const id of ids) unreached.run(id);
  return vids.length;
}

/** Those who would be back tonight, and those on whom an unfinished or held run stands. */
function refuseNeeded(database: Sqlite, pid: number, traces: Traces): void {
  const place = placeOf(database, pid);
  if (place === 'published') {
    throw new UsageError(
      'they are in the published state: the next crawl would bring them back',
      'remove them from the directory, crawl, and forget them then',
    );
  }
  refuseUnfinished(database, pid, traces);
  if (place === 'prepared') {
    throw new UsageError(
      'they are in the run that is held',
      'release it with `orgwalk publish`, or let a new crawl take its place; then ask again',
    );
  }
}

function refuseUnfinished(database: Sqlite, pid: number, traces: Traces): void {
  const run = unfinishedRunNaming(database, pid, traces);
  if (run === undefined) return;
  throw new UsageError(
    `the unfinished run ${run} has met them, or somebody who names them`,
    'let the next crawl finish it, or abandon it with --fresh; then ask again',
  );
}

function placeOf(database: Sqlite, pid: number): 'published' | 'prepared' | undefined {
  return database
    .prepare<unknown[], 'published' | 'prepared'>(
      `SELECT iif(from_run <= now.run, 'published', 'prepared') FROM _place, _published AS now
       WHERE pid = ? AND (to_run IS NULL OR to_run > now.run) ORDER BY from_run LIMIT 1`,
    )
    .pluck()
    .get(pid);
}

/**
 * What an unfinished run has noted decides what it asks next: to blank it would change its result. There may be two, one of
 * them a dry one.
 */
function unfinishedRunNaming(database: Sqlite, pid: number, traces: Traces): number | undefined {
  const runs = database
    .prepare<unknown[], number>("SELECT id FROM _run WHERE status IN ('running', 'interrupted')")
    .pluck()
    .all();
  database.function('orgwalk_names', (text) => (namedIn(traces, text) ? 1 : 0));
  const met = database.prepare(
    `SELECT 1 FROM _frontier WHERE run = @run AND pid = @pid
       UNION ALL SELECT 1 FROM _doubt WHERE run = @run AND (pid = @pid OR orgwalk_names(value))
       UNION ALL SELECT 1 FROM _answer WHERE run = @run AND (orgwalk_names(key) OR orgwalk_names(id))
       UNION ALL SELECT 1 FROM _dead_end WHERE run = @run AND orgwalk_names(key)
       UNION ALL SELECT 1 FROM _twin WHERE run = @run AND (pid = @pid OR orgwalk_names(id))
       UNION ALL SELECT 1 FROM _finding
         WHERE run = @run AND (pid = @pid OR orgwalk_names(id) OR orgwalk_names(detail))
       LIMIT 1`,
  );
  return runs.find((run) => met.get({ run, pid }) !== undefined);
}

function namedIn(traces: Traces, text: unknown): boolean {
  return typeof text === 'string' && (traces.name(text) || traces.standIn(text));
}

/** The header of the file has room for a number of the program's own, which is 0 otherwise. */
const BEGUN = 1;

function begin(database: Sqlite): void {
  database.pragma(`user_version = ${BEGUN}`);
}

/** Whether somebody was removed of whom the bytes may still be there. */
function isBegun(database: Sqlite): boolean {
  return database.pragma('user_version', { simple: true }) === BEGUN;
}

/**
 * Words that were taken out of the search index stand in it until it is written anew; FTS5's own `secure-delete` would do it
 * at once, and no SQLite before 3.42 could search the file any more. VACUUM leaves no free page, also of what was deleted
 * before; the WAL has the pages as they were, and is emptied last.
 */
function wipe(database: Sqlite): void {
  purgeIndex(database);
  forgetSamples(database);
  database.exec('VACUUM');
  emptyWal(database);
  database.pragma('user_version = 0');
}

/** ANALYZE, where somebody ran it, keeps keys of indexes as samples: ids, DNs. */
function forgetSamples(database: Sqlite): void {
  const samples = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat4'").get();
  if (samples !== undefined) database.exec('DELETE FROM sqlite_stat4');
}

/** How long somebody who is reading may take to end (ms). */
const READERS_MS = 1_000;

function emptyWal(database: Sqlite): void {
  database.pragma(`busy_timeout = ${READERS_MS}`);
  const [{ busy } = { busy: 1 }] = database.pragma('wal_checkpoint(TRUNCATE)') as {
    readonly busy: number;
  }[];
  if (busy === 0) return;
  throw new DatabaseError(
    'locked',
    `they are removed, but a program that reads ${database.name} keeps the WAL, in which they still stand`,
    'close that program, then run the same command again: it finishes',
  );
}
