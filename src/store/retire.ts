import { SLICE, untilNone } from './slices.ts';
import type { Sqlite } from './sqlite.ts';

/** Tables that a run needs only while it is unfinished. */
const WORK_TABLES = ['_frontier', '_doubt', '_answer'] as const;

/** Drops the working state of a finished run. The room it took serves the next one. */
export async function forgetWork(
  database: Sqlite,
  run: number,
  signal: AbortSignal,
): Promise<void> {
  for (const table of WORK_TABLES) await emptyOf(database, table, run, signal);
}

/** Drops an unfinished run with all that it recorded; what is published stays as it is. */
export async function eraseRun(database: Sqlite, run: number, signal: AbortSignal): Promise<void> {
  await forgetWork(database, run, signal);
  const erase = (sql: string) => {
    const statement = database.prepare(sql);
    return untilNone(() => statement.run(run).changes, signal);
  };
  await erase(
    `DELETE FROM _line WHERE vid IN (SELECT vid FROM _line WHERE vid IN (SELECT vid FROM _version WHERE from_run = ?) LIMIT ${SLICE})`,
  );
  await erase(
    `DELETE FROM _version WHERE vid IN (SELECT vid FROM _version WHERE from_run = ? LIMIT ${SLICE})`,
  );
  await erase('DELETE FROM _failure WHERE run = ?');
}

async function emptyOf(
  database: Sqlite,
  table: (typeof WORK_TABLES)[number],
  run: number,
  signal: AbortSignal,
): Promise<void> {
  const others = database.prepare(`SELECT 1 FROM ${table} WHERE run <> ? LIMIT 1`).get(run);
  if (others === undefined) {
    // Without a WHERE, SQLite frees the pages at once instead of visiting every row.
    database.exec(`DELETE FROM ${table}`);
    return;
  }
  const key = table === '_frontier' ? 'seq' : table === '_doubt' ? 'run, key, pid' : 'run, key';
  const statement = database.prepare(
    `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE run = ? LIMIT ${SLICE})`,
  );
  await untilNone(() => statement.run(run).changes, signal);
}
