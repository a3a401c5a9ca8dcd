// What a crawl of an Active Directory may cost: shown on Samba as shipped.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rows } from '../integration/crawling.ts';
import { truthOfText } from '../support/truth.ts';
import { makeDomain } from './active-directory.ts';
import { type Crawl, expectTruth } from './crawls.ts';
import { guidsOf, startSamba } from './samba.ts';
import type { TestServer } from './server.ts';

const PEOPLE = 2_000;

describe('a Samba domain without an index on manager', () => {
  let server: TestServer;
  let crawl: Crawl;

  beforeAll(async () => {
    const domain = await makeDomain({ people: PEOPLE });
    server = await startSamba(domain);
    const { rootDn } = domain;
    const truth = truthOfText(domain.truthLdif(await guidsOf(server)), { roots: [rootDn] });
    crawl = { name: 'Samba, unindexed', server, rootDn, truth };
  });
  afterAll(() => server?.stop());

  test('is read from directReports in far fewer searches than it has managers', async () => {
    await expectTruth(crawl, [], (db) => {
      const [row] = rows(db, 'SELECT count(DISTINCT manager_id) AS managers FROM employees');
      const [run] = rows(db, 'SELECT searches FROM runs');
      expect(Number(run?.['searches'])).toBeLessThan(Number(row?.['managers']));
    });
  });

  test('is read to its end in pages larger than Windows has them', () =>
    expectTruth(crawl, ['--page-size', '5000']));
});
