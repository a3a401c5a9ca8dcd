// Who somebody is when the id attribute is missing, hidden or shared.
import { describe, expect, it } from 'vitest';
import { Interrupted, SearchFailure } from '../../src/domain/errors.ts';
import { type Company, dnOf, evenCompany, type Person, person } from './company.ts';
import { type CrawledDatabase, type CrawlSetup, withDatabase } from './crawls.ts';

const BASE = evenCompany(13, 3);
const NOTHING = { joined: 0, left: 0, detached: 0, returned: 0, moved: 0, changed: 0 };

function change(company: Company, id: string, more: Partial<Person>): Company {
  const people = company.people.map((each) => (each.id === id ? { ...each, ...more } : each));
  return { ...company, people };
}

const fire = (company: Company, id: string): Company => ({
  ...company,
  people: company.people.filter((each) => each.id !== id),
});

const hire = (company: Company, ...more: readonly Person[]): Company => ({
  ...company,
  people: [...company.people, ...more],
});

const reversed = (company: Company): Company => ({
  ...company,
  people: company.people.toReversed(),
});

function organisation(database: CrawledDatabase) {
  return database.read(
    'SELECT id, dn, manager_id, depth, total_reports FROM employees ORDER BY dn',
  );
}

function findings(database: CrawledDatabase) {
  return database.read(
    "SELECT kind, employee_id, detail FROM findings WHERE kind LIKE '%_id' ORDER BY kind, employee_id",
  );
}

/** Crawls them one after the other; what the last one counted. */
async function nights(database: CrawledDatabase, ...companies: readonly Company[]) {
  let counted: unknown;
  for (const company of companies) {
    const { published } = await database.crawl(company);
    const { joined, left, detached, returned, moved, changed } = published;
    counted = { joined, left, detached, returned, moved, changed };
  }
  return counted;
}

describe('an entry without the id attribute', () => {
  const without = change(BASE, 'p4', { shows: null });

  it('goes by its DN, with a finding, and its branch is read', async () => {
    await withDatabase(async (database) => {
      expect(await nights(database, without, without)).toEqual(NOTHING);
      expect(database.column("SELECT direct_reports FROM employees WHERE id = 'p1'")).toEqual([3]);
      expect(findings(database)).toEqual([
        { kind: 'missing_id', employee_id: dnOf('p4'), detail: 'entryUUID' },
      ]);
    });
  });

  it('is the same person when the id appears', async () => {
    await withDatabase(async (database) => {
      expect(await nights(database, without, BASE)).toEqual({ ...NOTHING, changed: 1 });
      expect(await nights(database, BASE)).toEqual(NOTHING);
      expect(findings(database)).toEqual([]);
      const moved = change(BASE, 'p4', { dn: dnOf('new') });
      expect(await nights(database, moved)).toEqual({ ...NOTHING, changed: 1 });
    });
  });

  it('keeps the id that it showed before', async () => {
    await withDatabase(async (database) => {
      expect(await nights(database, BASE, without, without)).toEqual(NOTHING);
      expect(findings(database)).toMatchObject([{ kind: 'missing_id', employee_id: 'p4' }]);
      expect(await nights(database, BASE)).toEqual(NOTHING);
    });
  });

  it('keeps it where nobody shows one any more, also where managers are named by a number', async () => {
    for (const link of [false, true]) {
      const people = BASE.people.map((each, n) => {
        const managers = n === 0 ? [] : [`${Math.floor((n - 1) / 3)}`];
        return link ? { ...each, link: `${n}`, managers } : each;
      });
      const shown = { ...BASE, people };
      const hidden = { ...BASE, people: people.map((each) => ({ ...each, shows: null })) };
      const ask = link ? { managerValue: 'employeeNumber' } : {};
      await withDatabase(async (database) => {
        const before = await database.crawl(shown, { ask }).then(() => organisation(database));
        const { published } = await database.crawl(hidden, { ask });
        expect(published).toMatchObject(NOTHING);
        expect(organisation(database)).toEqual(before);
      });
    }
  });

  it('is another person where the id that appears is not the one that was there', async () => {
    await withDatabase(async (database) => {
      const anew = change(BASE, 'p12', { shows: 'another' });
      expect(await nights(database, BASE, anew)).toEqual({ ...NOTHING, joined: 1, left: 1 });
    });
  });

  it('is nobody else: who had the DN is seen elsewhere with their id', async () => {
    const both = hire(
      change(BASE, 'p12', { dn: dnOf('moved') }),
      person('other', ['p3'], { dn: dnOf('p12'), shows: null }),
    );
    for (const second of [both, reversed(both)]) {
      await withDatabase(async (database) => {
        expect(await nights(database, BASE, second)).toEqual({ ...NOTHING, joined: 1, changed: 1 });
        expect(
          database.read("SELECT id, dn FROM employees WHERE id IN ('p12', ?)", dnOf('p12')),
        ).toEqual(
          expect.arrayContaining([
            { id: 'p12', dn: dnOf('moved') },
            { id: dnOf('p12'), dn: dnOf('p12') },
          ]),
        );
        expect(await nights(database, both)).toEqual(NOTHING);
      });
    }
  });
});

describe('one id on two entries', () => {
  // Two managers, each with people below, at DNs in either order.
  const twice = hire(
    change(BASE, 'p4', { shows: 'one' }),
    person('zz', ['p2'], { shows: 'one' }),
    person('below zz', ['zz']),
    person('aa', ['p3'], { shows: 'two' }),
    person('mm', ['p1'], { shows: 'two' }),
    person('below mm', ['mm']),
    person('below aa', ['aa', 'mm']),
  );
  const DUPLICATES = [
    { kind: 'duplicate_id', employee_id: dnOf('mm'), detail: 'two' },
    { kind: 'duplicate_id', employee_id: dnOf('zz'), detail: 'one' },
  ];

  async function once(setup: CrawlSetup = {}, company = twice) {
    return withDatabase(async (database) => {
      await database.crawl(company, setup);
      return { people: organisation(database), findings: findings(database) };
    });
  }

  it('stays with the lower DN, the other goes by DN: both kept, with everyone below', async () => {
    const { people, findings: found } = await once();
    expect(found).toEqual(DUPLICATES);
    expect(people).toHaveLength(19);
    expect(people).toEqual(
      expect.arrayContaining([
        { id: 'one', dn: dnOf('p4'), manager_id: 'p1', depth: 2, total_reports: 0 },
        { id: dnOf('zz'), dn: dnOf('zz'), manager_id: 'p2', depth: 2, total_reports: 1 },
        { id: 'two', dn: dnOf('aa'), manager_id: 'p3', depth: 2, total_reports: 1 },
        { id: dnOf('mm'), dn: dnOf('mm'), manager_id: 'p1', depth: 2, total_reports: 1 },
        expect.objectContaining({ id: 'below zz', manager_id: dnOf('zz') }),
        expect.objectContaining({ id: 'below aa', manager_id: 'two' }),
      ]),
    );
  });

  it('in whatever order they come, with any number of workers', async () => {
    const expected = await once();
    for (const company of [twice, reversed(twice)]) {
      for (const setup of [{ batch: 1 }, { batch: 1, workers: 4 }, { batch: 5, pageSize: 1 }]) {
        expect(await once(setup, company)).toEqual(expected);
      }
    }
  });

  it('wherever the crawl is stopped and continued', async () => {
    const expected = await once();
    for (const k of [1, 3, 8]) {
      await withDatabase(async (database) => {
        while (await database.crawlUntil(k, twice, { batch: 1 }));
        expect({ people: organisation(database), findings: findings(database) }).toEqual(expected);
      });
    }
  });

  it('night after night: nobody flips, whoever comes first', async () => {
    await withDatabase(async (database) => {
      await nights(database, twice);
      const first = organisation(database);
      expect(await nights(database, reversed(twice))).toEqual(NOTHING);
      expect(await nights(database, twice)).toEqual(NOTHING);
      expect(organisation(database)).toEqual(first);
      expect(findings(database)).toEqual(DUPLICATES);
    });
  });

  it('that turns up at a lower DN later stays whose it was', async () => {
    const one = change(BASE, 'p12', { shows: 'one' });
    const two = hire(one, person('aa', ['p2'], { shows: 'one' }));
    for (const second of [two, reversed(two)]) {
      await withDatabase(async (database) => {
        expect(await nights(database, one, second)).toEqual({ ...NOTHING, joined: 1 });
        expect(database.column("SELECT dn FROM employees WHERE id = 'one'")).toEqual([dnOf('p12')]);
        expect(await nights(database, two)).toEqual(NOTHING);
      });
    }
  });

  it('is left to the one who goes by DN, a night after the other has left', async () => {
    const [both, alone] = [twice, fire(twice, 'p4')];
    await withDatabase(async (database) => {
      expect(await nights(database, both, alone)).toEqual({ ...NOTHING, left: 1 });
      expect(await nights(database, alone)).toEqual({ ...NOTHING, changed: 1 });
      expect(database.column("SELECT dn FROM employees WHERE id = 'one'")).toEqual([dnOf('zz')]);
      expect(await nights(database, alone)).toEqual(NOTHING);
    });
  });

  it('stays where it is in a run that retries what failed, read again or not', async () => {
    const denied = (id: string): CrawlSetup => ({
      search: (ids) => {
        if (ids.includes(id)) throw new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });
      },
    });
    for (const failing of ['p2', 'p6']) {
      await withDatabase(async (database) => {
        await nights(database, twice);
        const first = organisation(database);
        await database.crawl(twice, { batch: 1, ...denied(failing) });
        const { published } = await database.crawl(reversed(twice), { onlyFailed: true });
        expect(published).toMatchObject({ ...NOTHING, status: 'published' });
        expect(organisation(database)).toEqual(first);
        expect(findings(database)).toEqual(DUPLICATES);
      });
    }
  });

  it('leads to the one at the DN that the server names, however a manager value is written', async () => {
    const aliased = {
      ...hire(
        change(twice, 'p12', { shows: null }),
        person('below zz too', [], { managers: ['cn=the one at zz'] }),
        person('below p12', [], { managers: ['cn=the one at p12'] }),
      ),
      aliases: { 'cn=the one at zz': 'zz', 'cn=the one at p12': 'p12' },
    };
    await withDatabase(async (database) => {
      await nights(database, BASE, aliased);
      const manager = 'SELECT manager_id FROM employees WHERE id = ?';
      expect(database.column(manager, 'below zz too')).toEqual([dnOf('zz')]);
      expect(database.column(manager, 'below p12')).toEqual(['p12']);
    });
  });

  it('that appears where somebody went by DN, and elsewhere: they go by DN still', async () => {
    const before = hire(BASE, person('mm', ['p4'], { shows: null }));
    const both = hire(
      change(before, 'mm', { shows: 'one' }),
      person('zz', ['p5'], { shows: 'one' }),
    );
    for (const after of [both, reversed(both)]) {
      await withDatabase(async (database) => {
        expect(await nights(database, before, after)).toEqual({ ...NOTHING, joined: 1 });
        expect(database.column("SELECT dn FROM employees WHERE id = 'one'")).toEqual([dnOf('zz')]);
      });
    }
  });

  it('costs one question for each of the entries', async () => {
    const asked: string[] = [];
    await once({ holds: (dn) => void asked.push(dn) });
    expect(asked.toSorted()).toEqual(['aa', 'mm', 'p4', 'zz'].map(dnOf));
    await once({ holds: () => expect.fail('nobody shares an id') }, BASE);
  });

  it('is asked about again by a crawl that must not end with a failure', async () => {
    await withDatabase(async (database) => {
      const holds = (dn: string) => {
        if (dn === dnOf('zz')) throw new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });
      };
      const stop = new AbortController();
      const phase = (name: string) => {
        if (name === 'publishing') stop.abort(new Interrupted('SIGTERM', 'stopped'));
      };
      const stopped = {
        holds,
        onFailure: 'abort',
        signal: stop.signal,
        observe: { phase },
      } as const;
      await expect(database.crawl(twice, stopped)).rejects.toThrow('stopped');
      const { run, published } = await database.crawl(twice, { onFailure: 'abort' });
      expect([run.resumed, published.status]).toEqual([true, 'published']);
      expect(findings(database)).toEqual(DUPLICATES);
    });
  });

  it('that cannot be asked about counts as two, and the branch as failed', async () => {
    await withDatabase(async (database) => {
      const holds = (dn: string) => {
        if (dn === dnOf('zz')) throw new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });
      };
      const { published } = await database.crawl(twice, { holds });
      expect(published).toMatchObject({ employees: 19, failedBranches: 1, status: 'partial' });
      expect(database.column('SELECT dn FROM failures')).toEqual([dnOf('zz')]);
      expect(await nights(database, twice)).toEqual(NOTHING);
      expect(findings(database)).toEqual(DUPLICATES);
    });
  });
});
