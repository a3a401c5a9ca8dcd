// Who is in the directory and was not reached: found by one sweep after the walk.
import { describe, expect, it } from 'vitest';
import { Interrupted, SearchFailure } from '../../src/domain/errors.ts';
import { type Company, dnOf, evenCompany, oddCompany, person } from './company.ts';
import { type CrawledDatabase, type CrawlSetup, withDatabase } from './crawls.ts';

/** 20 people who are reached, and some who are not. */
const COMPANY: Company = {
  people: [
    ...evenCompany(20, 4).people,
    person('far1', ['far2']),
    person('far2', ['far1']),
    person('chair', ['chair']),
    person('guest', []),
  ],
  roots: ['p0'],
};

const ALL = {
  far1: `has a manager: ${dnOf('far1')}`,
  far2: `has a manager: ${dnOf('far2')}`,
  chair: `has no manager: ${dnOf('chair')}`,
  guest: `has no manager: ${dnOf('guest')}`,
};

function unreachable(database: CrawledDatabase): Record<string, string> {
  const rows = database.read<{ employee_id: string; detail: string }>(
    "SELECT employee_id, detail FROM findings WHERE kind = 'unreachable'",
  );
  return Object.fromEntries(rows.map(({ employee_id, detail }) => [employee_id, detail]));
}

const reconciling = (more: CrawlSetup = {}): CrawlSetup => ({ reconcile: true, ...more });

/** Fails the sweep before its `page`-th page, the first `times` times. */
function failing(failure: () => unknown, page = 0, times = Number.POSITIVE_INFINITY) {
  let failed = 0;
  return (at: number) => {
    if (at !== page || failed >= times) return;
    failed += 1;
    throw failure();
  };
}

describe('a crawl that reconciles', () => {
  it('lists whoever was not reached, with a manager or without, and counts them', async () => {
    await withDatabase(async (database) => {
      const { unreached } = await database.crawl(COMPANY, reconciling({ pageSize: 3 }));
      expect(unreached).toEqual({ withManager: 2, withoutManager: 2 });
      expect(unreachable(database)).toEqual(ALL);
    });
  });

  it.each([
    ['a plain company', COMPANY],
    ['an odd one', oddCompany()],
  ])('leaves nobody of %s out: who is reached and who is not are everyone', async (_, company) => {
    await withDatabase(async (database) => {
      await database.crawl(company, reconciling({ workers: 4, pageSize: 7 }));
      const reached = database.column<string>('SELECT id FROM employees');
      const missed = Object.keys(unreachable(database));
      expect([...reached, ...missed].toSorted()).toEqual(
        company.people.map(({ id }) => id).toSorted(),
      );
    });
  });

  it('finds that everyone was reached', async () => {
    await withDatabase(async (database) => {
      const { unreached } = await database.crawl(evenCompany(30, 3), reconciling());
      expect(unreached).toEqual({ withManager: 0, withoutManager: 0 });
      expect(unreachable(database)).toEqual({});
    });
  });

  it('says since when somebody has not been reached, and forgets it when they are', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY, reconciling());
      await database.crawl({ ...COMPANY, roots: ['p0', 'chair'] }, reconciling());
      const { chair: _, ...others } = ALL;
      expect(unreachable(database)).toEqual(others);
      const seen = database.read<{ first: string; last: string }>(
        "SELECT DISTINCT first_seen_at AS first, last_seen_at AS last FROM findings WHERE kind = 'unreachable'",
      );
      const starts = database.column<string>('SELECT started_at FROM runs ORDER BY id');
      expect(seen).toEqual([{ first: starts[0], last: starts[1] }]);
    });
  });

  it('tells nothing where it was not asked to', async () => {
    await withDatabase(async (database) => {
      const swept = () => {
        throw new Error('nobody asked for a sweep');
      };
      const { unreached } = await database.crawl(COMPANY, { swept });
      expect([unreached, unreachable(database)]).toEqual([null, {}]);
    });
  });

  it('reads only what failed before, too: whom it took over, it has reached', async () => {
    await withDatabase(async (database) => {
      const denied = new SearchFailure('fail', 'denied', 'access denied');
      const search = (ids: readonly string[]) => {
        if (ids.includes('p1')) throw denied;
      };
      await database.crawl(COMPANY, { search });
      const { unreached } = await database.crawl(COMPANY, reconciling({ onlyFailed: true }));
      expect(unreached).toEqual({ withManager: 2, withoutManager: 2 });
      expect(unreachable(database)).toEqual(ALL);
    });
  });
});

describe('a sweep that fails', () => {
  const limit = () => new SearchFailure('fail', 'limit', 'the server reached its size limit (4)');

  it.each([
    ['meets a limit', limit],
    ['is denied', () => new SearchFailure('fail', 'denied', 'access denied (50)')],
    ['is cut each time', () => new SearchFailure('split', 'timeout', 'cut')],
  ])(
    'because it %s is told in one line, and the run is published without it',
    async (_, failure) => {
      await withDatabase(async (database) => {
        const notices: string[] = [];
        const { unreached, published } = await database.crawl(
          COMPANY,
          reconciling({
            ...{ pageSize: 22, swept: failing(failure, 1) },
            observe: { notice: (line) => notices.push(line) },
          }),
        );
        expect([unreached, published.status]).toEqual([null, 'published']);
        expect(notices).toEqual([`Not reconciled: ${failure().message}`]);
        expect(unreachable(database)).toEqual({});
        expect(database.column('SELECT count(*) FROM failures')).toEqual([0]);
      });
    },
  );

  it.each([
    ['a cut', () => new SearchFailure('split', 'timeout', 'cut')],
    ['a busy server', () => new SearchFailure('retry', 'timeout', 'busy', { resultCode: 51 })],
    ['an outage', () => new SearchFailure('outage', 'timeout', 'no answer')],
  ])('once by %s is made again from its start', async (_, failure) => {
    await withDatabase(async (database) => {
      const swept = failing(failure, 3, 1);
      const { unreached } = await database.crawl(COMPANY, reconciling({ pageSize: 7, swept }));
      expect(unreached).toEqual({ withManager: 2, withoutManager: 2 });
      expect(unreachable(database)).toEqual(ALL);
    });
  });
});

describe('a crawl that is stopped in its sweep', () => {
  /** Stopped when everyone but the last page has been noted. */
  async function stopped(database: CrawledDatabase, company: Company): Promise<void> {
    const stop = new AbortController();
    const swept = (page: number) => {
      if (page === 7) stop.abort(new Interrupted('SIGTERM', 'stopped'));
    };
    const crawl = database.crawl(company, reconciling({ swept, pageSize: 3, signal: stop.signal }));
    await expect(crawl).rejects.toThrow(Interrupted);
    const noted = "SELECT count(*) FROM _finding WHERE kind = 'unreachable'";
    expect(database.column(noted)).toEqual([1]);
  }

  it('is continued with the result of an undisturbed one', async () => {
    await withDatabase(async (database) => {
      await stopped(database, COMPANY);
      const { run, unreached } = await database.crawl(COMPANY, reconciling());
      expect([run.resumed, unreached]).toEqual([true, { withManager: 2, withoutManager: 2 }]);
      expect(unreachable(database)).toEqual(ALL);
    });
  });

  it('keeps nothing of it where it is continued without', async () => {
    await withDatabase(async (database) => {
      await stopped(database, COMPANY);
      await database.crawl(COMPANY);
      expect(unreachable(database)).toEqual({});
    });
  });
});
