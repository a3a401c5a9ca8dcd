// Entries that get another DN while they are crawled.
import { describe, expect, it } from 'vitest';
import { type Company, dnOf, evenCompany, person } from './company.ts';
import { type CrawledDatabase, type CrawlSetup, withDatabase } from './crawls.ts';

/** p9 reports to p2 and, further down, to p4: whoever is asked about p4 last sees p9 a second time. */
const BEFORE: Company = (() => {
  const { people, roots } = evenCompany(40, 3);
  const twice = person('p9', ['p2', 'p4']);
  return { roots, people: people.map((each) => (each.id === 'p9' ? twice : each)) };
})();

/** Somebody under another DN; manager values follow, as AD and OpenLDAP's refint do it, or stay behind. */
function renamed(company: Company, id: string, follow = true): Company {
  const to = dnOf(`new-${id}`);
  const people = company.people.map((each) => {
    const managers = each.managers.map((value) => (follow && value === dnOf(id) ? to : value));
    return each.id === id ? { ...each, dn: to, managers } : { ...each, managers };
  });
  return { ...company, people };
}

const AFTER = renamed(BEFORE, 'p9');

function becomes(company: Company, at: number): CrawlSetup {
  return { batch: 1, become: (n) => (n === at ? company : undefined) };
}

function whoReportsToWhom(database: CrawledDatabase) {
  return database.read('SELECT id, manager_id, depth, total_reports FROM employees ORDER BY id');
}

async function undisturbed() {
  return withDatabase(async (database) => {
    await database.crawl(AFTER);
    return whoReportsToWhom(database);
  });
}

describe('a manager who is renamed while the crawl runs', () => {
  it('and seen under both names is one person, with everyone below', async () => {
    const expected = await undisturbed();
    // Between p2 and p4: p9 is known under the old DN, and not read yet.
    for (const at of [4, 5]) {
      await withDatabase(async (database) => {
        const { published } = await database.crawl(BEFORE, becomes(AFTER, at));
        expect(published).toMatchObject({ employees: 40, status: 'published' });
        expect(whoReportsToWhom(database)).toEqual(expected);
        expect(database.column("SELECT dn FROM employees WHERE id = 'p9'")).toEqual([
          dnOf('new-p9'),
        ]);
        expect(database.column('SELECT DISTINCT kind FROM findings')).toEqual(['several_managers']);
      });
    }
  });

  it('is no leaver and no joiner on any night, whenever it happens', async () => {
    const expected = await undisturbed();
    for (const at of [1, 2, 4, 5, 6, 10, 11, 20, 40]) {
      await withDatabase(async (database) => {
        await database.crawl(BEFORE);
        const { published } = await database.crawl(BEFORE, becomes(AFTER, at));
        expect(published).toMatchObject({ employees: 40, joined: 0, left: 0, returned: 0 });
        expect(whoReportsToWhom(database)).toEqual(expected);
        const next = await database.crawl(AFTER);
        expect(next.published).toMatchObject({ joined: 0, left: 0, moved: 0, employees: 40 });
      });
    }
  });

  it('keeps those reports, too, whom the server names by the new name while others bear the old one', async () => {
    const [first] = BEFORE.people.filter(({ managers }) => managers.includes(dnOf('p5')));
    const after = renamed(BEFORE, 'p5');
    const half = {
      ...after,
      people: after.people.map((each) => (each.id === first?.id ? first : each)),
    };
    await withDatabase(async (database) => {
      await database.crawl(BEFORE);
      const { published } = await database.crawl(BEFORE, becomes(half, 4));
      expect(published).toMatchObject({ employees: 40, joined: 0, left: 0 });
    });
  });

  it('wherever the crawl is stopped and continued', async () => {
    const expected = await undisturbed();
    for (const k of [2, 4, 7]) {
      await withDatabase(async (database) => {
        await database.crawlUntil(k, BEFORE, becomes(AFTER, 4));
        while (await database.crawlUntil(k, AFTER, { batch: 1 }));
        expect(whoReportsToWhom(database)).toEqual(expected);
      });
    }
  });

  it('twice, and is found where nobody has seen them', async () => {
    const later = renamed(BEFORE, 'p9');
    const third = {
      ...later,
      people: later.people.map((each) => {
        const managers = each.managers.map((v) => (v === dnOf('new-p9') ? dnOf('third') : v));
        return each.id === 'p9' ? { ...each, dn: dnOf('third') } : { ...each, managers };
      }),
    };
    const become = (n: number) => (n === 4 ? later : n === 6 ? third : undefined);
    for (const nightsBefore of [0, 1]) {
      await withDatabase(async (database) => {
        if (nightsBefore > 0) await database.crawl(BEFORE);
        await database.crawl(BEFORE, { batch: 1, become });
        expect(database.column("SELECT dn FROM employees WHERE id = 'p9'")).toEqual([
          dnOf('third'),
        ]);
        expect(whoReportsToWhom(database)).toEqual(await undisturbed());
      });
    }
  });

  it('and is a root is a root still', async () => {
    const circle = {
      ...BEFORE,
      people: BEFORE.people.map((each) => (each.id === 'p0' ? person('p0', ['p1']) : each)),
    };
    await withDatabase(async (database) => {
      await database.crawl(circle, becomes(renamed(circle, 'p0'), 2));
      const root = "SELECT dn, depth, manager_id, total_reports FROM employees WHERE id = 'p0'";
      expect(database.read(root)).toEqual([
        { dn: dnOf('new-p0'), depth: 0, manager_id: null, total_reports: 39 },
      ]);
    });
  });

  it('where the manager values stay behind: whoever is linked to nobody is left out, and nobody is there twice', async () => {
    await withDatabase(async (database) => {
      const behind = renamed(BEFORE, 'p9', false);
      const { published } = await database.crawl(BEFORE, becomes(behind, 4));
      expect(published.employees).toBe(37);
      expect(database.column("SELECT count(*) FROM employees WHERE manager_id = 'p9'")).toEqual([
        0,
      ]);
    });
  });
});

describe('a manager whose number changes while the crawl runs', () => {
  const numbered = (number: string): Company => ({
    roots: BEFORE.roots,
    people: BEFORE.people.map((each) => {
      const link = each.id === 'p9' ? number : each.id;
      const ids = each.managers.map((dn) => dn.slice(4, dn.indexOf(',')));
      return { ...each, link, managers: ids.map((id) => (id === 'p9' ? number : id)) };
    }),
  });
  const ask = { managerValue: 'employeeNumber' } as const;

  it('is asked about by the new one, whether the branch waits, is in progress or was read', async () => {
    const expected = await withDatabase(async (database) => {
      await database.crawl(numbered('2'), { ask });
      return whoReportsToWhom(database);
    });
    for (const workers of [1, 4]) {
      for (const at of [4, 5]) {
        await withDatabase(async (database) => {
          const setup = { ...becomes(numbered('2'), at), ask, workers };
          await database.crawl(numbered('1'), setup);
          expect(whoReportsToWhom(database)).toEqual(expected);
        });
      }
    }
  });
});
