// 389 Directory Server with the limits that it is shipped with, read by an account that they hold for.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { truthOfText } from '../support/truth.ts';
import { type Crawl, expectPasswordRefused, expectTruth } from './crawls.ts';
import { DIRSRV_UNKNOWN, type Dirsrv, startDirsrv } from './dirsrv.ts';
import { idsOf, organised } from './organised.ts';

describe('a 389 Directory Server with 2,000 people', () => {
  let server: Dirsrv;
  let crawl: Crawl;

  beforeAll(async () => {
    const { ldif, rootDn, truthLdif } = await organised(2_000, DIRSRV_UNKNOWN);
    server = await startDirsrv({ ldif });
    const ids = await idsOf(server, 'nsUniqueId');
    const truth = truthOfText(truthLdif(ids), { roots: [rootDn] });
    const { url, base, readerDn: bindDn, readerPassword: password } = server;
    crawl = { name: '389', server: { url, base, bindDn, password }, rootDn, truth };
  });
  afterAll(() => server?.stop());

  test('is crawled to the truth, nsUniqueId for the id', async () => {
    expect(crawl.truth.employees.size).toBeGreaterThan(1_900);
    await expectTruth(crawl);
  });

  test('refuses a wrong password with one clear error and exit 6', () =>
    expectPasswordRefused(crawl));
});
