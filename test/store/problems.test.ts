// What is wrong in the directory's data, told of who reports to whom, from night to night.
import { describe, expect, it } from 'vitest';
import { SearchFailure } from '../../src/domain/errors.ts';
import { type Company, dnOf, evenCompany, type Person, person, SUFFIX } from '../crawl/company.ts';
import { type CrawledDatabase, type CrawlSetup, withDatabase } from '../crawl/crawls.ts';

/** p0 with p1 and p2 below; p3 and p4 below p1, p5 and p6 below p2. */
const SOUND = evenCompany(7, 2);

function withPeople(...more: readonly Person[]): Company {
  const ids = new Set(more.map(({ id }) => id));
  const others = SOUND.people.filter(({ id }) => !ids.has(id));
  return { ...SOUND, people: [...others, ...more], others: [`cn=group,${SUFFIX}`] };
}

type Told = readonly [kind: unknown, id: unknown, detail: unknown];

function findings(database: CrawledDatabase): readonly Told[] {
  const rows = database.read('SELECT * FROM findings ORDER BY kind, employee_id, detail');
  return rows.map(({ kind, employee_id, detail }) => [kind, employee_id, detail]);
}

/** One night more. The number that is told is that of the rows that readers see. */
async function night(database: CrawledDatabase, company: Company, setup: CrawlSetup = {}) {
  const { published } = await database.crawl(company, setup);
  const told = findings(database);
  expect(published.findings).toBe(told.length);
  return told;
}

const DETACHED = 'the directory has the entry, and no manager of it leads to a root';
const GROUP = `cn=group,${SUFFIX}`;

it('stays where the manager value of those whom it is about is another one that names the same person', async () => {
  const named = (value: string): Company => ({
    ...withPeople(
      person('p1', [], { managers: [value], active: false }),
      person('p6', ['p2', 'p1']),
    ),
    aliases: { 'cn=the first': 'p0', 'cn=number one': 'p0' },
  });
  await withDatabase(async (database) => {
    const told = [
      ['inactive_manager', 'p1', ''],
      ['several_managers', 'p6', 'p1, p2'],
    ];
    expect(await night(database, named('cn=the first'))).toEqual(told);
    expect(await night(database, named('cn=number one'))).toEqual(told);
  });
});

describe('a finding is', () => {
  it.each<[string, readonly Person[], readonly Told[]]>([
    ['nothing of a sound organisation', [], []],
    ['whoever is their own manager', [person('p3', ['p3', 'p1'])], [['self_managed', 'p3', '']]],
    ['a root that is', [person('p0', ['p0'])], [['self_managed', 'p0', '']]],
    [
      'everyone of a circle that was reached',
      [person('p1', ['p0', 'p7']), person('p7', ['p3'])],
      [
        ...['p1', 'p3', 'p7'].map((id) => ['cycle', id, 'p1, p3, p7'] as const),
        ['several_managers', 'p1', 'p0, p7'],
      ],
    ],
    [
      'whoever has several managers',
      [person('p6', ['p2', 'p1', 'p2'])],
      [['several_managers', 'p6', 'p1, p2']],
    ],
    [
      'a manager who is disabled, not somebody else who is',
      [person('p1', ['p0'], { active: false }), person('p6', ['p2'], { active: false })],
      [['inactive_manager', 'p1', '']],
    ],
    [
      'a value that names nobody',
      [person('p6', ['p2', 'nobody'])],
      [['dangling_manager', 'p6', dnOf('nobody')]],
    ],
    [
      'a value that names somebody who is not below the roots',
      [person('p6', ['p2', 'stranger']), person('stranger', [])],
      [['outside_manager', 'p6', dnOf('stranger')]],
    ],
    [
      'not that a root has a manager outside',
      [person('p0', ['stranger']), person('stranger', [])],
      [],
    ],
    [
      'a value that names a group',
      [person('p6', [], { managers: [dnOf('p2'), GROUP] })],
      [['manager_not_employee', 'p6', GROUP]],
    ],
  ])('%s', async (_, people, expected) => {
    await withDatabase(async (database) => {
      expect(await night(database, withPeople(...people))).toEqual(expected);
    });
  });

  it('whoever is in a circle off the tree, as long as they were known before', async () => {
    await withDatabase(async (database) => {
      await night(database, SOUND);
      const circle = withPeople(person('p5', ['p6']), person('p6', ['p5']), person('x', ['p5']));
      expect(await night(database, circle)).toEqual([
        ['detached', 'p5', DETACHED],
        ['detached', 'p6', DETACHED],
      ]);
    });
  });

  it('told with at most ten of those whom it is about', async () => {
    await withDatabase(async (database) => {
      const many = Array.from({ length: 12 }, (_, i) => person(`m${10 + i}`, ['p0']));
      const ids = many.map(({ id }) => id);
      const [told] = await night(database, withPeople(...many, person('p7', ids)));
      expect(told?.[2]).toBe(`${ids.slice(0, 10).join(', ')} and 2 more`);
    });
  });
});

describe('from night to night a finding', () => {
  const broken = withPeople(person('p6', ['p2', 'nobody']), person('p3', ['p1', 'p2']));
  const TOLD: readonly Told[] = [
    ['dangling_manager', 'p6', dnOf('nobody')],
    ['several_managers', 'p3', 'p1, p2'],
  ];

  /** Since when, and until when, by run. */
  const runs = (database: CrawledDatabase) =>
    database.read(
      `SELECT DISTINCT f.id AS first, l.id AS last FROM findings
       JOIN runs AS f ON f.started_at = first_seen_at JOIN runs AS l ON l.started_at = last_seen_at`,
    );

  it('tells since when it is there, goes when it is mended, and is new when it is back', async () => {
    await withDatabase(async (database) => {
      await night(database, broken);
      expect(await night(database, broken)).toEqual(TOLD);
      expect(runs(database)).toEqual([{ first: 1, last: 2 }]);
      expect(await night(database, SOUND)).toEqual([]);
      expect(await night(database, broken)).toEqual(TOLD);
      expect(runs(database)).toEqual([{ first: 4, last: 4 }]);
    });
  });

  it('stays with those who are kept as they were', async () => {
    const search = (ids: readonly string[]) => {
      if (ids.includes('p0')) throw new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });
    };
    await withDatabase(async (database) => {
      await night(database, broken);
      expect(await night(database, SOUND, { search })).toEqual(TOLD);
      expect(runs(database)).toEqual([{ first: 1, last: 2 }]);
    });
  });

  it('is what it was where a run that found otherwise was killed while it was prepared', async () => {
    const rows = (database: CrawledDatabase) => database.read('SELECT * FROM findings ORDER BY 1');
    const problems = 'SELECT kind, detail, from_run, to_run FROM _problem';
    await withDatabase(async (database) => {
      await night(database, broken);
      const [before, stored] = [rows(database), database.read(problems)];
      const killed: CrawledDatabase[] = [];
      await database.crawlWatchingPublication(
        withPeople(person('p6', ['nobody2', 'p2'])),
        (turn) => {
          killed.push(database.copy(`turn-${turn}.db`));
        },
      );
      const undone = killed.filter((copy) => copy.read(problems).length > stored.length);
      expect(undone.length).toBeGreaterThan(0);
      for (const copy of undone.slice(0, 2)) {
        expect(rows(copy)).toEqual(before);
        expect(await night(copy, broken, { fresh: true })).toEqual(TOLD);
        expect(copy.read(problems)).toEqual(stored);
      }
    });
  });
});
