// A crawl of a real slapd by the program itself, in a process of its own.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { type Outcome, type RunOptions, runOrgwalk, startOrgwalk } from '../cli/orgwalk.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';

export interface Target {
  readonly url: string;
  /** A DN, or a filter in parentheses. */
  readonly root: string;
}

/** What `--json` printed. */
export interface Summary {
  readonly status: string;
  readonly resumed: boolean;
  readonly employees: number;
  readonly searches: number;
  readonly pages: number;
  readonly splits: number;
  readonly failedBranches: readonly {
    readonly employeeId: string;
    readonly reason: string;
    readonly resultCode: number | null;
  }[];
}

export type Row = Readonly<Record<string, unknown>>;

/** The path of a database that is not there yet, gone with its folder after `use`. */
export async function withDatabase<T>(use: (db: string) => Promise<T>): Promise<T> {
  return withTemporaryDirectory((dir) => use(join(dir, 'people.db')));
}

function argumentsOf({ url, root }: Target, db: string, more: readonly string[]) {
  const always = ['--rate', '0', '--json', '--progress', 'none'];
  return ['crawl', '--url', url, '--root', root, '--db', db, ...always, ...more];
}

export async function crawl(
  target: Target,
  db: string,
  more: readonly string[] = [],
  options: RunOptions = {},
): Promise<Outcome> {
  return runOrgwalk(argumentsOf(target, db, more), options);
}

/** A crawl that must end with `code`: what it told. */
export async function crawled(
  target: Target,
  db: string,
  more: readonly string[] = [],
  { code = 0, ...options }: RunOptions & { readonly code?: number } = {},
): Promise<Summary> {
  const outcome = await crawl(target, db, more, options);
  expect(outcome.code, outcome.stderr).toBe(code);
  return JSON.parse(outcome.stdout) as Summary;
}

/** Ends a crawl without notice (SIGKILL) as soon as it has committed `entries` entries. */
export async function crawlKilledAt(target: Target, db: string, entries: number): Promise<void> {
  const running = startOrgwalk(argumentsOf(target, db, []));
  const { child } = running;
  while (child.exitCode === null && committed(db) < entries) await delay(2);
  running.kill('SIGKILL');
  expect((await running.finished).signal).toBe('SIGKILL');
}

/** Of the last run; 0 while there is none. */
function committed(db: string): number {
  if (!existsSync(db)) return 0;
  const [run] = rowsOrNone(db, 'SELECT entries FROM runs ORDER BY id DESC LIMIT 1');
  return Number(run?.['entries'] ?? 0);
}

/** None also where the program has not come to make its views. */
function rowsOrNone(db: string, sql: string): readonly Row[] {
  try {
    return rows(db, sql);
  } catch (error) {
    if (error instanceof Database.SqliteError) return [];
    throw error;
  }
}

export function rows(db: string, sql: string): readonly Row[] {
  const database = new Database(db, { readonly: true });
  try {
    return database.prepare<[], Row>(sql).all();
  } finally {
    database.close();
  }
}
