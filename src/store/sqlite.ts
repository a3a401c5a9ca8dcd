import type Database from 'better-sqlite3';

/** A connection to SQLite. */
export type Sqlite = Database.Database;
