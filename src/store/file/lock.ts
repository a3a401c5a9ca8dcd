import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import Database from 'better-sqlite3';
import { DatabaseError } from '../../domain/errors.ts';
import { refuseUnfitFolder, translating, withPrivateFiles } from './database.ts';
import { explained } from './errors.ts';
import { realPathOf } from './file-system.ts';
import type { Sqlite } from './sqlite.ts';

/** As long as someone who looks whether the lock is held may be in the way. */
const GLANCE_MS = 200;
/** How long a holder that has only just begun gets to say who it is. */
const NOTE_WITHIN_MS = 2_000;
const NOTE = /^process (\d+) on (.+), since \S+\n$/;

/**
 * The right to crawl into a database: an exclusive SQLite transaction on `<db>.lock`, held for the life of the
 * process. The kernel releases it whatever happens to the process, so nothing stale can be left. Who holds it is
 * written beside it, for the message to a second crawl only: never evidence of anything.
 */
export class CrawlerLock {
  readonly #database: Sqlite;
  readonly #note: string;

  private constructor(database: Sqlite, note: string) {
    this.#database = database;
    this.#note = note;
  }

  /** Throws at once when another crawl holds it. */
  static acquire(path: string): CrawlerLock {
    refuseUnfitFolder(path);
    const file = lockOf(path);
    const note = `${file}-holder`;
    const database = translating(path, () => withPrivateFiles(() => new Database(file)));
    try {
      database.pragma(`busy_timeout = ${GLANCE_MS}`);
      if (!begin(database, note)) throw held(path, note);
    } catch (error) {
      database.close();
      throw explained(error, file);
    }
    ignoringFailure(() => writeFileSync(note, `${thisProcess()}\n`, { mode: 0o600 }));
    return new CrawlerLock(database, note);
  }

  release(): void {
    // Before the lock is: afterwards it might be the next one's.
    ignoringFailure(() => rmSync(this.#note, { force: true }));
    this.#database.close();
  }
}

/** Whether a crawl into the database at `path` is at work: the kernel knows, whatever the database says. */
export function isCrawling(path: string): boolean {
  const file = lockOf(path);
  if (!existsSync(file)) return false;
  const database = new Database(file, { readonly: true });
  try {
    database.pragma('busy_timeout = 0');
    database.prepare('SELECT count(*) FROM sqlite_master').get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw explained(error, file);
  } finally {
    database.close();
  }
}

/** One lock for one database, by whatever name it is called. */
function lockOf(path: string): string {
  return `${realPathOf(path)}.lock`;
}

/** Whether the lock was free. Whoever took it a moment ago is given the time to say who it is. */
function begin(database: Sqlite, note: string): boolean {
  const until = performance.now() + NOTE_WITHIN_MS;
  do {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return true;
    } catch (error) {
      if (!isBusy(error)) throw error;
    }
  } while (holderIn(note) === undefined && performance.now() < until);
  return false;
}

function held(path: string, note: string): DatabaseError {
  const holder = holderIn(note);
  return new DatabaseError(
    'locked',
    `another crawl is writing to ${path}${holder === undefined ? '' : ` (${holder})`}`,
    'wait until it ends, or stop it; readers need not wait',
  );
}

function thisProcess(): string {
  return `process ${process.pid} on ${hostname()}, since ${new Date().toISOString()}`;
}

/** Undefined where nobody has said so, or someone who is no more: the holder's own words are still to come. */
function holderIn(note: string): string | undefined {
  const [text, pid, host] = NOTE.exec(readIfThere(note)) ?? [];
  const gone = host === hostname() && !isAlive(Number(pid));
  return gone ? undefined : text?.trimEnd();
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A crawl must not fail for a note that is only there to be polite. */
function ignoringFailure(act: () => void): void {
  try {
    act();
  } catch {
    // A full disk or a read-only folder: SQLite will say so where it matters.
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY');
}
