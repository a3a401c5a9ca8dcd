// A manager whose entry is elsewhere when its branch is read: asked about under the old DN, nobody would be below.
import { describe, expect, it } from 'vitest';
import { SearchFailure } from '../../src/domain/errors.ts';
import { type Company, dnOf } from '../crawl/company.ts';
import { type CrawledDatabase, withDatabase } from '../crawl/crawls.ts';
import { COMPANY, change, denied, fire, NO_CHANGES, organisation } from './partial-nights.ts';

/** p4 under another DN, and those below follow. */
function renamed(company: Company, id: string): Company {
  const to = dnOf(`new-${id}`);
  const people = company.people.map((each) => {
    const managers = each.managers.map((value) => (value === dnOf(id) ? to : value));
    return { ...each, managers };
  });
  return change({ ...company, people }, id, { dn: to });
}

async function whole(company: Company) {
  return withDatabase(async (database) => {
    await database.crawl(company);
    return organisation(database);
  });
}

const RETRY = { onlyFailed: true } as const;

/** A first night, and a second that stops before p4 is read. */
async function withHalfANight<T>(use: (database: CrawledDatabase) => Promise<T>): Promise<T> {
  return withDatabase(async (database) => {
    await database.crawl(COMPANY);
    expect(await database.crawlUntil(3, COMPANY, { batch: 1 })).toBe(true);
    return use(database);
  });
}

describe('a manager who is renamed before the branch is read', () => {
  it('between an interruption and its resume: nobody below has left', async () => {
    const company = renamed(COMPANY, 'p4');
    await withHalfANight(async (database) => {
      const { run, published } = await database.crawl(company);
      expect(run.resumed).toBe(true);
      expect(published).toMatchObject({ ...NO_CHANGES, changed: 1, status: 'published' });
      expect(organisation(database)).toEqual(await whole(company));
    });
  });

  it('is found also by a crawl that is stopped and continued at every commit after it', async () => {
    const company = renamed(COMPANY, 'p4');
    const expected = await whole(company);
    for (const k of [1, 2, 5, 9, 14]) {
      await withHalfANight(async (database) => {
        while (await database.crawlUntil(k, company, { batch: 5 }));
        expect(organisation(database)).toEqual(expected);
      });
    }
  });

  it('after the branch had failed: a run that retries it reads it under the new DN', async () => {
    const company = renamed(COMPANY, 'p4');
    await withDatabase(async (database) => {
      await database.crawl(COMPANY, denied('p4'));
      const { published } = await database.crawl(company, RETRY);
      expect(published).toMatchObject({ status: 'published', failedBranches: 0, employees: 40 });
      expect(organisation(database)).toEqual(await whole(company));
    });
  });

  it('after a night in which the branch failed: those below are seen again', async () => {
    const company = renamed(COMPANY, 'p4');
    await withDatabase(async (database) => {
      await database.crawl(COMPANY);
      await database.crawl(COMPANY, denied('p4'));
      await database.crawl(company, RETRY);
      expect(organisation(database)).toEqual(await whole(company));
    });
  });
});

describe('a manager who cannot be looked for', () => {
  const unknown = () => {
    throw new SearchFailure('fail', 'unreadable', 'nobody is found by id');
  };

  it('has a branch in doubt: it is listed, and nobody below has left', async () => {
    const company = renamed(COMPANY, 'p4');
    await withHalfANight(async (database) => {
      const { published } = await database.crawl(company, { find: unknown });
      expect(published).toMatchObject({ status: 'partial', failedBranches: 1, left: 0 });
      expect(database.read('SELECT employee_id, reason FROM failures')).toEqual([
        { employee_id: 'p4', reason: 'unreadable' },
      ]);
    });
  });

  it('stays in doubt where it had failed before', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY, denied('p4'));
      const { published } = await database.crawl(COMPANY, { ...RETRY, find: unknown });
      expect(published).toMatchObject({ status: 'partial', failedBranches: 1 });
    });
  });
});

describe('a manager who is gone', () => {
  it('has nothing to be read below, and those who went along have left', async () => {
    const below = ['p13', 'p14', 'p15'];
    const company = below.reduce(fire, fire(COMPANY, 'p4'));
    await withHalfANight(async (database) => {
      const { published } = await database.crawl(company);
      expect(published).toMatchObject({ status: 'published', left: 3 });
    });
  });

  it('ends what a run that retries has to do there', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY, denied('p4'));
      const { published } = await database.crawl(fire(COMPANY, 'p4'), RETRY);
      expect(published).toMatchObject({ status: 'published', failedBranches: 0, left: 0 });
    });
  });
});

describe('who had reports and has none', () => {
  it('is looked for once, and nobody else is', async () => {
    const found: string[] = [];
    const find = (id: string) => void found.push(id);
    const company = ['p13', 'p14', 'p15'].reduce(
      (all, id) => change(all, id, { managers: [dnOf('p5')] }),
      COMPANY,
    );
    await withDatabase(async (database) => {
      await database.crawl(COMPANY, { find });
      const { published } = await database.crawl(company, { find });
      expect(published).toMatchObject({ ...NO_CHANGES, moved: 3, status: 'published' });
      await database.crawl(company, { find });
      expect(found).toEqual(['p4']);
    });
  });
});
