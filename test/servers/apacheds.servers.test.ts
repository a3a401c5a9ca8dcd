// ApacheDS with the limits that it is shipped with, read by an account that they hold for.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { truthOfText } from '../support/truth.ts';
import { APACHEDS_UNKNOWN, type Apacheds, startApacheds } from './apacheds.ts';
import { type Crawl, expectPasswordRefused, expectTruth } from './crawls.ts';
import { idsOf, organised } from './organised.ts';

describe('an ApacheDS with 2,000 people', () => {
  let server: Apacheds;
  let crawl: Crawl;

  beforeAll(async () => {
    const { ldif, rootDn, truthLdif } = await organised(2_000, APACHEDS_UNKNOWN);
    server = await startApacheds({ ldif });
    const ids = await idsOf(server, 'entryUUID');
    const truth = truthOfText(truthLdif(ids), { roots: [rootDn] });
    const { url, base, readerDn: bindDn, readerPassword: password } = server;
    crawl = { name: 'ApacheDS', server: { url, base, bindDn, password }, rootDn, truth };
  });
  afterAll(() => server?.stop());

  test('is crawled to the truth, entryUUID for the id', async () => {
    expect(crawl.truth.employees.size).toBeGreaterThan(1_900);
    await expectTruth(crawl);
  });

  test('refuses a wrong password with one clear error and exit 6', () =>
    expectPasswordRefused(crawl));
});
