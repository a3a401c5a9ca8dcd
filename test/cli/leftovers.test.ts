// What SQLite keeps beside a database: nothing of it outlives a question, nor the database that it belonged to.
import { copyFile, readdir, rm } from 'node:fs/promises';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { team, withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { crawlOf, expectRefusal, runOrgwalk, withCrawled, withPlace } from './orgwalk.ts';

const FILES = ['people.db', 'people.db.lock'];

/** Leaves a WAL with pages in it, and its index, as a process that was killed does. */
async function leaveWal(db: string): Promise<void> {
  const writing = new Database(db);
  writing.exec("UPDATE _version SET name = 'of the removed one'");
  for (const suffix of ['-wal', '-shm']) await copyFile(db + suffix, `${db}.aside${suffix}`);
  writing.close();
  for (const suffix of ['-wal', '-shm']) {
    await copyFile(`${db}.aside${suffix}`, db + suffix);
    await rm(`${db}.aside${suffix}`);
  }
}

/** What a crawl that begins anew gives, where nothing is in its way. */
async function expectBegunAnew(url: string, db: string): Promise<void> {
  const { code, stdout, stderr } = await runOrgwalk(crawlOf({ url }, db, '--json'));
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ runId: 1, employees: 100 });
}

function valuesOf(db: string, sql: string): readonly unknown[] {
  const database = new Database(db, { readonly: true });
  try {
    return database.prepare(sql).pluck().all();
  } finally {
    database.close();
  }
}

describe('a question', () => {
  test('leaves nothing beside the database, answered or refused', async () => {
    const questions = [
      ['query', 'SELECT count(*) FROM employees'],
      ...[['status'], ['runs'], ['tree', 'nobody at all'], ['query', 'SELECT nothing']],
    ];
    await withCrawled(async ({ folder, db }) => {
      for (const question of questions) {
        await runOrgwalk([...question, '--db', db]);
        expect([question, ...(await readdir(folder)).toSorted()]).toEqual([question, ...FILES]);
      }
    });
  });

  test('leaves a WAL that holds something, for the next crawl to take in', async () => {
    await withCrawled(async ({ folder, db, server }) => {
      await leaveWal(db);
      const asked = await runOrgwalk(['query', 'SELECT DISTINCT name FROM employees', '--db', db]);
      expect(asked.stdout).toContain('of the removed one');
      expect(await readdir(folder)).toContain('people.db-wal');
      expect((await runOrgwalk(crawlOf(server, db))).code).toBe(0);
      expect((await readdir(folder)).toSorted()).toEqual(FILES);
    });
  });
});

describe('where the database was removed', () => {
  test('after a question, a crawl begins anew', async () => {
    await withCrawled(async ({ db, server }) => {
      await runOrgwalk(['query', 'SELECT 1', '--db', db]);
      await rm(db);
      await expectBegunAnew(server.url, db);
    });
  });

  test('but not its WAL, nothing of that comes back', async () => {
    await withCrawled(async ({ folder, db, server }) => {
      await leaveWal(db);
      await rm(db);
      await expectBegunAnew(server.url, db);
      expect((await readdir(folder)).toSorted()).toEqual(FILES);
      expect(valuesOf(db, 'SELECT count(DISTINCT name) FROM employees')).not.toEqual([1]);
      expect(valuesOf(db, 'PRAGMA integrity_check')).toEqual(['ok']);
    });
  });

  test('under someone who is reading it, the new one is whole', async () => {
    await withCrawled(async ({ db, server }) => {
      const before = digestDatabase(db);
      const open = new Database(db);
      try {
        open.exec("UPDATE _version SET name = 'of the removed one'");
        await rm(db);
        await expectBegunAnew(server.url, db);
        expect(digestDatabase(db)).toBe(before);
      } finally {
        open.close();
      }
      expect(valuesOf(db, 'PRAGMA integrity_check')).toEqual(['ok']);
      expect(digestDatabase(db)).toBe(before);
    });
  });
});

test('--retry-failed without a database says so, asks nothing and creates nothing: exit 7', async () => {
  await withPlace(({ folder, db }) =>
    withServer({ directory: team(3) }, async (server) => {
      const outcome = await runOrgwalk(crawlOf(server, db, '--retry-failed'));
      expectRefusal(outcome, {
        ...{ code: 7, error: /^there is no database at .*people\.db$/ },
        hint: /--db.*orgwalk crawl/,
      });
      expect(await readdir(folder)).toEqual([]);
      expect(server.stats.connections).toBe(0);
    }),
  );
});
