import { chmodSync, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { DatabaseError } from '../../domain/errors.ts';
import { dropLeftovers, walOf } from './beside.ts';
import { explained } from './errors.ts';
import { refuseNetworkFileSystem } from './file-system.ts';
import { migrate, refuseEmpty, refuseNewer } from './migrate.ts';
import type { Sqlite } from './sqlite.ts';

/** How long a statement waits for another writer (ms). It blocks the event loop, so it is short. */
const BUSY_TIMEOUT_MS = 5_000;
/** Page cache in KiB: more than a page of employees touches. The system's own cache holds the rest as fast: 8 MiB took as long. */
const CACHE_KIB = 1_024;
/** Pages in the WAL before it is copied into the file: each copy waits for the disk. */
const CHECKPOINT_PAGES = 8_192;

/** Opens the database for the crawler: created with mode 0600 where missing, checked, migrated. */
export function openForWriting(path: string): Sqlite {
  refuseUnfitFolder(path);
  return translating(path, () => {
    const checked = checkBehindWal(path);
    const database = withPrivateFiles(() => connect(path, false));
    try {
      if (statSync(path).size === 0) beginAnew(path);
      if (!checked) refuseUnusable(database);
      prepareForWriting(database);
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  });
}

/** Opens an existing database for questions: nothing can be written through this handle. */
export function openForReading(path: string): Sqlite {
  refuseMissing(path);
  refuseFolder(path);
  refuseNetworkFileSystem(path);
  return translating(path, () => {
    const database = connect(path, true);
    try {
      refuseNewer(database, path);
      refuseEmpty(database, path);
      database.pragma('query_only = on');
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  });
}

/** Before anything is created. Throws a `DatabaseError`. */
export function refuseMissing(path: string): void {
  if (existsSync(path)) return;
  throw new DatabaseError(
    'missing',
    `there is no database at ${path}`,
    'name it with --db, or make one with: orgwalk crawl',
  );
}

/** Runs `use`, with SQLite's errors told in words that help. */
export function translating<T>(path: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw explained(error, path);
  }
}

function connect(path: string, readonly: boolean): Sqlite {
  // The native module dies with SIGSEGV on a Node that is too old: nothing could catch that.
  if (Number.parseInt(process.versions.node, 10) < 22) throw new Error('needs Node 22 or newer');
  const database = new Database(path, { readonly, fileMustExist: readonly });
  database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
  return database;
}

function beginAnew(path: string): void {
  chmodSync(path, 0o600);
  dropLeftovers(path);
}

/** SQLite creates the file, its WAL and its shm by the process's umask. */
export function withPrivateFiles<T>(create: () => T): T {
  const before = process.umask(0o077);
  try {
    return create();
  } finally {
    process.umask(before);
  }
}

/**
 * Closing a handle that can write copies the WAL into the file, which is to stay byte for byte as it is where it is
 * refused: so it is looked at through one that cannot. Returns whether there was a WAL.
 */
function checkBehindWal(path: string): boolean {
  // Without its file, a WAL is nobody's.
  if (!existsSync(path) || !existsSync(walOf(path))) return false;
  const database = withPrivateFiles(() => connect(path, true));
  try {
    refuseUnusable(database);
  } finally {
    database.close();
  }
  return true;
}

/** Before the journal mode is touched. */
function refuseUnusable(database: Sqlite): void {
  refuseNewer(database, database.name);
  if (!isEmpty(database)) refuseDamaged(database);
}

function prepareForWriting(database: Sqlite): void {
  withPrivateFiles(() => database.pragma('journal_mode = wal'));
  database.pragma('synchronous = normal');
  database.pragma('foreign_keys = on');
  database.pragma(`cache_size = -${CACHE_KIB}`);
  database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  migrate(database);
}

function isEmpty(database: Sqlite): boolean {
  return database.pragma('page_count', { simple: true }) === 0;
}

function refuseDamaged(database: Sqlite): void {
  const verdict = database.pragma('quick_check(1)', { simple: true });
  if (verdict === 'ok') return;
  throw new DatabaseError(
    'corrupt',
    `the database ${database.name} is damaged`,
    'restore a backup, or move the file away and crawl into a new one; nothing was changed',
  );
}

/** Before anything is created in it. */
export function refuseUnfitFolder(path: string): void {
  refuseFolder(path);
  refuseMissingFolder(dirname(path));
  refuseNetworkFileSystem(path);
}

function refuseMissingFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  throw new DatabaseError(
    'not-writable',
    `the folder ${folder} does not exist`,
    'create it, or name another file with --db',
  );
}

function refuseFolder(path: string): void {
  if (!existsSync(path) || !statSync(path).isDirectory()) return;
  throw new DatabaseError('not-a-database', `${path} is a folder`, 'name a file in it with --db');
}
