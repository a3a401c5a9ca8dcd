import type Database from 'better-sqlite3';

/** A connection to SQLite. */
export type Sqlite = Database.Database;

/**
 * A parameter that is not compared bare with an indexed column. Where its value might sway the plan, SQLite as
 * better-sqlite3 builds it (STAT4) prepares the statement anew for each one (sqlite.org/c3ref/prepare.html): ten
 * times the cost of finding a row.
 */
export const TEXT = 'CAST(? AS TEXT)';
export const INTEGER = 'CAST(? AS INTEGER)';
