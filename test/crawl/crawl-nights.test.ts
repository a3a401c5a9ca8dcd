// What a crawl makes of a directory that has changed since the last one.
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { CrawlOutcome } from '../../src/crawl/crawl.ts';
import { SearchFailure } from '../../src/domain/errors.ts';
import { type Company, dnOf, evenCompany, oddCompany, type Person, person } from './company.ts';
import { type CrawledDatabase, type CrawlSetup, withDatabase } from './crawls.ts';

type Row = Readonly<Record<string, unknown>>;

const denied = (id: string): CrawlSetup => ({
  search: (ids) => {
    if (ids.includes(id)) throw new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });
  },
});

function change(company: Company, id: string, to: (person: Person) => Person | undefined): Company {
  const people = company.people.flatMap((each) => (each.id === id ? (to(each) ?? []) : each));
  return { ...company, people };
}

const fire = (company: Company, id: string) => change(company, id, () => undefined);
const hire = (company: Company, ...more: readonly Person[]) => ({
  ...company,
  people: [...company.people, ...more],
});

const ids = (database: CrawledDatabase) => database.column('SELECT id FROM employees ORDER BY id');
const counts = ({ published }: CrawlOutcome): Row => {
  const { joined, left, detached, returned, moved, changed } = published;
  return { joined, left, detached, returned, moved, changed };
};
const nothing = { joined: 0, left: 0, detached: 0, returned: 0, moved: 0, changed: 0 };

describe('a second night', () => {
  const first = evenCompany(13, 3);

  /** Two nights; what the second counted, and the database. */
  async function nights<T>(
    companies: readonly Company[],
    use: (counted: readonly Row[], database: CrawledDatabase) => T,
  ): Promise<T> {
    return withDatabase(async (database) => {
      const counted: Row[] = [];
      for (const company of companies) counted.push(counts(await database.crawl(company)));
      return use(counted, database);
    });
  }

  it('counts who joined, and since when', async () => {
    const second = hire(first, person('new', ['p4']));
    await nights([first, second], ([, counted], database) => {
      expect(counted).toEqual({ ...nothing, joined: 1 });
      const [runs, seen] = [
        database.column('SELECT started_at FROM runs ORDER BY id'),
        database.column(
          "SELECT first_seen_at FROM employees WHERE id IN ('p4', 'new') ORDER BY id DESC",
        ),
      ];
      expect(seen).toEqual(runs);
    });
  });

  it('believes no root that had reports and seems to have none: everyone stays', async () => {
    const silent = { ...first, people: first.people.slice(0, 1) };
    await nights([first, silent], ([, counted], database) => {
      expect(counted).toEqual({ ...nothing, left: 12 });
      expect(ids(database)).toHaveLength(13);
      expect(database.column('SELECT status FROM runs ORDER BY id')).toEqual(['published', 'held']);
    });
  });

  it('shows manager values as they are written now, and calls that no change', async () => {
    const respelt = change(first, 'p4', (each) => ({
      ...each,
      managers: each.managers.map((value) => value.toUpperCase()),
    }));
    const value = "SELECT manager_dn FROM reporting_lines WHERE employee_id = 'p4'";
    const before = await nights([first], (_, database) => String(database.column(value)[0]));
    await nights([first, respelt], ([, counted], database) => {
      expect(counted).toEqual(nothing);
      expect(database.column(value)).not.toEqual([before]);
      expect(String(database.column(value)[0]).toLowerCase()).toBe(before.toLowerCase());
    });
  });

  it('counts who left, and shows them no more', async () => {
    await nights([first, fire(first, 'p12')], ([, counted], database) => {
      expect(counted).toEqual({ ...nothing, left: 1 });
      expect(ids(database)).toHaveLength(12);
      expect(database.column("SELECT direct_reports FROM employees WHERE id = 'p3'")).toEqual([2]);
      expect(
        database.column("SELECT count(*) FROM reporting_lines WHERE employee_id = 'p12'"),
      ).toEqual([0]);
    });
  });

  it('counts who moved: the set of managers differs', async () => {
    const second = change(first, 'p12', () => person('p12', ['p1']));
    const third = change(first, 'p12', () => person('p12', ['p2', 'p1']));
    const fourth = change(first, 'p12', () => person('p12', ['p1', 'p2']));
    await nights([first, second, third, fourth], (counted, database) => {
      expect(counted.map(({ moved }) => moved)).toEqual([0, 1, 1, 0]);
      expect(counted.map(({ changed }) => changed)).toEqual([0, 0, 0, 0]);
      expect(database.column("SELECT manager_id FROM employees WHERE id = 'p12'")).toEqual(['p1']);
      expect(database.column("SELECT total_reports FROM employees WHERE id = 'p3'")).toEqual([2]);
    });
  });

  it('counts who changed, a new DN included: the same id is the same person', async () => {
    const second = change(first, 'p12', (each) => ({ ...each, title: 'Chief' }));
    const third = change(second, 'p12', (each) => ({ ...each, dn: `cn=renamed,${each.dn}` }));
    await nights([first, second, third], (counted, database) => {
      expect(counted.slice(1)).toEqual([
        { ...nothing, changed: 1 },
        { ...nothing, changed: 1 },
      ]);
      expect(database.read("SELECT dn, title FROM employees WHERE id = 'p12'")).toEqual([
        { dn: `cn=renamed,${dnOf('p12')}`, title: 'Chief' },
      ]);
      expect(database.column('SELECT count(*) FROM employees')).toEqual([13]);
      const [since] = database.column("SELECT changed_at FROM employees WHERE id = 'p12'");
      expect(since).toBe(database.column('SELECT started_at FROM runs WHERE id = 3')[0]);
    });
  });

  it('renames a manager without a word about those below', async () => {
    const dn = `cn=renamed,${dnOf('p3')}`;
    const people = first.people.map((each) => {
      if (each.id === 'p3') return { ...each, dn };
      return each.managers.includes(dnOf('p3')) ? { ...each, managers: [dn] } : each;
    });
    await nights([first, { ...first, people }], ([, counted], database) => {
      expect(counted).toEqual({ ...nothing, changed: 1 });
      expect(database.column("SELECT manager_dn FROM employees WHERE id = 'p12'")).toEqual([dn]);
    });
  });

  it('counts who is back', async () => {
    const without = fire(first, 'p12');
    await nights([first, without, first, first], (counted, database) => {
      expect(counted.slice(1)).toEqual([
        { ...nothing, left: 1 },
        { ...nothing, returned: 1 },
        nothing,
      ]);
      const [seen] = database.column("SELECT first_seen_at FROM employees WHERE id = 'p12'");
      expect(seen).toBe(database.column('SELECT started_at FROM runs WHERE id = 1')[0]);
    });
  });

  it('takes a whole organisation with its manager', async () => {
    const second = change(first, 'p3', () => person('p3', ['p4']));
    await nights([first, second], ([, counted], database) => {
      expect(counted).toEqual({ ...nothing, moved: 1 });
      expect(database.read("SELECT depth, total_reports FROM employees WHERE id = 'p3'")).toEqual([
        { depth: 3, total_reports: 3 },
      ]);
      expect(database.column("SELECT depth FROM employees WHERE id = 'p12'")).toEqual([4]);
    });
  });

  it('takes another spelling of the same manager for nothing new, whoever finds out', async () => {
    const spelt = (value: string): Company => ({
      ...change(first, 'p12', (each) => ({ ...each, managers: [value] })),
      aliases: { 'cn=the third': 'p3' },
    });
    await nights([first, spelt('UID=p3, DC=example,DC=com'), spelt('cn=the third')], (counted) => {
      expect(counted.slice(1)).toEqual([nothing, nothing]);
    });
  });

  it('keeps a manager whose value cannot be asked about this time', async () => {
    const company: Company = {
      ...change(first, 'p12', (each) => ({ ...each, managers: ['cn=the third'] })),
      aliases: { 'cn=the third': 'p3' },
    };
    const asked = () => {
      throw new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });
    };
    await withDatabase(async (database) => {
      await database.crawl(company);
      expect(counts(await database.crawl(company, { asked }))).toEqual(nothing);
      expect(database.column("SELECT manager_id FROM employees WHERE id = 'p12'")).toEqual(['p3']);
    });
  });

  it('without changes writes no new version and no new place', async () => {
    await withDatabase(async (database) => {
      const dump = () =>
        ['_version', '_line', '_place'].map((table) =>
          database.read(`SELECT * FROM ${table} ORDER BY 1, 2`),
        );
      await database.crawl(oddCompany());
      const before = dump();
      for (const setup of [
        { workers: 1, batch: 1 },
        { workers: 6, batch: 4, pageSize: 2 },
      ]) {
        const counted = counts(await database.crawl(oddCompany(), setup));
        expect(counted).toEqual(nothing);
        expect(dump()).toEqual(before);
      }
    });
  });

  it('without changes is confirmed for all of them', async () => {
    await nights([first, first], (_counted, database) => {
      const last = database.column('SELECT started_at FROM runs WHERE id = 2');
      expect(database.column('SELECT DISTINCT confirmed_at FROM employees')).toEqual(last);
    });
  });

  it('ends with the database of a first night, but for history', async () => {
    const view = (database: CrawledDatabase) =>
      database.read(
        'SELECT id, dn, manager_id, manager_dn, depth, direct_reports, total_reports, title FROM employees ORDER BY id',
      );
    const second = hire(fire(oddCompany(), 'p24'), person('new', ['p3', 'tie']));
    const alone = await nights([second], (_counted, database) => view(database));
    const after = await nights([oddCompany(), second], (_counted, database) => view(database));
    expect(after).toEqual(alone);
  });
});

describe('a branch that cannot be read', () => {
  const company = evenCompany(40, 3);

  it('is listed, and the run is partial', async () => {
    await withDatabase(async (database) => {
      const { published } = await database.crawl(company, denied('p4'));
      expect(published).toMatchObject({ status: 'partial', failedBranches: 1, employees: 37 });
      expect(database.read('SELECT * FROM failures')).toEqual([
        {
          run_id: 1,
          employee_id: 'p4',
          dn: dnOf('p4'),
          reason: 'denied',
          result_code: 50,
          attempts: 1,
          last_error: 'no',
        },
      ]);
      expect(database.read('SELECT status, failed_branches FROM runs')).toEqual([
        { status: 'partial', failed_branches: 1 },
      ]);
    });
  });

  it('lets nobody leave: who was not seen is kept as they were, confirmed by the earlier run', async () => {
    await withDatabase(async (database) => {
      await database.crawl(company);
      const before = database.read('SELECT id, manager_id, depth FROM employees ORDER BY id');
      const { published } = await database.crawl(company, denied('p4'));
      expect(published).toMatchObject({ ...nothing, status: 'partial', employees: 40 });
      expect(database.read('SELECT id, manager_id, depth FROM employees ORDER BY id')).toEqual(
        before,
      );
      const kept = database.column(
        'SELECT id FROM employees WHERE confirmed_at = (SELECT started_at FROM runs WHERE id = 1)',
      );
      expect(kept.toSorted()).toEqual(['p13', 'p14', 'p15']);
    });
  });

  it('keeps them for several nights, and confirms them when they are seen again', async () => {
    await withDatabase(async (database) => {
      const confirmed = () =>
        database.column(
          "SELECT r.id FROM employees AS e JOIN runs AS r ON r.started_at = e.confirmed_at WHERE e.id = 'p13'",
        );
      const nights = [{}, denied('p4'), denied('p1'), {}];
      const found: unknown[] = [];
      for (const setup of nights) {
        const outcome = await database.crawl(company, setup);
        expect(counts(outcome)).toEqual(nothing);
        found.push(...confirmed());
      }
      expect(found).toEqual([1, 1, 1, 4]);
    });
  });

  it('does not hide who has moved out from under it', async () => {
    await withDatabase(async (database) => {
      await database.crawl(company);
      const moved = change(company, 'p13', () => person('p13', ['p2']));
      const { published } = await database.crawl(moved, denied('p4'));
      expect(published).toMatchObject({ ...nothing, moved: 1, employees: 40 });
      expect(database.column("SELECT manager_id FROM employees WHERE id = 'p13'")).toEqual(['p2']);
    });
  });

  it('of a person whose entry said nothing new is still listed by name', async () => {
    const aliased = (value: string): Company => ({
      ...change(company, 'p4', (each) => ({ ...each, managers: [value] })),
      aliases: { 'cn=the first': 'p1', 'cn=number one': 'p1' },
    });
    await withDatabase(async (database) => {
      await database.crawl(aliased('cn=the first'));
      await database.crawl(aliased('cn=number one'), denied('p4'));
      expect(database.column('SELECT employee_id FROM failures')).toEqual(['p4']);
      await database.crawl(hire(aliased('cn=number one'), person('new', ['p0'])));
      expect(database.column('SELECT employee_id FROM failures')).toEqual(['p4']);
    });
  });
});

describe('those who read while a crawl goes on', () => {
  it('see the old state whole, then the new one whole', async () => {
    const people = 11_000;
    const titled = (title: string) => evenCompany(people, 60, { title });
    await withDatabase(async (database) => {
      await database.crawl(titled('first'));
      const reader = new Database(database.path, { readonly: true });
      const state = reader.prepare<[], Row>(
        'SELECT title, count(*) AS people, sum(depth) AS depths FROM employees GROUP BY title',
      );
      const seen: string[] = [];
      const second = hire(titled('second'), person('new', ['p1'], { title: 'second' }));
      const turns = await database.crawlWatchingPublication(second, () => {
        seen.push(JSON.stringify(state.all()));
      });
      const after = JSON.stringify(state.all());
      reader.close();
      expect(turns).toBeGreaterThan(3);
      expect(new Set(seen).size).toBeLessThanOrEqual(2);
      expect(JSON.parse(seen[0] as string)).toMatchObject([{ title: 'first', people }]);
      expect(JSON.parse(after)).toMatchObject([{ title: 'second', people: people + 1 }]);
      expect(new Set([...seen, after])).toEqual(new Set([seen[0], after]));
    });
  });

  it('see the published state while pages are committed', async () => {
    await withDatabase(async (database) => {
      await database.crawl(evenCompany(20, 3));
      const before = database.read('SELECT * FROM employees ORDER BY id');
      let looked = 0;
      await database.crawl(evenCompany(60, 3, { title: 'new' }), {
        pageSize: 2,
        committed: () => {
          looked += 1;
          expect(database.read('SELECT * FROM employees ORDER BY id')).toEqual(before);
        },
      });
      expect(looked).toBeGreaterThan(10);
      expect(ids(database)).toHaveLength(60);
    });
  });
});
