// OpenLDAP, in the same terms as the others; what is special about it is tested by `npm test`.
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type Slapd, startSlapd } from '../support/slapd.ts';
import { truthOfText } from '../support/truth.ts';
import { type Crawl, expectPasswordRefused, expectTruth } from './crawls.ts';
import { idsOf, organised } from './organised.ts';

describe('an OpenLDAP with 2,000 people', () => {
  let slapd: Slapd;
  let crawl: Crawl;

  beforeAll(async () => {
    const { ldif, rootDn, truthLdif } = await organised(2_000, { spellings: [] });
    slapd = await startSlapd({ ldif, anonymous: false });
    const { url, suffix: base, rootDn: bindDn, rootPassword: password } = slapd;
    const server = { url, base, bindDn, password };
    const truth = truthOfText(truthLdif(await idsOf(server, 'entryUUID')), { roots: [rootDn] });
    crawl = { name: 'OpenLDAP', server, rootDn, truth };
  });
  afterAll(() => slapd?.stop());

  test('is crawled to the truth, entryUUID for the id', () => expectTruth(crawl));

  test('refuses a wrong password with one clear error and exit 6', () =>
    expectPasswordRefused(crawl));
});
