// A database as the first version has left it.
import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { migrations } from '../../src/store/file/migrate.ts';

const FOLDER = new URL('../../migrations/', import.meta.url);

/** Writes at `path` what `current` holds, in the schema of the first migration. */
export function writeOlder(current: string, path: string): void {
  const older = new Database(path);
  try {
    older.pragma('journal_mode = wal');
    older.prepare('ATTACH ? AS newer').run(current);
    older.transaction(() => fill(older))();
  } finally {
    older.close();
  }
}

function fill(older: Database.Database): void {
  const known = migrations().slice(0, 1);
  older.exec(ledgerOf(older));
  older
    .prepare('INSERT INTO _migration SELECT * FROM newer._migration WHERE number <= ?')
    .run(known.at(-1)?.number ?? 0);
  for (const { name } of known) older.exec(readFileSync(new URL(name, FOLDER), 'utf8'));
  for (const table of tablesOf(older)) copy(older, table);
}

function ledgerOf(older: Database.Database): string {
  const sql = "SELECT sql FROM newer.sqlite_master WHERE name = '_migration'";
  return older.prepare<[], string>(sql).pluck().get() ?? '';
}

function tablesOf(older: Database.Database): readonly string[] {
  const sql = `SELECT name FROM main.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    AND name <> '_migration' AND name IN (SELECT name FROM newer.sqlite_master)`;
  return older.prepare<[], string>(sql).pluck().all();
}

function copy(older: Database.Database, table: string): void {
  const names = older.prepare<[string], string>(
    "SELECT group_concat(name) FROM pragma_table_info(?, 'main')",
  );
  const columns = names.pluck().get(table);
  older.exec(`DELETE FROM main.${table};
    INSERT INTO main.${table} (${columns}) SELECT ${columns} FROM newer.${table}`);
}
