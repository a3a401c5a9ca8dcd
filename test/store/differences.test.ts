// How SQLite compares two states: what lies outside them costs nothing.
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import type { Sqlite } from '../../src/store/file/sqlite.ts';
import { differenceCounts, differencesOf } from '../../src/store/reading/differences.ts';
import { evenCompany } from '../crawl/company.ts';
import { withDatabase } from '../crawl/crawls.ts';

it.each([
  ['without statistics', ''],
  ['with statistics', 'ANALYZE'],
])('never goes through all people, nor through all changes, %s', async (_, statistics) => {
  await withDatabase(async (crawled) => {
    await crawled.crawl(evenCompany(40, 3, { title: 'Engineer' }));
    await crawled.crawl(evenCompany(40, 3, { title: 'Director' }));
    const database = new Database(crawled.path);
    database.exec(statistics);
    const plans = plansOf(database, () => {
      expect(differenceCounts(database, 1, 2)).toMatchObject({ changed: 40, moved: 0 });
      expect([...differencesOf(database, 1, 2)]).toHaveLength(40);
    });
    database.close();
    const steps = plans.flat();
    // r: the runs; all others that may be scanned are made of whom those have touched.
    expect(
      steps.filter((step) => /^SCAN (?!pair|[cdr]$|difference|\(subquery)/.test(step)),
    ).toEqual([]);
    const found = steps.filter((step) => step.startsWith('SEARCH c USING PRIMARY KEY'));
    expect(found).toEqual(Array(2).fill('SEARCH c USING PRIMARY KEY (run=?)'));
  });
});

/** The plans of the statements that are prepared while `use` runs. */
function plansOf(database: Sqlite, use: () => void): readonly (readonly string[])[] {
  const plans: string[][] = [];
  const prepare = database.prepare.bind(database);
  database.prepare = ((sql: string) => {
    const explain = prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    plans.push(explain.all(...(sql.match(/\?/g) ?? []).map(() => 1)).map(({ detail }) => detail));
    return prepare(sql);
  }) as typeof database.prepare;
  use();
  database.prepare = prepare;
  return plans;
}
