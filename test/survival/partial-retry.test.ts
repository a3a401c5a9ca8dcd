// A run of its own that reads only what failed in the published one, and what lies below it.
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Interrupted, UsageError } from '../../src/domain/errors.ts';
import { SqliteRunStore } from '../../src/store/run-store.ts';
import { dnOf, evenCompany, person, questionOf } from '../crawl/company.ts';
import { type CrawledDatabase, withDatabase } from '../crawl/crawls.ts';
import { RUN } from '../store/stores.ts';
import {
  COMPANY,
  change,
  confirmedBy,
  denied,
  fire,
  hire,
  linesOf,
  NO_CHANGES,
  organisation,
  place,
  recording,
} from './partial-nights.ts';

const RETRY = { onlyFailed: true } as const;

/** A database in which a first crawl could not read who is below p1 and p11. */
async function withPartial<T>(use: (database: CrawledDatabase) => Promise<T>): Promise<T> {
  return withDatabase(async (database) => {
    const { published } = await database.crawl(COMPANY, denied('p1', 'p11'));
    expect(published).toMatchObject({ status: 'partial', failedBranches: 2, employees: 25 });
    return use(database);
  });
}

async function whole(database: CrawledDatabase, company = COMPANY) {
  const other = database.copy(`whole-${Math.random()}.db`);
  await other.crawl(company);
  return organisation(other);
}

describe('a run that retries what failed', () => {
  it('reads the failed branches and what lies below them, and nothing else', async () => {
    await withPartial(async (database) => {
      const { asked, setup } = recording();
      const { run, published } = await database.crawl(COMPANY, { ...setup, ...RETRY });
      expect(run).toEqual({
        ...{ id: 2, resumed: false, base: 1, expected: 25, abandoned: null },
        retries: { run: 1, branches: 2, employees: 25 },
      });
      expect(published).toMatchObject({
        ...{ ...NO_CHANGES, joined: 15 },
        ...{ status: 'published', failedBranches: 0, employees: 40 },
      });
      const below = COMPANY.people
        .map(({ id }) => id)
        .filter((id) => /^p(1|4|5|6|11|1[3-9]|2[01]|3[4-6])$/.test(id));
      expect(asked.toSorted()).toEqual(below.toSorted());
    });
  });

  it('ends with the organisation of a crawl of everything', async () => {
    await withPartial(async (database) => {
      await database.crawl(COMPANY, RETRY);
      expect(organisation(database)).toEqual(await whole(database));
      expect(database.column('SELECT status FROM runs ORDER BY id')).toEqual([
        'partial',
        'published',
      ]);
      expect(database.column('SELECT run_id FROM failures')).toEqual([1, 1]);
      expect(database.column('SELECT count(*) FROM _frontier')).toEqual([0]);
    });
  });

  it('says of nobody that this run saw them whom it did not read', async () => {
    await withPartial(async (database) => {
      await database.crawl(COMPANY, RETRY);
      const by = (id: string) => confirmedBy(database, id);
      // The root is read at the start of every run, and those whose branches failed are looked for by id.
      expect([by('p0'), by('p1'), by('p2'), by('p11')]).toEqual([2, 2, 1, 2]);
      expect([by('p4'), by('p13'), by('p34')]).toEqual([2, 2, 2]);
      await database.crawl(COMPANY);
      expect([by('p0'), by('p2'), by('p13')]).toEqual([3, 3, 3]);
      expect(
        database.column(
          'SELECT count(*) FROM _place WHERE seen_run IS NOT NULL AND to_run IS NULL',
        ),
      ).toEqual([0]);
    });
  });

  it('that fails in part can be retried in its turn, until nothing is left', async () => {
    await withPartial(async (database) => {
      const second = await database.crawl(COMPANY, { ...RETRY, ...denied('p11', 'p5') });
      expect(second.published).toMatchObject({ status: 'partial', failedBranches: 2 });
      expect(second.published.employees).toBe(34);
      expect(database.column('SELECT employee_id FROM failures WHERE run_id = 2')).toEqual([
        'p11',
        'p5',
      ]);
      const { asked, setup } = recording();
      const third = await database.crawl(COMPANY, { ...setup, ...RETRY });
      expect(third.run.retries).toEqual({ run: 2, branches: 2, employees: 34 });
      expect(third.published).toMatchObject({ status: 'published', employees: 40 });
      expect(asked.toSorted()).toEqual(
        ['p11', 'p34', 'p35', 'p36', 'p5', 'p16', 'p17', 'p18'].toSorted(),
      );
      expect(organisation(database)).toEqual(await whole(database));
      const by = (id: string) => confirmedBy(database, id);
      expect([by('p2'), by('p4'), by('p13'), by('p34'), by('p16')]).toEqual([1, 2, 2, 3, 3]);
    });
  });

  it('brings those up to date who had been kept below a branch, and asks for whoever is still unseen', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY);
      await database.crawl(COMPANY, denied('p4'));
      const later = hire(
        fire(change(COMPANY, 'p13', { title: 'Chief' }), 'p14'),
        person('new', ['p13']),
      );
      const { published } = await database.crawl(later, RETRY);
      expect(published).toMatchObject({
        ...{ ...NO_CHANGES, joined: 1, changed: 1, left: 1 },
        ...{ status: 'published', employees: 40 },
      });
      expect(['p13', 'p2'].map((id) => confirmedBy(database, id))).toEqual([3, 2]);
      const next = await database.crawl(later);
      expect(next.published).toMatchObject({ ...NO_CHANGES, employees: 40 });
    });
  });

  it('takes in who has moved to below a failed branch, as the same person', async () => {
    await withPartial(async (database) => {
      const moved = change(COMPANY, 'p7', { managers: [dnOf('p4')] });
      const { asked, setup } = recording();
      const { published } = await database.crawl(moved, { ...setup, ...RETRY });
      expect(published).toMatchObject({ ...NO_CHANGES, joined: 15, moved: 1, employees: 40 });
      expect(place(database, 'p7')).toMatchObject({ manager_id: 'p4', depth: 3 });
      expect(asked).not.toContain('p7');
      expect(organisation(database)).toEqual(await whole(database, moved));
    });
  });

  it('keeps the lines of those it did not read to people whom nobody has seen again', async () => {
    const company = hire(COMPANY, person('matrix', ['p2', 'p13']));
    await withDatabase(async (database) => {
      await database.crawl(company);
      await database.crawl(company, denied('p4', 'p11'));
      const { published } = await database.crawl(company, { ...RETRY, ...denied('p4') });
      expect(published).toMatchObject({ ...NO_CHANGES, failedBranches: 1, employees: 41 });
      expect(linesOf(database, 'matrix')).toEqual(['p13', 'p2']);
    });
  });

  it('reads everything where the root itself had failed', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY, denied('p0'));
      const { published } = await database.crawl(COMPANY, RETRY);
      expect(published).toMatchObject({ status: 'published', employees: 40 });
      expect(organisation(database)).toEqual(await whole(database));
      expect(place(database, 'p0')).toEqual({ manager_id: null, manager_dn: null, depth: 0 });
    });
  });

  it('shows in crawl_employees and runs whom it has read so far', async () => {
    await withPartial(async (database) => {
      expect(await database.crawlUntil(3, COMPANY, { ...RETRY, batch: 1 })).toBe(true);
      const seen = database.column('SELECT id FROM crawl_employees ORDER BY id');
      expect(seen).toContain('p0');
      expect(seen).not.toContain('p2');
      expect(seen.length).toBeGreaterThan(3);
      const [row] = database.read<{ status: string; employees: number }>(
        'SELECT status, employees FROM runs ORDER BY id DESC LIMIT 1',
      );
      expect(row?.status).toBe('interrupted');
      expect(row?.employees).toBeGreaterThan(25);
    });
  });
});

describe('a run that retries what failed, stopped', () => {
  const setup = { ...RETRY, batch: 1, pageSize: 2 };

  async function atEvery(
    stop: (copy: CrawledDatabase, k: number) => Promise<CrawledDatabase | undefined>,
  ): Promise<number> {
    return withPartial(async (database) => {
      const undisturbed = database.copy('undisturbed.db');
      await undisturbed.crawl(COMPANY, setup);
      const expected = undisturbed.digest();
      for (let k = 1; ; k += 1) {
        const stopped = await stop(database.copy(`${k}.db`), k);
        if (stopped === undefined) return k - 1;
        const { run } = await stopped.crawl(COMPANY, setup);
        expect({ k, id: run.id, resumed: run.resumed, digest: stopped.digest() }).toEqual({
          ...{ k, id: 2, resumed: true },
          digest: expected,
        });
      }
    });
  }

  it('at any commit is continued by the same command', async () => {
    const points = await atEvery(async (copy, k) =>
      (await copy.crawlUntil(k, COMPANY, setup)) ? copy : undefined,
    );
    expect(points).toBeGreaterThan(20);
  });

  it('by SIGKILL at any commit: likewise', async () => {
    const points = await atEvery((copy, k) => copy.killedAt(k, COMPANY, setup));
    expect(points).toBeGreaterThan(20);
  });

  it('is abandoned by a crawl of everything, with a line that says why', async () => {
    await withPartial(async (database) => {
      await database.crawlUntil(2, COMPANY, setup);
      const { run, published } = await database.crawl(COMPANY);
      const [employees] = database.column('SELECT employees FROM runs WHERE id = 2');
      expect(run).toMatchObject({
        ...{ id: 3, resumed: false },
        abandoned: { id: 2, employees, why: 'it only retried failed branches' },
      });
      expect(employees).toBeGreaterThan(1);
      expect(run.retries).toBeUndefined();
      expect(published).toMatchObject({ status: 'published', employees: 40 });
    });
  });

  it('is begun anew with --fresh, and when it is too old', async () => {
    for (const more of [{ fresh: true }, { resumeWithinMs: -1 }]) {
      await withPartial(async (database) => {
        await database.crawlUntil(2, COMPANY, setup);
        const { run } = await database.crawl(COMPANY, { ...setup, ...more });
        expect(run).toMatchObject({ id: 3, resumed: false, retries: { run: 1, branches: 2 } });
        expect(organisation(database)).toEqual(await whole(database));
      });
    }
  });

  it('while it takes over what was read goes on from there', async () => {
    const company = evenCompany(12_000, 60);
    await withDatabase(async (database) => {
      await database.crawl(company, denied('p3'));
      const undisturbed = database.copy('undisturbed.db');
      await undisturbed.crawl(company, RETRY);
      const run = { ...RUN, question: questionOf(company) };
      const reason = new Interrupted('SIGTERM', 'stopped');
      const copies: CrawledDatabase[] = [];
      {
        using store = SqliteRunStore.open(database.path);
        expect(store.readOnlyFailed({ fresh: false, dryRun: false })).toBe(1);
        const stop = new AbortController();
        const starting = store.start(run, stop.signal).catch((error: unknown) => error);
        await setImmediate();
        copies.push(database.copy('killed.db'));
        stop.abort(reason);
        expect(await starting).toBe(reason);
      }
      const taken = 'SELECT count(*) FROM _frontier';
      const [some = 0] = database.column<number>(taken);
      expect(some).toBeGreaterThan(0);
      expect(some).toBeLessThan(10_500);
      expect(database.column('SELECT status FROM runs ORDER BY id')).toEqual([
        'partial',
        'interrupted',
      ]);
      for (const stopped of [database, ...copies]) {
        const { run, published } = await stopped.crawl(company, RETRY);
        expect(run).toMatchObject({ id: 2, resumed: true, retries: { employees: 10_801 } });
        expect(published.employees).toBe(12_000);
        expect(stopped.digest()).toBe(undisturbed.digest());
      }
    });
  });
});

describe('there is nothing to retry', () => {
  const refusal = (database: CrawledDatabase, fresh = false) => {
    using store = SqliteRunStore.open(database.path);
    try {
      return store.readOnlyFailed({ fresh, dryRun: false });
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      return error instanceof UsageError ? `${error.message}; ${error.hint}` : error;
    }
  };

  it('where nothing was published', async () => {
    await withDatabase(async (database) => {
      expect(refusal(database)).toMatch(
        /^nothing was published yet.*; crawl without --retry-failed/,
      );
      expect(database.column('SELECT count(*) FROM runs')).toEqual([0]);
    });
  });

  it('where nothing had failed', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY, denied('p4'));
      await database.crawl(COMPANY);
      expect(refusal(database)).toBe(0);
    });
  });

  it('where the published run asked something else: nothing is touched', async () => {
    await withPartial(async (database) => {
      const before = database.digest();
      const crawling = database.crawl(COMPANY, { ...RETRY, ask: { filter: '(uid=*)' } });
      await expect(crawling).rejects.toBeInstanceOf(UsageError);
      await expect(crawling).rejects.toThrow(/asked another question/);
      expect(database.digest()).toBe(before);
    });
  });

  it('while a run is unfinished that reads everything, unless it may be abandoned', async () => {
    await withPartial(async (database) => {
      await database.crawlUntil(3, COMPANY, { batch: 1 });
      expect(refusal(database)).toMatch(
        /^run 2 is unfinished.*; continue it without --retry-failed/,
      );
      await expect(database.crawl(COMPANY, RETRY)).rejects.toBeInstanceOf(UsageError);
      expect(database.column('SELECT status FROM runs WHERE id = 2')).toEqual(['interrupted']);
      const { run } = await database.crawl(COMPANY, { ...RETRY, fresh: true });
      expect(run).toMatchObject({
        id: 3,
        abandoned: { id: 2, why: 'a fresh start was asked for' },
        retries: { run: 1, branches: 2 },
      });
      expect(organisation(database)).toEqual(await whole(database));
    });
  });
});
