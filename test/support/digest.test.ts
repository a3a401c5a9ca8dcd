import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { digestDatabase } from './digest.ts';
import { withTemporaryDirectory } from './temporary.ts';

const PEOPLE = [
  "INSERT INTO _people VALUES ('1', 'Anna', 7, '2026-01-01T00:00:00.000Z', 1)",
  "INSERT INTO _people VALUES ('2', 'Zoë', NULL, '2026-01-01T00:00:00.000Z', 1)",
  "INSERT INTO _people VALUES ('3', 'zoë', 7, '2026-01-01T00:00:00.000Z', 1)",
];

const RUN = "INSERT INTO _run VALUES (1, 'published', 3, 100, 200, 'then')";

const VIEWS = [
  'CREATE VIEW employees AS SELECT id, name, boss, at FROM _people',
  'CREATE VIEW runs AS SELECT id, status, employees, searches, pages, started_at FROM _run',
  'CREATE VIEW changes AS SELECT run_id, at, id AS employee_id FROM _people',
  'CREATE VIEW _private AS SELECT id FROM _people',
];

const TABLES = [
  'CREATE TABLE _people (id TEXT, name TEXT COLLATE NOCASE, boss INTEGER, at TEXT, run_id INTEGER)',
  'CREATE TABLE _run (id INTEGER, status TEXT, employees INTEGER, searches INTEGER, pages INTEGER, started_at TEXT)',
];

function digestOf(statements: readonly string[]): Promise<string> {
  return withTemporaryDirectory(async (dir) => {
    const path = write(dir, statements);
    return digestDatabase(path);
  });
}

function write(dir: string, statements: readonly string[]): string {
  const path = join(dir, 'x.db');
  const database = new Database(path);
  database.exec(['BEGIN', ...statements, 'COMMIT'].join(';\n'));
  database.close();
  return path;
}

const whole = [...TABLES, ...PEOPLE, RUN, ...VIEWS];
const changed = (statement: string) => digestOf([...whole, statement]);

describe('the digest of a database', () => {
  it('is a SHA-256 that stays the same', async () => {
    expect(await digestOf(whole)).toMatch(/^[0-9a-f]{64}$/);
    expect(await digestOf(whole)).toBe(await digestOf(whole));
  });

  it('does not depend on the order of rows, of columns, of views', async () => {
    const columns = 'CREATE VIEW employees AS SELECT at, boss, name, id FROM _people';
    const turned = [...VIEWS.slice(1).toReversed(), columns];
    const other = [...TABLES, RUN, ...PEOPLE.toReversed(), ...turned];
    expect(await digestOf(other)).toBe(await digestOf(whole));
  });

  it.each([
    ['times', "UPDATE _people SET at = 'now'"],
    ['times of runs', "UPDATE _run SET started_at = 'now'"],
    ['run ids', 'UPDATE _run SET id = 2'],
    ['run ids elsewhere', 'UPDATE _people SET run_id = 2'],
    ['counts of work', 'UPDATE _run SET searches = 1, pages = 2'],
    ['private tables', 'CREATE TABLE _more AS SELECT 1 AS x'],
    ['private views', 'DROP VIEW _private'],
  ])('leaves out %s', async (_what, statement) => {
    expect(await changed(statement)).toBe(await digestOf(whole));
  });

  it.each([
    ['one value', "UPDATE _people SET name = 'Ann' WHERE id = '1'"],
    ['the case of one letter', "UPDATE _people SET name = 'anna' WHERE id = '1'"],
    ['null for a number', "UPDATE _people SET boss = NULL WHERE id = '1'"],
    ['text for a number', "UPDATE _people SET id = '01' WHERE id = '1'"],
    ['values swapped between rows', "UPDATE _people SET id = '5' - id"],
    ['a row less', "DELETE FROM _people WHERE id = '1'"],
    ['a row twice', "INSERT INTO _people SELECT * FROM _people WHERE id = '1'"],
    ['a result of a run', 'UPDATE _run SET employees = 4'],
    ['a view more', 'CREATE VIEW findings AS SELECT 1 AS kind'],
    ['a view less', 'DROP VIEW changes'],
  ])('sees %s', async (_what, statement) => {
    expect(await changed(statement)).not.toBe(await digestOf(whole));
  });

  it('is printed by a command', async () => {
    await withTemporaryDirectory(async (dir) => {
      const path = write(dir, whole);
      const command = fileURLToPath(new URL('../tools/digest.ts', import.meta.url));
      const { stdout } = await promisify(execFile)(process.execPath, [command, path]);
      expect(stdout).toBe(`${digestDatabase(path)}  ${path}\n`);
    });
  });
});
