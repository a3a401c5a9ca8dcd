// Everything that can be wrong with pages, for a whole crawl: the same database, or a failure that says so.
import { describe, expect, it } from 'vitest';
import {
  DropConnection,
  DuplicateEntryAcrossPages,
  EmptyPageWithCookie,
  type Fault,
  IgnorePaging,
  InvalidCookie,
  OversizedPage,
  RepeatCookie,
  ResultCode,
  SilentTruncation,
} from '../../src/simulate/faults.ts';
import type { SimulatedServerOptions } from '../../src/simulate/server.ts';
import { withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { wideCompany } from './culprits.ts';
import { crawlInto, rows, withDatabases } from './wired.ts';

const WIDTH = 23;
const CRAWL = { pageSize: 5, batch: 6 };

interface Outcome {
  readonly status: string;
  readonly digest: string;
  readonly reasons: readonly string[];
  readonly searches: number;
}

async function crawled(setting: Partial<SimulatedServerOptions>): Promise<Outcome> {
  return withServer({ directory: wideCompany(WIDTH), ...setting }, (server) =>
    withDatabases(async (databases) => {
      const db = databases.next();
      const { published } = await crawlInto(db, server.url, CRAWL);
      const failures = rows<{ reason: string }>(db, 'SELECT DISTINCT reason FROM failures');
      return {
        status: published.status,
        digest: digestDatabase(db),
        reasons: failures.map(({ reason }) => reason),
        searches: server.stats.searches,
      };
    }),
  );
}

const AT_PAGE_2 = { page: 2, times: 1 };

/** What a server may do for a while or for ever, and nothing is lost. */
const BORNE: Readonly<Record<string, () => readonly Fault[]>> = {
  'a cookie that is forgotten once': () => [new InvalidCookie({ times: 1 })],
  'a cookie that has expired, twice in a row': () => [new ResultCode(53, { page: 2, times: 2 })],
  'a cookie that was never valid': () => [new ResultCode(2, AT_PAGE_2)],
  'a cookie without entries, once': () => [new EmptyPageWithCookie(AT_PAGE_2)],
  'a cookie without entries before every other page': () => [new EmptyPageWithCookie({ every: 2 })],
  'pages larger than asked': () => [new OversizedPage(3)],
  'one entry on two pages, always': () => [new DuplicateEntryAcrossPages()],
  'a cookie that is repeated once': () => [new RepeatCookie({ times: 1 })],
  'no paging at all': () => [new IgnorePaging()],
  'a connection that ends between two pages': () => [new DropConnection(AT_PAGE_2)],
  'a connection that ends within a later page': () => [
    new DropConnection({ page: 3, times: 1 }, 2),
  ],
};

/** What never gets better: it may cost branches, and then it is said which. */
const TOLD: Readonly<Record<string, Partial<SimulatedServerOptions>>> = {
  'a cookie that is forgotten always': { faults: [new InvalidCookie()] },
  'a cookie that is repeated for ever': { faults: [new RepeatCookie()] },
  'no end of pages without entries': { faults: [new EmptyPageWithCookie({ from: 4 })] },
  'an answer without the control, cut to the size of a page': { faults: [new SilentTruncation()] },
  'a page size over the limit': { maxPageSize: 2 },
  'a limit on all pages together': { sizeLimit: 7 },
  'a limit on each page': { sizeLimitPerPage: 3 },
  'paging that is offered and refused': { paging: 'refused' },
  'paging that is ignored': { paging: 'ignored' },
  'paging that is not offered': { paging: 'absent' },
  'paging that is refused, and a limit': { paging: 'refused', sizeLimit: 7 },
  'paging that is ignored, and a limit': { paging: 'ignored', sizeLimit: 7 },
};

/** A server may scan for long and send empty pages meanwhile: 1,000 in a row are borne, at each of three tries. */
const MOST_SEARCHES = 3_100;

describe('in paging,', () => {
  it.each(Object.entries(BORNE))('%s changes nothing', async (_name, faults) => {
    const undisturbed = await crawled({});
    const { status, digest } = await crawled({ faults: faults() });
    expect({ status, digest }).toEqual({ status: 'published', digest: undisturbed.digest });
  });

  it.each(Object.entries(TOLD))('%s changes nothing, or is told', async (_name, setting) => {
    const undisturbed = await crawled({});
    const { status, digest, reasons, searches } = await crawled(setting);
    expect(searches).toBeLessThan(MOST_SEARCHES);
    if (status === 'published') expect(digest).toBe(undisturbed.digest);
    else expect(reasons).not.toEqual([]);
  });

  it('the most that Active Directory gives to a page changes nothing', async () => {
    const undisturbed = await crawled({ vendor: 'ad-like' });
    const { status, digest, searches } = await crawled({ vendor: 'ad-like', maxPageSize: 2 });
    expect({ status, digest }).toEqual({ status: 'published', digest: undisturbed.digest });
    expect(searches).toBeGreaterThan(undisturbed.searches);
  });
});
