import type Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForWriting } from '../../src/store/file/database.ts';
import { publicViews } from '../support/digest.ts';
import { withPath } from './stores.ts';

/** The public promise: names and order. Adding a column at the end is no breach, anything else is. */
const VIEWS = {
  employees: `id dn username name given_name surname email title department employee_number phone location active
    manager_id manager_dn depth direct_reports total_reports first_seen_at changed_at confirmed_at attributes`,
  reporting_lines: 'employee_id manager_id manager_dn is_primary',
  employee_history: `id dn username name given_name surname email title department employee_number phone location active
    manager_id manager_dn attributes valid_from valid_to`,
  changes: 'run_id at employee_id kind before after',
  runs: `id status question started_at finished_at published_at employees searches entries pages retries
    failed_branches joined left detached returned moved changed`,
  failures: 'run_id employee_id dn reason result_code attempts last_error',
  findings: 'kind employee_id detail first_seen_at last_seen_at',
  crawl_employees: `id dn username name given_name surname email title department employee_number phone location active
    manager_id manager_dn first_seen_at changed_at confirmed_at attributes`,
} as const;

const names = Object.keys(VIEWS) as (keyof typeof VIEWS)[];

describe('the public views', () => {
  let database: Database.Database;
  let close: () => void;
  let closed: Promise<void>;

  beforeAll(async () => {
    const opened = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    close = done.resolve;
    closed = withPath(async (path) => {
      database = openForWriting(path);
      opened.resolve();
      await done.promise;
      database.close();
    });
    await opened.promise;
  });

  afterAll(async () => {
    close();
    await closed;
  });

  it('are these', () => {
    expect(publicViews(database)).toEqual(names.toSorted());
  });

  it.each(names)('%s has its columns in their order', (view) => {
    const columns = database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)');
    expect(columns.pluck().all(view)).toEqual(VIEWS[view].split(/\s+/));
  });

  it.each(names)('%s can be read before anything was published', (view) => {
    expect(database.prepare(`SELECT * FROM ${view}`).all()).toEqual([]);
  });
});
