// One number for all that readers see in a database: equal for the same directory, however it was crawled.
import { createHash, type Hash } from 'node:crypto';
import Database from 'better-sqlite3';

/** Times and run ids differ between crawls of the same directory. */
const TIME_OR_RUN = /(^|_)at$|^valid_(from|to)$|^run_id$|_run_id$/;

/** Counts of work, and of runs the id. */
const LEFT_OUT: Readonly<Record<string, readonly string[]>> = {
  runs: ['id', 'searches', 'entries', 'pages', 'retries', 'reconnects', 'splits'],
  failures: ['attempts'],
};

/**
 * SHA-256 (hex) over all public views of the database at `path`: every view whose name does not begin with `_`,
 * without times, run ids and counts of work. Depends on no order of rows or columns.
 */
export function digestDatabase(path: string): string {
  const database = new Database(path, { readonly: true });
  try {
    const hash = createHash('sha256');
    for (const view of publicViews(database)) addView(database, view, hash);
    return hash.digest('hex');
  } finally {
    database.close();
  }
}

export function publicViews(database: Database.Database): readonly string[] {
  const sql = `SELECT name FROM sqlite_master WHERE type = 'view' AND name NOT LIKE '\\_%' ESCAPE '\\' ORDER BY name`;
  return database.prepare<[], string>(sql).pluck().all();
}

/** The columns of a view that the digest covers, in the order in which it reads them. */
export function digestedColumns(database: Database.Database, view: string): readonly string[] {
  const names = database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)');
  const leftOut = LEFT_OUT[view] ?? [];
  return names
    .pluck()
    .all(view)
    .filter((column) => !TIME_OR_RUN.test(column) && !leftOut.includes(column))
    .toSorted();
}

/** Rows are sorted by SQLite, which does it on disk where they are many; equal rows may stand in any order. */
function addView(database: Database.Database, view: string, hash: Hash): void {
  const columns = digestedColumns(database, view);
  hash.update(`${JSON.stringify([view, columns])}\n`);
  if (columns.length === 0) return;
  const list = columns.map(quoted).join(', ');
  const order = columns.map((column) => `${quoted(column)} COLLATE BINARY`).join(', ');
  const rows = database.prepare<[], unknown[]>(
    `SELECT ${list} FROM ${quoted(view)} ORDER BY ${order}`,
  );
  for (const row of rows.raw().iterate()) hash.update(`${JSON.stringify(row)}\n`);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
