// Real stores in temporary folders.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Employee } from '../../src/domain/employee.ts';
import { NO_WORK, type Page } from '../../src/domain/employee.ts';
import type { Frontier, RunOptions, RunStore } from '../../src/domain/ports.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { employeeOf, type Person, PROFILE, person, questionOf } from '../crawl/company.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';

/** The path of a database that does not exist yet. */
export function withPath<T>(use: (path: string) => Promise<T>): Promise<T> {
  return withTemporaryDirectory((dir) => use(join(dir, 'org.db')));
}

export const COMPANY = { people: [], roots: ['root'] };

export const RUN: RunOptions = {
  source: PROFILE,
  question: questionOf(COMPANY),
  resumeWithinMs: 60_000,
  fresh: false,
  dryRun: false,
  maxDrop: 1,
};

export function employee(id: string, managers: readonly string[] = [], more?: Partial<Person>) {
  return employeeOf(person(id, managers, more));
}

export function page(...employees: readonly Employee[]): Page {
  const entries = employees.length;
  return { employees, references: [], work: { ...NO_WORK, searches: 1, pages: 1, entries } };
}

/** A store whose run has begun with the root `root`, gone after `use`. */
export async function withRun<T>(use: (store: SqliteRunStore, path: string) => Promise<T>) {
  return withPath(async (path) => {
    using store = await startedStore(path);
    return await use(store, path);
  });
}

export async function startedStore(path: string, run = RUN): Promise<SqliteRunStore> {
  const store = SqliteRunStore.open(path);
  try {
    await store.start(run);
    await store.addRoots([employee('root')]);
    return store;
  } catch (error) {
    store[Symbol.dispose]();
    throw error;
  }
}

/** Takes everything that waits, one by one, and completes it with what `reportsOf` says. */
export async function readAll(
  frontier: Frontier,
  reportsOf: (id: string) => readonly Employee[] = () => [],
): Promise<readonly string[]> {
  const order: string[] = [];
  for (;;) {
    const [branch] = await frontier.take(1);
    if (branch === undefined) return order;
    order.push(branch.id);
    await frontier.commit(page(...reportsOf(branch.id)), [branch]);
  }
}

/** Everyone who was not seen is asked for: gone, unless `found` says otherwise. */
export async function askForUnseen(
  store: RunStore,
  found: (id: string) => Employee | null = () => null,
): Promise<readonly string[]> {
  const asked: string[] = [];
  for (;;) {
    const people = await store.unseen(500, new AbortController().signal);
    if (people.length === 0) return asked;
    for (const person of people) await store.settleUnseen(person, found(person.id));
    asked.push(...people.map(({ id }) => id));
  }
}

export function rows<Row = Record<string, unknown>>(path: string, sql: string): readonly Row[] {
  const database = new Database(path, { readonly: true });
  try {
    return database.prepare<[], Row>(sql).all();
  } finally {
    database.close();
  }
}

export function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8);
}

/** The bytes of a file, to be compared. */
export function bytesOf(path: string): string {
  return readFileSync(path).toString('base64');
}
