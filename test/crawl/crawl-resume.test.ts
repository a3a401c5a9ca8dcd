import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../src/domain/errors.ts';
import { openForWriting } from '../../src/store/file/database.ts';
import { type Company, evenCompany, oddCompany, person } from './company.ts';
import { type CrawledDatabase, type CrawlSetup, withDatabase } from './crawls.ts';

/** Small pages and batches, so that there are many commits to stop at. */
const setup: CrawlSetup = { pageSize: 2, batch: 3 };

/** What the odd company looks like a night later. */
function laterCompany(): Company {
  const company = oddCompany();
  const people = company.people
    .filter(({ id }) => !['p24', 'p20', 'loop3'].includes(id))
    .map((each) => {
      if (each.id === 'p12') return { ...each, title: 'Promoted' };
      return each.id === 'p13' ? person('p13', ['p2']) : each;
    });
  return { ...company, people: [...people, person('new', ['p3']), person('newer', ['new'])] };
}

async function undisturbed(database: CrawledDatabase, company: Company): Promise<string> {
  const whole = database.copy('whole.db');
  await whole.crawl(company, setup);
  return whole.digest();
}

/** Runs `stop` for k = 1, 2, … on a copy each, then the crawl again, until nothing is left to stop at. */
async function atEvery(
  database: CrawledDatabase,
  company: Company,
  stop: (copy: CrawledDatabase, k: number) => Promise<CrawledDatabase | undefined>,
): Promise<number> {
  const expected = await undisturbed(database, company);
  for (let k = 1; ; k += 1) {
    const stopped = await stop(database.copy(`${k}.db`), k);
    if (stopped === undefined) return k - 1;
    const { run } = await stopped.crawl(company, setup);
    expect({ k, resumed: run.resumed, digest: stopped.digest() }).toEqual({
      k,
      resumed: true,
      digest: expected,
    });
  }
}

async function interrupted(company: Company, copy: CrawledDatabase, k: number) {
  return (await copy.crawlUntil(k, company, setup)) ? copy : undefined;
}

/** The database that a first crawl of the odd company left. */
async function withPublished<T>(use: (database: CrawledDatabase) => Promise<T>): Promise<T> {
  return withDatabase(async (database) => {
    await database.crawl(oddCompany(), setup);
    return use(database);
  });
}

/** An empty database that knows its schema. */
async function withEmpty<T>(use: (database: CrawledDatabase) => Promise<T>): Promise<T> {
  return withDatabase((database) => {
    openForWriting(database.path).close();
    return use(database);
  });
}

describe('a crawl that is stopped', () => {
  it('at any commit ends, run again, with the database of an undisturbed one', async () => {
    await withEmpty(async (database) => {
      const company = oddCompany();
      const points = await atEvery(database, company, (copy, k) => interrupted(company, copy, k));
      expect(points).toBeGreaterThan(20);
    });
  });

  it('at any commit of a second night: likewise', async () => {
    await withPublished(async (database) => {
      const company = laterCompany();
      const points = await atEvery(database, company, (copy, k) => interrupted(company, copy, k));
      expect(points).toBeGreaterThan(20);
    });
  });

  it('by SIGKILL at any commit: likewise, from what is on the disk', async () => {
    await withEmpty(async (database) => {
      const company = oddCompany();
      const points = await atEvery(database, company, (copy, k) =>
        copy.killedAt(k, company, setup),
      );
      expect(points).toBeGreaterThan(20);
    });
  });

  it('by SIGKILL with several workers under way: likewise', async () => {
    await withEmpty(async (database) => {
      const company = oddCompany();
      const several = { ...setup, workers: 4, batch: 2 };
      const points = await atEvery(database, company, (copy, k) =>
        copy.killedAt(k, company, several),
      );
      expect(points).toBeGreaterThan(20);
    });
  });

  it('by SIGKILL at any commit of a second night: likewise', async () => {
    await withPublished(async (database) => {
      const company = laterCompany();
      const points = await atEvery(database, company, (copy, k) =>
        copy.killedAt(k, company, setup),
      );
      expect(points).toBeGreaterThan(20);
    });
  });

  it('by SIGKILL at any turn while it publishes: likewise', async () => {
    await withPublished(async (database) => {
      const company = laterCompany();
      const expected = await undisturbed(database, company);
      const copies: CrawledDatabase[] = [];
      const crawling = database.copy('published.db');
      await crawling.crawlWatchingPublication(
        company,
        (turn) => void copies.push(crawling.copy(`turn-${turn}.db`)),
        setup,
      );
      expect(crawling.digest()).toBe(expected);
      let unfinished = 0;
      for (const copy of copies) {
        const [status] = copy.column('SELECT status FROM runs ORDER BY id DESC LIMIT 1');
        if (status === 'published') {
          expect(copy.digest()).toBe(expected);
          await copy.crawl(company, setup);
          expect(copy.column('SELECT count(*) FROM _frontier')).toEqual([0]);
          continue;
        }
        unfinished += 1;
        expect((await copy.crawl(company, setup)).run.resumed).toBe(true);
        expect(copy.digest()).toBe(expected);
      }
      expect(unfinished).toBeGreaterThan(3);
    });
  });

  it('at any turn while it publishes: likewise', async () => {
    await withPublished(async (database) => {
      const company = laterCompany();
      const expected = await undisturbed(database, company);
      let stopped = 0;
      for (let at = 1; ; at += 1) {
        const copy = database.copy(`stopped-${at}.db`);
        const stop = new AbortController();
        const reason = new Interrupted('SIGTERM', 'stopped');
        const crawling = copy.crawlWatchingPublication(
          company,
          (turn) => turn === at && stop.abort(reason),
          { ...setup, signal: stop.signal },
        );
        const error = await crawling.then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        if (error === undefined) break;
        expect(error).toBe(reason);
        stopped += 1;
        expect((await copy.crawl(company, setup)).run.resumed).toBe(true);
        expect(copy.digest()).toBe(expected);
      }
      expect(stopped).toBeGreaterThan(3);
    });
  });

  it('again and again gets on each time, and ends with the same database', async () => {
    await withEmpty(async (database) => {
      const expected = await undisturbed(database, oddCompany());
      let stops = 0;
      while (await database.crawlUntil(7, oddCompany(), setup)) stops += 1;
      expect(stops).toBeGreaterThan(3);
      expect(database.digest()).toBe(expected);
      expect(database.column('SELECT count(*) FROM runs')).toEqual([1]);
    });
  });

  it('reads no branch again that was complete', async () => {
    await withDatabase(async (database) => {
      const company = evenCompany(40, 3);
      const searched: string[] = [];
      const search = (ids: readonly string[]) => void searched.push(...ids);
      await database.crawlUntil(9, company, { batch: 1, search });
      await database.crawl(company, { batch: 1, search });
      expect(new Set(searched).size).toBe(40);
      expect(searched).toHaveLength(40);
    });
  });

  it('by SIGKILL reads again at most one search for each worker', async () => {
    await withDatabase(async (database) => {
      const company = evenCompany(60, 3);
      const searched: string[] = [];
      const search = (ids: readonly string[]) => void searched.push(...ids);
      const setup = { batch: 1, workers: 4, search };
      const copy = (await database.killedAt(20, company, setup)) as CrawledDatabase;
      const done = copy.column('SELECT count(*) FROM _frontier WHERE state = 1');
      expect(done).toEqual([20]);
      searched.length = 0;
      await copy.crawl(company, setup);
      expect(searched).toHaveLength(40);
    });
  });

  it('before the run began leaves no run', async () => {
    await withDatabase(async (database) => {
      const signal = AbortSignal.abort(new Error('enough'));
      const crawling = database.crawl(evenCompany(3, 2), { signal });
      await expect(crawling).rejects.toThrow('enough');
    });
  });
});

const statusOf = (database: CrawledDatabase) =>
  database.column('SELECT status FROM runs ORDER BY id DESC LIMIT 1')[0];

/** What is on the disk at each turn of the event loop while a fresh crawl abandons the unfinished run. */
async function copiesUntilStarted(database: CrawledDatabase, company: Company) {
  const copies: CrawledDatabase[] = [];
  let started = false;
  const watch = () => {
    if (started) return;
    copies.push(database.copy(`abandoning-${copies.length}.db`));
    setImmediate(watch);
  };
  setImmediate(watch);
  const begun = () => {
    started = true;
  };
  await database.crawl(company, { ...setup, fresh: true, observe: { started: begun } });
  return copies;
}

describe('an unfinished run', () => {
  const company = evenCompany(30, 3);

  async function withUnfinished<T>(use: (database: CrawledDatabase) => Promise<T>): Promise<T> {
    return withDatabase(async (database) => {
      expect(await database.crawlUntil(4, company, setup)).toBe(true);
      expect(database.column('SELECT status FROM runs')).toEqual(['interrupted']);
      return use(database);
    });
  }

  it('is continued with other workers, batches and pages', async () => {
    await withUnfinished(async (database) => {
      const { run } = await database.crawl(company, { workers: 7, batch: 1, pageSize: 500 });
      expect(run).toEqual({ id: 1, resumed: true, base: 0, expected: 0, abandoned: null });
      expect(database.column('SELECT status FROM runs')).toEqual(['published']);
    });
  });

  const seen = (database: CrawledDatabase) =>
    database.column<number>('SELECT count(*) FROM crawl_employees')[0];

  it.each([
    ['another filter', { ask: { filter: '(uid=*)' } }, 'it asked another question'],
    ['other roots', { ask: { roots: ['p1'] } }, 'it asked another question'],
    ['another base', { ask: { base: 'dc=com' } }, 'it asked another question'],
    ['another link', { ask: { managerAttribute: 'boss' } }, 'it asked another question'],
    ['another mapping', { ask: { mapping: { name: ['sn'] } } }, 'it asked another question'],
    ['an age beyond the limit', { resumeWithinMs: -1 }, 'its last page is too old'],
    ['the wish for a fresh one', { fresh: true }, 'a fresh start was asked for'],
  ] as const)('is abandoned for %s, and what it had read is told', async (_what, more, why) => {
    await withUnfinished(async (database) => {
      const employees = seen(database);
      const { run } = await database.crawl(company, more);
      expect(run).toEqual({
        id: 2,
        resumed: false,
        expected: 0,
        base: 0,
        abandoned: { id: 1, employees, why },
      });
      expect(database.column('SELECT status FROM runs ORDER BY id')).toEqual([
        'abandoned',
        'published',
      ]);
      expect(database.column('SELECT count(*) FROM employees')).toEqual([30]);
      expect(database.column('SELECT count(*) FROM _version')).toEqual([30]);
    });
  });

  it('asks the same question in another order of roots and mapping', async () => {
    const two = { ...company, roots: ['p0', 'p1'] };
    const ask = (roots: string[], ...names: string[]) => ({
      ask: { roots, mapping: Object.fromEntries(names.map((name) => [name, [name]])) },
    });
    await withDatabase(async (database) => {
      await database.crawlUntil(3, two, { ...setup, ...ask(['p0', 'p1'], 'name', 'title') });
      const { run } = await database.crawl(two, ask(['p1', 'p0'], 'title', 'name'));
      expect(run.resumed).toBe(true);
    });
  });

  it('that is abandoned while a state is published leaves that as it was', async () => {
    await withDatabase(async (database) => {
      await database.crawl(company);
      const before = database.read('SELECT * FROM employees ORDER BY id');
      await database.crawlUntil(4, laterCompany(), setup);
      expect(database.read('SELECT * FROM employees ORDER BY id')).toEqual(before);
      await database.crawlUntil(1, company, { ...setup, fresh: true });
      expect(database.read('SELECT * FROM employees ORDER BY id')).toEqual(before);
    });
  });

  it('that was being abandoned when the process was killed leaves nothing behind', async () => {
    await withPublished(async (database) => {
      await database.crawlUntil(12, laterCompany(), setup);
      const copies = await copiesUntilStarted(database.copy('abandoning.db'), laterCompany());
      const half = copies.filter((copy) => statusOf(copy) === 'abandoned');
      expect(half.length).toBeGreaterThan(1);
      let unfinished = 0;
      for (const copy of half) {
        unfinished +=
          copy.column<number>('SELECT count(*) FROM _version WHERE from_run = 2')[0] ?? 0;
        await copy.crawl(oddCompany(), setup);
        expect(copy.column('SELECT count(*) FROM _version WHERE from_run = 2')).toEqual([0]);
        expect(copy.column('SELECT count(*) FROM _frontier')).toEqual([0]);
        expect(copy.column('SELECT status FROM runs ORDER BY id')).toEqual([
          'published',
          'abandoned',
          'published',
        ]);
      }
      expect(unfinished).toBeGreaterThan(0);
    });
  });

  it('is not replaced by one whose root cannot be found', async () => {
    await withUnfinished(async (database) => {
      const rootless = { ...company, roots: ['nobody'] };
      await expect(database.crawl(rootless)).rejects.toThrow();
      expect(database.column('SELECT status FROM runs')).toEqual(['interrupted']);
      expect((await database.crawl(company)).run.resumed).toBe(true);
    });
  });

  it('is shown by crawl_employees, which is empty when it is published', async () => {
    await withUnfinished(async (database) => {
      const rows = database.read('SELECT id, manager_id FROM crawl_employees ORDER BY id');
      expect(rows.length).toBeGreaterThan(3);
      expect(rows).toContainEqual({ id: 'p0', manager_id: null });
      expect(rows).toContainEqual({ id: 'p1', manager_id: 'p0' });
      expect(database.column('SELECT count(*) FROM employees')).toEqual([0]);
      await database.crawl(company);
      expect(seen(database)).toBe(0);
      expect(database.column('SELECT count(*) FROM employees')).toEqual([30]);
    });
  });
});

it('runs are numbered upwards, whatever became of those before', async () => {
  await withDatabase(async (database) => {
    const company = evenCompany(20, 3);
    const ids: number[] = [];
    const observe = { started: ({ id }: { readonly id: number }) => void ids.push(id) };
    await database.crawl(company, { observe });
    await database.crawlUntil(1, company, { ...setup, observe });
    await database.crawl(company, { fresh: true, observe });
    await database.crawl(company, { observe });
    expect(ids).toEqual([1, 2, 3, 4]);
    expect(database.column('SELECT id FROM runs ORDER BY id')).toEqual([1, 2, 3, 4]);
  });
});
