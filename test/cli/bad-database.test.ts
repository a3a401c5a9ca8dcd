// A database that cannot be used: exit 7 in two lines, and the file as it was.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { CrawlerLock } from '../../src/store/file/lock.ts';
import { withServer } from '../simulate/servers.ts';
import {
  crawlOf,
  expectRefusal,
  leavingDatabase,
  modeOf,
  runOrgwalk,
  withCrawled,
  withPlace,
} from './orgwalk.ts';

const READING: readonly (readonly string[])[] = [
  ['status'],
  ['runs'],
  ['tree', 'ceo'],
  ['chain', 'ceo'],
  ['query', 'SELECT 1'],
];

describe('a file that is no database', () => {
  test('is left byte for byte by a crawl, which asks the server nothing: exit 7', async () => {
    await withPlace(({ db }) =>
      withServer({}, async (server) => {
        await writeFile(db, 'my diary\n'.repeat(1_000));
        expectRefusal(await runOrgwalk(crawlOf(server, db)), {
          code: 7,
          error: /people\.db is not a SQLite database$/,
          hint: /--db/,
        });
        expect(await readFile(db, 'utf8')).toBe('my diary\n'.repeat(1_000));
        expect(server.stats.connections).toBe(0);
      }),
    );
  });

  test.each(READING)('is refused by %s: exit 7', async (...command) => {
    await withPlace(async ({ db }) => {
      await writeFile(db, 'my diary\n'.repeat(1_000));
      const outcome = await runOrgwalk([...command, '--db', db]);
      expectRefusal(outcome, { code: 7, error: /is not a SQLite database$/ });
    });
  });

  test('but a folder is called one: exit 7', async () => {
    await withPlace(async ({ folder }) => {
      const error = /is a folder$/;
      expectRefusal(await runOrgwalk(['status', '--db', folder]), { code: 7, error });
      const args = crawlOf({ url: 'ldap://127.0.0.1:9' }, folder);
      expectRefusal(await runOrgwalk(args), { code: 7, error });
    });
  });

  test('but of another program is left alone by the reading commands: exit 7', async () => {
    await withPlace(async ({ db }) => {
      const other = new Database(db);
      other.exec('CREATE TABLE song (title TEXT); INSERT INTO song VALUES (1)');
      other.close();
      const before = await readFile(db);
      for (const command of READING) {
        const outcome = await runOrgwalk([...command, '--db', db]);
        expectRefusal(outcome, { code: 7, error: /people\.db/ });
      }
      const crawl = crawlOf({ url: 'ldap://127.0.0.1:9' }, db);
      expectRefusal(await runOrgwalk(crawl), { code: 7, error: /was not made by orgwalk$/ });
      expect((await readFile(db)).equals(before)).toBe(true);
    });
  });

  test('but its lock is in the way: exit 7', async () => {
    await withPlace(async ({ db }) => {
      await writeFile(`${db}.lock`, 'something else\n'.repeat(1_000));
      const outcome = await runOrgwalk(crawlOf({ url: 'ldap://127.0.0.1:9' }, db));
      expectRefusal(outcome, { code: 7, error: /people\.db\.lock is not a SQLite database$/ });
    });
  });
});

describe('a database that is not there', () => {
  test.each(READING)('is named by %s, with what to do: exit 7', async (...command) => {
    await withPlace(async ({ db }) => {
      expectRefusal(await runOrgwalk([...command, '--db', db]), {
        code: 7,
        error: /^there is no database at .*people\.db$/,
        hint: /orgwalk crawl/,
      });
    });
  });

  test('nor its folder: a crawl asks the server nothing: exit 7', async () => {
    await withPlace(({ folder }) =>
      withServer({}, async (server) => {
        const outcome = await runOrgwalk(crawlOf(server, join(folder, 'no', 'x.db')));
        expectRefusal(outcome, { code: 7, error: /^the folder .*no does not exist$/ });
        expect(server.stats.connections).toBe(0);
      }),
    );
  });
});

describe('a database that belongs to someone else', () => {
  test('as of another directory is refused and kept: exit 7', async () => {
    await withCrawled(async ({ db }) => {
      const directory = syntheticOrganisation({ people: 10, seed: 1, suffix: 'dc=other,dc=org' });
      await withServer({ directory }, async ({ url }) => {
        const args = ['crawl', '--url', url, '--root', directory.rootDn, '--db', db];
        expectRefusal(await leavingDatabase(db, () => runOrgwalk(args)), {
          code: 7,
          error: /belongs to another directory \(dc=example,dc=com, not dc=other,dc=org\)$/,
          hint: /--db.*nothing was changed/,
        });
      });
    });
  });

  test('as locked by another crawl is refused at once, naming the holder: exit 7', async () => {
    await withCrawled(async ({ server, db }) => {
      const lock = CrawlerLock.acquire(db);
      try {
        const outcome = await leavingDatabase(db, () => runOrgwalk(crawlOf(server, db)));
        expectRefusal(outcome, {
          code: 7,
          error: /^another crawl is writing to .* \(process \d+ on .*, since 2\d{3}-/,
          hint: /wait/,
        });
      } finally {
        lock.release();
      }
      expect((await runOrgwalk(crawlOf(server, db))).code).toBe(0);
    });
  });

  test('as made by a newer program is refused untouched: exit 7', async () => {
    await withCrawled(async ({ server, db }) => {
      const newer = new Database(db);
      newer.exec('PRAGMA wal_checkpoint(truncate)');
      newer.exec("INSERT INTO _migration VALUES (999, 'future', '2030-01-01T00:00:00.000Z')");
      newer.close();
      const args = crawlOf(server, db);
      const outcome = await leavingDatabase(db, () => runOrgwalk(args));
      expectRefusal(outcome, { code: 7, error: /newer/ });
      expectRefusal(await runOrgwalk(['runs', '--db', db]), { code: 7, error: /newer/ });
    });
  });
});

test('the database, its WAL, its shm and its lock are their owner’s alone', async () => {
  await withPlace(({ db }) =>
    withServer({}, async (server) => {
      const modes: Promise<string>[] = [];
      const args = crawlOf(server, db);
      expect((await runOrgwalk(args)).code).toBe(0);
      const open = new Database(db);
      open.prepare('SELECT count(*) FROM employees').get();
      for (const suffix of ['', '.lock', '-wal', '-shm']) modes.push(modeOf(`${db}${suffix}`));
      expect(await Promise.all(modes)).toEqual(['600', '600', '600', '600']);
      open.close();
    }),
  );
});
