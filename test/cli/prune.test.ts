import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { CrawlerLock } from '../../src/store/file/lock.ts';
import { evenCompany } from '../crawl/company.ts';
import { type CrawledDatabase, withDatabase } from '../crawl/crawls.ts';
import { asked } from './asked.ts';
import { expectRefusal, withPlace } from './orgwalk.ts';

const DAY_MS = 86_400_000;

/** Three nights, published 200, 100 and 1 days ago. */
async function crawlNights(database: CrawledDatabase): Promise<void> {
  for (const title of ['x', 'y', 'z'].map((letter) => letter.repeat(2_000))) {
    await database.crawl(evenCompany(300, 10, { title }));
  }
  const write = new Database(database.path);
  const date = write.prepare('UPDATE _run SET published_at = ? WHERE id = ?');
  [200, 100, 1].forEach((days, i) => {
    date.run(new Date(Date.now() - days * DAY_MS).toISOString(), i + 1);
  });
  write.close();
}

test('prune keeps 90 days unless told otherwise, and tells what went and what is left', async () => {
  await withDatabase(async (database) => {
    await crawlNights(database);
    const keeps = await asked(['prune', '--db', database.path, '--keep', '365d']);
    expect(keeps).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/^Nothing is old enough/),
    });
    const { code, stdout, stderr } = await asked(['prune', '--db', database.path]);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(
      /^Dropped 300 versions, 300 places, 300 changes\n {2}the oldest state that is left is run 2, published 20\S+Z\n {2}\d+(\.\d)? MB of the file are free for what comes; to give them back: sqlite3 \S+ VACUUM\n$/,
    );
    expectRefusal(await asked(['tree', 'p1', '--as-of', '1', '--db', database.path]), {
      code: 2,
      error: /^run 1 was pruned$/,
    });
  });
});

test('prune gives way to a crawl, as another crawl does, exit 7', async () => {
  await withDatabase(async (database) => {
    await database.crawl(evenCompany(3, 2));
    const lock = CrawlerLock.acquire(database.path);
    try {
      for (const command of [['prune'], ['forget', 'p1']]) {
        expectRefusal(await asked([...command, '--db', database.path]), {
          code: 7,
          error: /^another crawl is writing to \S+ \(process \d+ on /,
          hint: /readers need not wait$/,
        });
      }
    } finally {
      lock.release();
    }
  });
});

test('prune and forget make no database', async () => {
  await withPlace(async ({ db }) => {
    for (const command of [['prune'], ['forget', 'p1']]) {
      expectRefusal(await asked([...command, '--db', db]), {
        code: 7,
        error: /^there is no database at /,
      });
    }
  });
});
