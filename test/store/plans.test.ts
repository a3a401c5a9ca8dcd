// How SQLite carries out what runs once for each page or each doubt: never through the whole frontier.
import { describe, expect, it } from 'vitest';
import { openForWriting } from '../../src/store/file/database.ts';
import type { Sqlite } from '../../src/store/file/sqlite.ts';
import { SqliteFrontier } from '../../src/store/recording/frontier.ts';
import { Doubts } from '../../src/store/settling/doubts.ts';
import { planOf, recorded } from './query-plans.ts';
import { employee, page, RUN, readAll, withPath } from './stores.ts';

const never = new AbortController().signal;
const numbers = { run: 1, published: 0, whole: 0, inherits: false };

/** A database with a frontier of 3,000, with statistics and without: the planner must not need them. */
async function withDatabase(analysed: boolean, use: (database: Sqlite) => void): Promise<void> {
  await withPath(async (path) => {
    const database = openForWriting(path);
    const start = "INSERT INTO _run (question, started_at, committed_at) VALUES ('', '', '')";
    database.prepare(start).run();
    const frontier = new SqliteFrontier(database, numbers, (value) => value, RUN.question);
    await frontier.addRoots([employee('root')]);
    const team = Array.from({ length: 3_000 }, (_, i) => employee(`p${i}`, ['root', `q${i % 50}`]));
    await frontier.commit(page(...team), await frontier.take(1));
    if (analysed) database.exec('ANALYZE');
    use(database);
    database.close();
  });
}

/** At the start of a run: how far it is, and who is known by which id. */
const ONCE = /count\(\*\)|^SELECT id, vid FROM _version/;

describe.each([
  ['without statistics', false],
  ['with statistics', true],
])('the statements of a crawl, %s', (_what, analysed) => {
  it('never go through the whole frontier to take or to record', async () => {
    await withDatabase(analysed, (database) => {
      const statements = recorded(database, () => {
        new SqliteFrontier(database, numbers, (value) => value, RUN.question);
      }).filter((sql) => !ONCE.test(sql));
      expect(statements.length).toBeGreaterThan(10);
      const plans = statements.map((sql) => [sql, planOf(database, sql)] as const);
      for (const [sql, plan] of plans) expect([sql, scans(plan)]).toEqual([sql, []]);
      const take = plans.find(([sql]) => sql.includes('ORDER BY f.seq'))?.[1].join('\n');
      expect(take).toMatch(/SEARCH f USING INTEGER PRIMARY KEY \(rowid>\?\)/);
      expect(take).not.toContain('TEMP B-TREE');
    });
  });

  it('nor to settle doubts', async () => {
    await withDatabase(analysed, (database) => {
      const statements = recorded(database, () => {
        new Doubts(database, numbers, (value) => value);
      });
      expect(statements.length).toBeGreaterThan(2);
      for (const sql of statements) expect([sql, scans(planOf(database, sql))]).toEqual([sql, []]);
    });
  });
});

/** Steps that visit every row of a table; a list that came as an argument is none. */
function scans(plan: readonly string[]): readonly string[] {
  return plan.filter((step) => /^SCAN (?!CONSTANT|json_each)/.test(step));
}

it('a frontier of 3,000 is served to its end', async () => {
  await withPath(async (path) => {
    const database = openForWriting(path);
    database
      .prepare("INSERT INTO _run (question, started_at, committed_at) VALUES ('', '', '')")
      .run();
    const frontier = new SqliteFrontier(database, numbers, (value) => value, RUN.question);
    await frontier.addRoots([employee('root')]);
    const team = Array.from({ length: 3_000 }, (_, i) => employee(`p${i}`, ['root']));
    const order = await readAll(frontier, (id) => (id === 'root' ? team : []));
    expect(order).toHaveLength(3_001);
    expect(await new Doubts(database, numbers, (value) => value).unknown(9, never)).toEqual([]);
    database.close();
  });
});
