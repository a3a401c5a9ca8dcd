// How SQLite answers what people ask: never by a look at everyone. With statistics and without: a person may have run ANALYZE.
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Sqlite } from '../../src/store/file/sqlite.ts';
import { Reader } from '../../src/store/reader.ts';
import { selectPerson } from '../../src/store/reading/person.ts';
import { type Hold, hold } from '../cli/orgwalk.ts';
import { named, night } from './nights.ts';
import { planOf, recorded } from './query-plans.ts';
import { withPath } from './stores.ts';

const PEOPLE = 2_000;

/** Two nights of some thousands, of whom some have changed. */
function withStates(analysed: boolean, use: (path: string) => Promise<void>): Promise<void> {
  return withPath(async (path) => {
    const someone = (i: number, title: string) => {
      const managers = [i < 10 ? 'root' : `p${i % 10}`, ...(i % 100 === 99 ? ['nobody'] : [])];
      return named(`p${i}`, `Person ${i}`, { title }, managers);
    };
    for (const title of ['A', 'B']) {
      const people = Array.from({ length: PEOPLE }, (_, i) =>
        someone(i, i % 50 === 7 ? title : 'A'),
      );
      await night(path, people);
    }
    if (analysed) {
      const database = new Database(path);
      database.exec('ANALYZE');
      database.close();
    }
    await use(path);
  });
}

/** What a question needs no more than an index for, over the views. */
const QUESTIONS = {
  'a person': 'SELECT * FROM employees WHERE id = ?',
  'direct reports': 'SELECT * FROM employees WHERE manager_id = ?',
  'everyone below': `WITH RECURSIVE below AS (
      SELECT * FROM employees WHERE id = ?
      UNION ALL SELECT e.* FROM employees AS e JOIN below ON e.manager_id = below.id
    ) SELECT name, title FROM below`,
  'everyone below, by id': `WITH RECURSIVE below(id) AS (
      SELECT id FROM employees WHERE id = ?
      UNION ALL SELECT e.id FROM employees AS e JOIN below ON e.manager_id = below.id
    ) SELECT name, title FROM employees WHERE id IN below`,
  'a chain of command': `WITH RECURSIVE up AS (
      SELECT * FROM employees WHERE id = ?
      UNION ALL SELECT e.* FROM employees AS e JOIN up ON e.id = up.manager_id
    ) SELECT name, title FROM up`,
  'the lines of a person': 'SELECT * FROM reporting_lines WHERE employee_id = ?',
  'the history of a person': 'SELECT * FROM employee_history WHERE id = ?',
  'what a run changed': 'SELECT * FROM changes WHERE run_id = ?',
  'what changed of a person': 'SELECT * FROM changes WHERE employee_id = ?',
  'findings of a kind': 'SELECT * FROM findings WHERE kind = ?',
} as const;

describe.each([
  ['without statistics', false],
  ['with statistics', true],
])('%s, an index finds', (_what, analysed) => {
  let held: Hold<string>;
  beforeAll(async () => {
    held = await hold((use) => withStates(analysed, use));
  });
  afterAll(() => held.release());

  it.each(Object.entries(QUESTIONS))('%s', (_question, sql) => {
    using reader = new Reader(held.value);
    reader.answer((database) => expect(looks(database, sql)).toEqual([]));
  });

  it('whomever the reading commands ask for', () => {
    using reader = new Reader(held.value, '1');
    const statements = reader.answer((database) =>
      recorded(database, () => {
        for (const who of ['p7', 'person 7', 'uid=p7,dc=example,dc=com', 'uid=nobody'])
          reader.find(who);
        reader.search('person');
      }),
    );
    expect(statements.length).toBeGreaterThan(5);
    reader.answer((database) => {
      for (const sql of statements) expect([sql, looks(database, sql)]).toEqual([sql, []]);
    });
  });

  it('a person, their reports, and the roots', () => {
    using reader = new Reader(held.value);
    reader.answer((database, run) => {
      const person = selectPerson(database, run);
      const statements = recorded(database, () => void reader.roots());
      for (const sql of [
        ...statements,
        `${person} WHERE p.pid = ?`,
        `${person} WHERE p.manager = ?`,
      ])
        expect([sql, looks(database, sql)]).toEqual([sql, []]);
    });
  });
});

/** Of those whom no manager value names by DN there is an index, and it is all that tells who is at a DN. */
const UNLINKED = /_version_other_link$/;
/** Tables of one row, or of one for each run, and what a question has put together itself. */
const SMALL =
  /^SCAN (now|r|first|last|since|seen|until|below|up|w|i|_run|CONSTANT|\(subquery-\d+\))(?!\w)|VIRTUAL TABLE INDEX/;

/** Steps that look at everyone: through a whole table, or to make an index of it for this once. */
function looks(database: Sqlite, sql: string): readonly string[] {
  return planOf(database, sql)
    .filter((step) => /^SCAN|AUTOMATIC/.test(step) && !/^SEARCH now /.test(step))
    .filter((step) => !SMALL.test(step) && !UNLINKED.test(step));
}
