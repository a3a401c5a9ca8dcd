import { SLICE, untilNone } from './file/slices.ts';
import type { Sqlite } from './file/sqlite.ts';
import { applyRespelling } from './recording/respelling.ts';

/** Tables that a run needs only while it is unfinished, and their keys. */
const WORK_TABLES = {
  _frontier: 'seq',
  _doubt: 'run, key, pid',
  _answer: 'run, key',
  _twin: 'run, id, pid',
  _finding: 'run, pid, kind, detail',
  _respelt: 'run, vid, n',
  _gone: 'run, pid',
  _dead_end: 'run, key',
} as const;
type WorkTable = keyof typeof WORK_TABLES;
const TABLES = Object.keys(WORK_TABLES) as readonly WorkTable[];

/**
 * Drops the working state of a finished run. The room it took serves the next one.
 * @param but what a run that is held still needs
 */
export async function forgetWork(
  database: Sqlite,
  run: number,
  signal: AbortSignal,
  but?: WorkTable,
): Promise<void> {
  for (const table of TABLES) if (table !== but) await emptyOf(database, table, run, signal);
}

/** What there is of a held run that cannot be released any more. */
export async function forgetHeld(
  database: Sqlite,
  run: number,
  signal: AbortSignal,
): Promise<void> {
  // Numbers of versions that are erased are given again: a failure would name whoever gets them.
  await erasing(database, run, signal)('DELETE FROM _failure WHERE run = ?');
  await eraseVersions(database, run, signal);
  await emptyOf(database, '_respelt', run, signal);
}

/**
 * Drops an unfinished run with all that it recorded; what is published stays as it is. Its working state goes last: as
 * long as some of it is there, `clearRemains` knows that there is more to drop.
 */
export async function eraseRun(database: Sqlite, run: number, signal: AbortSignal): Promise<void> {
  await eraseVersions(database, run, signal);
  await erasing(database, run, signal)('DELETE FROM _failure WHERE run = ?');
  await forgetWork(database, run, signal);
}

/** Drops the versions of a run that was never published, and that nothing published or prepared stands on. */
async function eraseVersions(database: Sqlite, run: number, signal: AbortSignal): Promise<void> {
  const erase = erasing(database, run, signal);
  await erase(
    `DELETE FROM _line WHERE vid IN (SELECT vid FROM _line WHERE vid IN (SELECT vid FROM _version WHERE from_run = ?) LIMIT ${SLICE})`,
  );
  await erase(
    `DELETE FROM _version WHERE vid IN (SELECT vid FROM _version WHERE from_run = ? LIMIT ${SLICE})`,
  );
}

function erasing(database: Sqlite, run: number, signal: AbortSignal) {
  return (sql: string) => {
    const statement = database.prepare(sql);
    return untilNone(() => statement.run(run).changes, signal);
  };
}

/** Drops what a process that was killed while it retired a run has left of it. */
export async function clearRemains(database: Sqlite, signal: AbortSignal): Promise<void> {
  const remains = database
    .prepare<unknown[], { readonly id: number; readonly status: string }>(
      `SELECT id, status FROM _run WHERE status NOT IN ('running', 'interrupted')
         AND (id IN (SELECT run FROM _frontier) OR id IN (SELECT run FROM _respelt))`,
    )
    .all();
  for (const { id, status } of remains) {
    if (status === 'abandoned') await eraseRun(database, id, signal);
    if (status === 'published' || status === 'partial') await applyRespelling(database, id, signal);
    await forgetWork(database, id, signal, status === 'held' ? '_respelt' : undefined);
  }
}

async function emptyOf(
  database: Sqlite,
  table: WorkTable,
  run: number,
  signal: AbortSignal,
): Promise<void> {
  const others = database.prepare(`SELECT 1 FROM ${table} WHERE run <> ? LIMIT 1`).get(run);
  if (others === undefined) {
    // Without a WHERE, SQLite frees the pages at once instead of visiting every row.
    database.exec(`DELETE FROM ${table}`);
    return;
  }
  const key = WORK_TABLES[table];
  const statement = database.prepare(
    `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE run = ? LIMIT ${SLICE})`,
  );
  await untilNone(() => statement.run(run).changes, signal);
}
