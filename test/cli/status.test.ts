// What status and runs say of runs that are held, of dry runs, and of a write-ahead log that grows.
import { truncateSync, writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { evenCompany, person } from '../crawl/company.ts';
import { CrawledDatabase } from '../crawl/crawls.ts';
import { asked } from './asked.ts';
import { withPlace } from './orgwalk.ts';

const COMPANY = evenCompany(30, 3);
/** Two in three are gone. */
const EMPTIED = evenCompany(10, 3);
const ANOTHER = { ...COMPANY, people: [...COMPANY.people, person('new', ['p1'])] };

function withDatabase(use: (database: CrawledDatabase) => Promise<void>): Promise<void> {
  return withPlace(({ db }) => use(new CrawledDatabase(db)));
}

async function told(database: CrawledDatabase, command: 'status' | 'runs', format = 'table') {
  const { code, stdout, stderr } = await asked([
    ...[command, '--db', database.path, '--format', format],
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

describe('a run that is held', () => {
  test('is told with the reason, whom it would lose, and what to do', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY);
      await database.crawl(EMPTIED);
      const status = await told(database, 'status');
      expect(status).toMatch(/^Run 2: held \(drop\)\n/);
      expect(status).toMatch(
        /\n {2}held because more people would leave.* --max-drop allows; readers still see run 1\n/,
      );
      expect(status).toMatch(
        /\n {2}20 would leave, 0 would be detached: orgwalk diff 1 2 lists them\n/,
      );
      expect(status).toMatch(/\n {2}orgwalk publish --dry-run .*, orgwalk publish releases it\n$/);
      expect(await told(database, 'runs')).toMatch(/\n +2 +held \(drop\) +2.*\n +1 +published +2/);
    });
  });

  test('is told as one that cannot be released any more, where its state is gone', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY, { dryRun: true });
      const other = new Database(database.path);
      other.exec('UPDATE _published SET preparing = 0');
      other.close();
      expect(await told(database, 'status')).toMatch(/\n {2}it cannot be released any more: .*\n$/);
    });
  });

  test('is still told when another run is unfinished', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY);
      await database.crawl(COMPANY, { dryRun: true });
      expect(await told(database, 'status')).toMatch(
        /^Run 2: held \(dry run\)\n.*held because it was a dry run; readers still see run 1\n/s,
      );
      expect(await database.crawlUntil(2, ANOTHER)).toBe(true);
      expect(await told(database, 'status')).toMatch(
        /^Run 3: interrupted\n.*\nRun 2: held \(dry run\): orgwalk publish --dry-run shows .*\n$/s,
      );
    });
  });

  test('where nothing was published is told as the first', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY, { dryRun: true });
      expect(await told(database, 'status')).toMatch(/dry run; readers see nothing yet\n/);
    });
  });
});

describe('an unfinished dry run', () => {
  test('is told as such, with how to continue it', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY);
      expect(await database.crawlUntil(2, ANOTHER, { dryRun: true })).toBe(true);
      expect(await told(database, 'status')).toMatch(
        /^Run 2: interrupted \(dry run\)\n.*run the same crawl again to continue, with --dry-run\n$/s,
      );
    });
  });

  test('is told below a real one that was begun after it', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY);
      await database.crawlUntil(2, ANOTHER, { dryRun: true });
      await database.crawlUntil(2, ANOTHER);
      expect(await told(database, 'status')).toMatch(
        /^Run 3: interrupted\n.*\nRun 2: interrupted \(dry run\): a dry crawl continues it\n$/s,
      );
    });
  });
});

test('runs tells programs why a run is held and which are dry, and everyone who was detached or returned', async () => {
  await withDatabase(async (database) => {
    await database.crawl(COMPANY);
    await database.crawl(ANOTHER, { dryRun: true });
    const runs = JSON.parse(await told(database, 'runs', 'json'));
    expect(runs.map(({ status, held, dry }: never) => [status, held, dry])).toEqual([
      ['held', 'dry', 1],
      ['published', null, 0],
    ]);
    const [head = ''] = (await told(database, 'runs')).split('\n');
    expect(head).toMatch(/ joined +left +detached +returned +moved +changed$/);
  });
});

describe('the write-ahead log', () => {
  const GB = 1_000_000_000;
  const grown = async (database: CrawledDatabase, bytes: number) => {
    // Sparse: it takes no room, and SQLite takes it for an empty one.
    writeFileSync(`${database.path}-wal`, '');
    truncateSync(`${database.path}-wal`, bytes);
    return asked(['status', '--db', database.path, '--format', 'json']);
  };

  test('is warned of above 1 GB: a reader holds it', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY);
      const { code, stdout, stderr } = await grown(database, 1.25 * GB);
      expect(code).toBe(0);
      expect(stderr).toMatch(
        /^Warning: \S+-wal has grown to 1.3 GB: a reader holds it.*\nTry: close /,
      );
      expect(JSON.parse(stdout)).toEqual([expect.objectContaining({ wal_bytes: 1.25 * GB })]);
    });
  });

  test('is left alone up to there', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY);
      expect((await grown(database, GB)).stderr).toBe('');
    });
  });
});
