// SQL over the views: anything may be asked, nothing can be written.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { SUFFIX, withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { HOSTILE_PEOPLE, readingHostilePeople } from './hostile-people.ts';
import { crawlOf, expectRefusal, PROGRAM, runOrgwalk, withPlace } from './orgwalk.ts';

const { db, read, printed } = readingHostilePeople();

describe('query', () => {
  const WRITING = [
    'DELETE FROM _run',
    'INSERT INTO _published VALUES (2, 2, 2) RETURNING run',
    'UPDATE _run SET status = 1',
    'DROP VIEW employees',
    'CREATE TABLE x (y)',
    'PRAGMA journal_mode = delete',
    'PRAGMA wal_checkpoint(truncate)',
    'PRAGMA user_version = 5',
    'VACUUM',
    "VACUUM INTO 'copy.db'",
    "ATTACH 'other.db' AS other",
    'BEGIN IMMEDIATE',
  ];
  test.each(WRITING)('refuses %s: exit 2, nothing changed', async (sql) => {
    const before = digestDatabase(db());
    const outcome = await read('query', sql);
    expectRefusal(outcome, { code: 2, error: /^the SQL was refused: /, hint: /SELECT/ });
    expect(digestDatabase(db())).toBe(before);
  });

  test.each([
    'SELEKT 1',
    'SELECT 1; SELECT 2',
    'SELECT nothing FROM employees',
    'SELECT ?',
    '   ;',
    "SELECT load_extension('x')",
  ])('tells what is wrong with %s: exit 2', async (sql) => {
    expectRefusal(await read('query', sql), { code: 2, error: /^the SQL was refused: / });
  });

  test('keeps columns of the same name apart', async () => {
    const sql = 'SELECT 1 AS n, 2 AS n, 3 AS n_2, 4 AS n';
    expect(await printed('query', sql, '--format', 'csv')).toBe('n,n_3,n_2,n_4\n1,2,3,4\n');
    expect(JSON.parse(await printed('query', sql, '--format', 'json'))).toEqual([
      { n: 1, n_3: 2, n_2: 3, n_4: 4 },
    ]);
    expect(await printed('query', sql)).toMatch(/n\s+n_3\s+n_2\s+n_4\n\s*1\s+2\s+3\s+4\n/);
  });

  test('takes its words with or without quotes', async () => {
    expect(
      await printed('query', 'SELECT', 'count(*)', 'AS', 'n', 'FROM', 'runs', '--format', 'ndjson'),
    ).toBe('{"n":1}\n');
  });

  test('takes what stands behind -- as it is', async () => {
    const sql = '-- how many\nSELECT 1 AS n';
    const { stdout } = await runOrgwalk(['query', '--db', db(), '--format', 'ndjson', '--', sql]);
    expect(stdout).toBe('{"n":1}\n');
  });

  test('prints an empty answer in every form', async () => {
    const sql = 'SELECT id, name FROM employees WHERE 0';
    expect(await printed('query', sql, '--format', 'json')).toBe('[]\n');
    expect(await printed('query', sql, '--format', 'ndjson')).toBe('');
    expect(await printed('query', sql, '--format', 'csv')).toBe('id,name\n');
  });

  test('prints bytes in base64, nulls as such, and a column named __proto__', async () => {
    const sql = `SELECT x'00ff' AS bytes, NULL AS missing, 1.5 AS real, 7 AS "__proto__"`;
    const text = await printed('query', sql, '--format', 'ndjson');
    expect(text).toBe('{"bytes":"AP8=","missing":null,"real":1.5,"__proto__":7}\n');
    expect(await printed('query', sql, '--format', 'csv')).toContain('AP8=,,1.5,7');
  });
});

test('a reader that stops reading is no error', async () => {
  const sql =
    'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT i FROM n';
  const { PATH = '' } = process.env;
  const args = [PROGRAM, 'query', sql, '--db', db(), '--format', 'ndjson'];
  const child = spawn(process.execPath, args, { env: { PATH }, stdio: ['ignore', 'pipe', 'pipe'] });
  const errors: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdout.once('data', () => child.stdout.destroy());
  const [code] = await once(child, 'close');
  expect([code, Buffer.concat(errors).toString()]).toEqual([0, '']);
});

test('a database is read while it is being crawled into', async () => {
  await withPlace(async (place) => {
    await withServer({ directory: HOSTILE_PEOPLE }, async ({ url }) => {
      const root = `uid=p1,${SUFFIX}`;
      await runOrgwalk(crawlOf({ url, root }, place.db));
      const [crawled, told] = await Promise.all([
        runOrgwalk(crawlOf({ url, root }, place.db)),
        runOrgwalk(['tree', 'p1', '--db', place.db]),
      ]);
      expect([crawled.code, told.code, told.stderr]).toEqual([0, 0, '']);
    });
  });
});
