// Another program writes to the database: waited for, but not for ever.
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, test } from 'vitest';
import { SimulatedServer } from '../../src/simulate/server.ts';
import {
  crawlOf,
  expectRefusal,
  leavingDatabase,
  runOrgwalk,
  startOrgwalk,
  withCrawled,
  withPlace,
} from '../cli/orgwalk.ts';
import { rows } from '../integration/crawling.ts';
import { hundred } from '../simulate/servers.ts';

const PRELOAD = fileURLToPath(new URL('./preload-waits.ts', import.meta.url));
const node = ['--import', PRELOAD];

/** Holds the right to write until it is released. */
function lockedByAnother(db: string): Disposable {
  const other = new Database(db);
  other.exec('BEGIN IMMEDIATE');
  return { [Symbol.dispose]: () => other.close() };
}

describe.concurrent('a database that another program writes to', () => {
  test('for a moment is waited for', async ({ expect }) => {
    await withCrawled(async ({ server, db }) => {
      const other = lockedByAnother(db);
      const running = startOrgwalk(crawlOf(server, db), { node });
      await running.says(/about to write/);
      other[Symbol.dispose]();
      expect((await running.finished).code).toBe(0);
      expect(rows(db, 'SELECT status FROM runs')).toHaveLength(2);
    });
  });

  test('for too long at the start ends the crawl with 7, and nothing is changed', async () => {
    await withCrawled(async ({ server, db }) => {
      using _other = lockedByAnother(db);
      const outcome = await leavingDatabase(db, () => runOrgwalk(crawlOf(server, db)));
      expectRefusal(outcome, {
        code: 7,
        error: /is locked by another program$/,
        hint: /run the same command again$/,
      });
    });
  });

  test('for too long in its middle ends the crawl with 7, to be continued', async ({ expect }) => {
    let searches = 0;
    let other: Disposable | undefined;
    await withPlace(async ({ db }) => {
      await using server = await SimulatedServer.listen({
        directory: hundred(),
        onSearch: () => {
          searches += 1;
          if (searches === 10) other = lockedByAnother(db);
        },
      });
      expectRefusal(await runOrgwalk(crawlOf(server, db, '--batch', '1')), {
        code: 7,
        error: /is locked by another program$/,
      });
      other?.[Symbol.dispose]();
      const again = await runOrgwalk(crawlOf(server, db, '--batch', '1', '--json'));
      expect(JSON.parse(again.stdout)).toMatchObject({ resumed: true, employees: 100 });
    });
  });
});
