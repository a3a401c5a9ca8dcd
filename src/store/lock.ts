import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import Database from 'better-sqlite3';
import { DatabaseError } from '../domain/errors.ts';
import { openForReading, refuseMissingFolder, translating, withPrivateFiles } from './database.ts';
import { explained } from './errors.ts';
import type { Sqlite } from './sqlite.ts';

/** As long as someone who looks whether the lock is held may be in the way. */
const GLANCE_MS = 200;

/**
 * The right to crawl into a database: an exclusive SQLite transaction on `<db>.lock`, held for the life of the
 * process. The kernel releases it whatever happens to the process, so nothing stale can be left.
 */
export class CrawlerLock {
  readonly #database: Sqlite;

  private constructor(database: Sqlite) {
    this.#database = database;
  }

  /** Throws at once when another crawl holds it. */
  static acquire(path: string): CrawlerLock {
    refuseMissingFolder(path);
    const database = translating(path, () => withPrivateFiles(() => new Database(`${path}.lock`)));
    try {
      database.pragma(`busy_timeout = ${GLANCE_MS}`);
      database.exec('BEGIN EXCLUSIVE');
      return new CrawlerLock(database);
    } catch (error) {
      database.close();
      if (!isBusy(error)) throw explained(error, `${path}.lock`);
      throw new DatabaseError(
        'locked',
        `another crawl is writing to ${path}${holderOf(path)}`,
        'wait until it ends, or stop it; readers need not wait',
        { cause: error },
      );
    }
  }

  release(): void {
    this.#database.close();
  }
}

/** Whether a crawl into the database at `path` is at work: the kernel knows, whatever the database says. */
export function isCrawling(path: string): boolean {
  if (!existsSync(`${path}.lock`)) return false;
  const database = new Database(`${path}.lock`, { readonly: true });
  try {
    database.pragma('busy_timeout = 0');
    database.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw explained(error, `${path}.lock`);
  } finally {
    database.close();
  }
}

/** For the message to a second crawl only; never evidence of anything. */
export function thisProcess(): string {
  return `process ${process.pid} on ${hostname()}, since ${new Date().toISOString()}`;
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

function holderOf(path: string): string {
  try {
    const database = openForReading(path);
    const who = database.prepare<unknown[], string>('SELECT who FROM _holder').pluck().get();
    database.close();
    return who === undefined ? '' : ` (${who})`;
  } catch {
    // It has only just begun: what the second crawl must know is said without it.
    return '';
  }
}
