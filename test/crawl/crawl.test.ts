import { describe, expect, it } from 'vitest';
import { SearchFailure } from '../../src/domain/errors.ts';
import { type Company, dnOf, evenCompany, oddCompany, person } from './company.ts';
import { type CrawledDatabase, type CrawlSetup, withDatabase } from './crawls.ts';

type Row = Readonly<Record<string, unknown>>;

const EMPLOYEE = `SELECT id, manager_id, depth, direct_reports AS direct, total_reports AS total
  FROM employees WHERE id = ?`;

const one = (database: CrawledDatabase, id: string) => database.read<Row>(EMPLOYEE, id)[0];

const lines = (database: CrawledDatabase, id: string) =>
  database.read<Row>(
    'SELECT manager_id, manager_dn, is_primary FROM reporting_lines WHERE employee_id = ? ORDER BY manager_dn',
    id,
  );

async function crawled<T>(
  company: Company,
  use: (database: CrawledDatabase) => T,
  setup?: CrawlSetup,
) {
  return withDatabase(async (database) => {
    await database.crawl(company, setup);
    return use(database);
  });
}

describe('a crawl', () => {
  it('finds a whole organisation with depths, spans and totals', async () => {
    await withDatabase(async (database) => {
      const { run, published } = await database.crawl(evenCompany(40, 3));
      expect(run).toEqual({ id: 1, resumed: false, base: 0, expected: 0, abandoned: null });
      expect(published).toEqual({
        ...{
          employees: 40,
          managers: 13,
          depth: 3,
          findings: 0,
          heldWhy: null,
          failedBranches: 0,
          status: 'published',
        },
        ...{ joined: 0, left: 0, detached: 0, returned: 0, moved: 0, changed: 0 },
      });
      expect(one(database, 'p0')).toEqual({
        id: 'p0',
        manager_id: null,
        depth: 0,
        direct: 3,
        total: 39,
      });
      expect(one(database, 'p4')).toEqual({
        id: 'p4',
        manager_id: 'p1',
        depth: 2,
        direct: 3,
        total: 3,
      });
    });
  });

  it('knows nobody above a root that manages itself, and counts nobody as their own report', async () => {
    await crawled(oddCompany(), (database) => {
      expect(one(database, 'boss')).toMatchObject({ manager_id: null, depth: 0, direct: 1 });
      expect(lines(database, 'boss')).toEqual([
        { manager_id: 'boss', manager_dn: dnOf('boss'), is_primary: 0 },
      ]);
    });
  });

  it('keeps each person of a cycle once, with every line', async () => {
    await crawled(oddCompany(), (database) => {
      expect(one(database, 'loop1')).toMatchObject({ manager_id: 'p1', depth: 3, total: 2 });
      expect(one(database, 'loop3')).toMatchObject({ manager_id: 'loop2', depth: 5, direct: 1 });
      expect(lines(database, 'loop1')).toEqual([
        { manager_id: 'loop3', manager_dn: dnOf('loop3'), is_primary: 0 },
        { manager_id: 'p1', manager_dn: dnOf('p1'), is_primary: 1 },
      ]);
    });
  });

  it('leaves out a cycle that no root reaches', async () => {
    await crawled(oddCompany(), (database) => {
      expect(one(database, 'far1')).toBeUndefined();
    });
  });

  it('takes the manager of least depth as primary, the lower DN at a tie', async () => {
    await crawled(oddCompany(), (database) => {
      expect(one(database, 'matrix')).toMatchObject({ manager_id: 'p2', depth: 3 });
      expect(one(database, 'tie')).toMatchObject({ manager_id: 'p4', depth: 4 });
      expect(lines(database, 'matrix')).toHaveLength(3);
    });
  });

  it('keeps a value that names nobody, or nobody that is kept, as a line without a manager', async () => {
    await crawled(oddCompany(), (database) => {
      expect(lines(database, 'lost')).toContainEqual({
        manager_id: null,
        manager_dn: dnOf('nobody'),
        is_primary: 0,
      });
      expect(lines(database, 'grouped')).toContainEqual({
        manager_id: null,
        manager_dn: 'cn=group,dc=example,dc=com',
        is_primary: 0,
      });
    });
  });

  it('finds the manager behind another spelling by its key, or else by asking', async () => {
    await crawled(oddCompany(), (database) => {
      expect(one(database, 'respelt')?.['manager_id']).toBe('p6');
      expect(one(database, 'aliased')?.['manager_id']).toBe('p7');
      expect(lines(database, 'respelt')[0]?.['manager_dn']).toBe('UID=p6 , DC=Example,dc=COM');
    });
  });

  it('gives a root below another depth 0 and no manager, but keeps its line', async () => {
    await crawled(oddCompany(), (database) => {
      expect(one(database, 'second')).toMatchObject({ manager_id: null, depth: 0, direct: 1 });
      expect(lines(database, 'second')).toEqual([
        { manager_id: 'p9', manager_dn: dnOf('p9'), is_primary: 0 },
      ]);
      expect(one(database, 'p9')).toMatchObject({ direct: 1, total: 0 });
      expect(one(database, 'below second')).toMatchObject({ manager_id: 'second', depth: 1 });
    });
  });

  it('asks about each unknown manager value once, with all workers', async () => {
    const values = Array.from({ length: 60 }, (_, i) => `uid=gone${i % 20},dc=elsewhere`);
    const people = values.map((value, i) =>
      person(`q${i}`, [], { managers: [dnOf('p0'), value, value.toUpperCase()] }),
    );
    const company = { people: [person('p0', []), ...people], roots: ['p0'] };
    const asked: string[] = [];
    await crawled(
      company,
      (database) => {
        expect(asked.map((value) => value.toLowerCase()).toSorted()).toEqual(
          [...new Set(values)].toSorted(),
        );
        expect(
          database.column('SELECT count(*) FROM reporting_lines WHERE manager_id IS NULL'),
        ).toEqual([120]);
      },
      { workers: 5, asked: (value) => void asked.push(value) },
    );
  });

  it('lists who has a manager value that cannot be asked about, and leaves the value alone', async () => {
    const company = oddCompany();
    const failing = () => {
      throw new SearchFailure('split', 'timeout', 'no answer');
    };
    await crawled(
      company,
      (database) => {
        expect(lines(database, 'aliased')[0]).toMatchObject({ manager_id: null });
        expect(database.column('SELECT status FROM runs')).toEqual(['partial']);
        expect(
          database.column("SELECT reason FROM failures WHERE employee_id = 'aliased'"),
        ).toEqual(['timeout']);
      },
      { asked: failing },
    );
  });

  it('links by another attribute than the DN', async () => {
    const link = (number: string, more: readonly string[]) => ({ link: number, managers: more });
    const company = {
      people: [
        person('a', [], link('007', [])),
        person('b', [], link('7', ['007'])),
        person('c', [], link('0070', ['7', '007'])),
      ],
      roots: ['a'],
    };
    await crawled(
      company,
      (database) => {
        expect(one(database, 'b')).toMatchObject({ manager_id: 'a', direct: 1 });
        expect(one(database, 'c')).toMatchObject({ manager_id: 'a', depth: 1 });
        expect(lines(database, 'c')).toHaveLength(2);
      },
      { ask: { managerValue: 'employeeNumber' } },
    );
  });
});

describe('the same directory gives the same database', () => {
  const setups: readonly CrawlSetup[] = [
    { workers: 1, batch: 1, pageSize: 500 },
    { workers: 1, batch: 7, pageSize: 1 },
    { workers: 3, batch: 2, pageSize: 3 },
    { workers: 8 },
    { workers: 32, batch: 200, pageSize: 2 },
  ];

  async function digests(company: Company, more: CrawlSetup = {}): Promise<ReadonlySet<string>> {
    const found = new Set<string>();
    for (const setup of setups) {
      const turned = { ...company, people: company.people.toReversed() };
      for (const each of [company, turned]) {
        found.add(await crawled(each, (database) => database.digest(), { ...setup, ...more }));
      }
    }
    return found;
  }

  it('with any number of workers, any batch, any page size, any order of the answers', async () => {
    expect((await digests(oddCompany())).size).toBe(1);
  });

  it('also when two people have the same link', async () => {
    const two = { link: '7', managers: ['1'] };
    const company = {
      people: [
        person('a', [], { link: '1' }),
        person('b', [], two),
        person('c', [], two),
        person('between', [], { link: '2', managers: ['7'] }),
        person('d', [], { link: '3', managers: ['7', '2'] }),
        person('e', [], { link: '4', managers: ['7'] }),
      ],
      roots: ['a'],
    };
    expect((await digests(company, { ask: { managerValue: 'employeeNumber' } })).size).toBe(1);
  });
});
