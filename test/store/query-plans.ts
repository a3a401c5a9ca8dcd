// How SQLite would carry out statements.
import type { Sqlite } from '../../src/store/file/sqlite.ts';

/** The statements that are prepared while `use` runs. */
export function recorded(database: Sqlite, use: () => void): readonly string[] {
  const statements: string[] = [];
  const prepare = database.prepare.bind(database);
  database.prepare = ((sql: string) => {
    statements.push(sql);
    return prepare(sql);
  }) as typeof database.prepare;
  use();
  database.prepare = prepare;
  return statements;
}

export function planOf(database: Sqlite, sql: string): readonly string[] {
  const holes = sql.match(/\?|@\w+/g) ?? [];
  const values = holes.every((hole) => hole === '?')
    ? holes.map(() => 1)
    : [Object.fromEntries(holes.map((hole) => [hole.slice(1), 1]))];
  return database
    .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...values)
    .map(({ detail }) => detail);
}
