import Database from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Forest } from '../../src/report/export/forest.ts';
import { type ExportFormat, exported } from '../../src/report/export/texts.ts';
import { forget } from '../../src/store/keeping/forget.ts';
import { Reader } from '../../src/store/reader.ts';
import { type Company, dnOf, evenCompany, oddCompany, person } from '../crawl/company.ts';
import { type CrawledDatabase, withDatabase } from '../crawl/crawls.ts';
import { edgesOf, labelsOf } from './dot.ts';

function write({ path }: CrawledDatabase, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

function without({ people, roots }: Company, ...ids: readonly string[]): Company {
  return { people: people.filter(({ id }) => !ids.includes(id)), roots };
}

interface Row {
  readonly attributes: string;
  readonly id: string;
  readonly name: string;
  readonly manager_id: string | null;
  readonly manager_dn: string | null;
  readonly depth: number | null;
}

interface Exported {
  readonly text: string;
  readonly people: number;
  readonly breaks: ReturnType<Forest['breaks']>;
}

function exportOf(
  { path }: CrawledDatabase,
  format: ExportFormat,
  who?: string,
  asOf?: string,
): Exported {
  using reader = new Reader(path, asOf);
  const [top] = who === undefined ? [] : reader.find(who);
  const forest = Forest.of(reader, top);
  const text = [...exported(forest, format, { raw: false })].join('');
  return { text, people: forest.people, breaks: forest.breaks() };
}

const rowsOf = (...args: Parameters<typeof exportOf>) =>
  JSON.parse(exportOf(...args).text) as Row[];

/** Each once, each behind the manager whom the row names, and nobody's manager is missing. */
function expectForest(rows: readonly Row[]): void {
  const seen = new Set<string>();
  for (const { id, manager_id } of rows) {
    expect(seen.has(id)).toBe(false);
    if (manager_id !== null) expect([...seen]).toContain(manager_id);
    seen.add(id);
  }
}

/** Any lines among so many people: cycles, two managers, oneself, nobody. */
const companies = fc
  .array(fc.array(fc.integer({ min: 0, max: 13 }), { maxLength: 3 }), {
    minLength: 3,
    maxLength: 12,
  })
  .map((managers): Company => {
    const people = managers.map((of, i) =>
      person(
        `p${i}`,
        of.map((m) => `p${m}`),
      ),
    );
    return { people, roots: ['p0', 'p1'] };
  });

describe('an export', () => {
  it('is a forest under the roots, whatever the lines are', async () => {
    await fc.assert(
      fc.asyncProperty(companies, fc.nat(11), async (company, who) => {
        await withDatabase(async (database) => {
          await database.crawl(company);
          const rows = rowsOf(database, 'json');
          expectForest(rows);
          const placed = 'SELECT id FROM employees WHERE depth IS NOT NULL ORDER BY id';
          expect(rows.map(({ id }) => id).toSorted()).toEqual(database.column(placed));
          expectRoots(rows, company);
          const some = rowsOf(database, 'json', rows[who % rows.length]?.id);
          expectForest(some);
          expect(some.filter(({ manager_id }) => manager_id === null)).toHaveLength(1);
          expectSameInDot(database, rows);
        });
      }),
      { numRuns: 12 },
    );
  });

  function expectRoots(rows: readonly Row[], { roots }: Company): void {
    const tops = rows.filter(({ manager_id }) => manager_id === null).map(({ id }) => id);
    expect(tops.toSorted()).toEqual([...roots]);
  }

  function expectSameInDot(database: CrawledDatabase, rows: readonly Row[]): void {
    const { text } = exportOf(database, 'dot');
    const names = labelsOf(text);
    const edges = edgesOf(text).map(([from, to]) => [names.get(from), names.get(to)]);
    const name = new Map(rows.map((row) => [row.id, row.name]));
    const lines = rows.filter(({ manager_id }) => manager_id !== null);
    expect(edges).toEqual(lines.map((row) => [name.get(row.manager_id as string), row.name]));
  }

  it('tells what it leaves out', async () => {
    await withDatabase(async (database) => {
      await database.crawl(oddCompany());
      const { people, breaks } = exportOf(database, 'csv');
      // loop1, matrix (2), tie and "below second" have further managers, lost and grouped a value that is nobody's.
      const several =
        'SELECT count(*) FROM reporting_lines WHERE manager_id IS NOT NULL AND NOT is_primary AND manager_id <> employee_id';
      const [further] = database.column<number>(several);
      expect(breaks).toEqual({ further: (further ?? 0) - 1, nobody: 2, circles: 1, unplaced: 0 });
      expect([people]).toEqual(database.column('SELECT count(*) FROM employees'));
    });
  });

  it('leaves out whoever is under no root, and says how many they are', async () => {
    await withDatabase(async (database) => {
      await database.crawl(evenCompany(4, 3));
      write(
        database,
        "UPDATE _place SET depth = NULL, manager = NULL WHERE pid = (SELECT pid FROM _version WHERE id = 'p3')",
      );
      const { people, breaks } = exportOf(database, 'csv');
      expect([people, breaks.unplaced]).toEqual([3, 1]);
    });
  });

  it('has everyone of an earlier state, also below somebody who was forgotten since', async () => {
    await withDatabase(async (database) => {
      await database.crawl(evenCompany(13, 3));
      await database.crawl(without(evenCompany(13, 3), 'p1', 'p4', 'p5', 'p6'), { maxDrop: 1 });
      await forget(database.path, 'p1', new AbortController().signal);
      const rows = rowsOf(database, 'json', undefined, '1');
      expectForest(rows);
      expect(rows).toHaveLength(12);
    });
  });

  it('of one person has that person at the top, without a manager, and those below only', async () => {
    await withDatabase(async (database) => {
      await database.crawl(evenCompany(13, 3));
      const rows = rowsOf(database, 'json', 'p1');
      expect(rows.map(({ id }) => id)).toEqual(['p1', 'p4', 'p5', 'p6']);
      expect(rows[0]).toMatchObject({ manager_id: null, manager_dn: null, depth: 1 });
      expect(rows[1]).toMatchObject({ manager_id: 'p1', manager_dn: dnOf('p1'), depth: 2 });
    });
  });

  it('has the columns and the rows of the view employees', async () => {
    await withDatabase(async (database) => {
      await database.crawl(oddCompany());
      const rows = rowsOf(database, 'json');
      const view = database.read<Row>('SELECT * FROM employees ORDER BY id');
      expect(Object.keys(rows[0] ?? {})).toEqual(Object.keys(view[0] ?? {}));
      const told = view.map((row) => ({
        ...row,
        attributes: JSON.parse(String(row['attributes'])),
      }));
      expect(rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(told);
      const lines = exportOf(database, 'ndjson').text.trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual(rows);
      const [head, ...records] = exportOf(database, 'csv').text.trimEnd().split('\n');
      expect([head, records.length]).toEqual([Object.keys(view[0] ?? {}).join(','), rows.length]);
    });
  });

  it('of an earlier state is that state', async () => {
    await withDatabase(async (database) => {
      await database.crawl(evenCompany(13, 3));
      const before = rowsOf(database, 'json');
      await database.crawl(evenCompany(40, 3, { title: 'Later' }));
      const seen = ({ confirmed_at: _, ...row }: Row & { confirmed_at?: string }) => row;
      expect(rowsOf(database, 'json', undefined, '1').map(seen)).toEqual(before.map(seen));
      expect(rowsOf(database, 'json')).toHaveLength(40);
    });
  });

  it('is one state, also while another one is published', async () => {
    await withDatabase(async (database) => {
      await database.crawl(evenCompany(40, 3));
      using reader = new Reader(database.path);
      const forest = Forest.of(reader)[Symbol.iterator]();
      const first = forest.next().value;
      await database.crawl(evenCompany(13, 3, { title: 'Later' }), { maxDrop: 1 });
      const rest = [...forest];
      expect([first, ...rest].map((one) => one?.title)).toEqual(
        Array.from({ length: 40 }, () => null),
      );
    });
  });

  it('of nobody is empty', () => {
    const texts = (['csv', 'json', 'ndjson', 'dot'] as const).map((format) =>
      [...exported([], format, { raw: false })].join(''),
    );
    expect([texts[0]?.split('\n').length, texts[1], texts[2]]).toEqual([2, '[]\n', '']);
    expect(edgesOf(texts[3] ?? '')).toEqual([]);
  });
});
