// Limits of real servers, each smaller than what a manager's reports need: nobody is missing.
import { describe, expect, test } from 'vitest';
import { crawled, rows, withDatabase } from '../integration/crawling.ts';
import { ldifOf, type Person, pyramid } from '../integration/ldif.ts';
import { truthOfText } from '../support/truth.ts';
import { APACHEDS_BASE as BASE, startApacheds } from './apacheds.ts';
import { type Crawl, expectTruth } from './crawls.ts';
import { startDirsrv } from './dirsrv.ts';
import { idsOf, withIds } from './organised.ts';
import type { TestServer } from './server.ts';

type Limited = TestServer & { readonly readerDn: string; readonly readerPassword: string };

const CEO = `uid=ceo,${BASE}`;

/** A manager of `span`, of whom the first three have `below` each. */
function company(span: number, below: number): string {
  const teamOf = (n: number): readonly Person[] =>
    Array.from({ length: below }, (_, i) => ({
      uid: `below-${n}-${i}`,
      managers: [`uid=ceo-${n},${BASE}`],
      more: [`mail: below-${n}-${i}@example.com`],
    }));
  const ldif = ldifOf([...pyramid([span]), ...[0, 1, 2].flatMap(teamOf)]);
  return ldif.replace(
    /^(objectClass): inetOrgPerson$/gm,
    '$1: person\n$1: organizationalPerson\n$&',
  );
}

type Case = {
  readonly name: string;
  readonly ldif: string;
  readonly server: Limited;
  readonly idAttribute: string;
};

async function crawlOf({ name, ldif, server, idAttribute }: Case): Promise<Crawl> {
  const truth = truthOfText(withIds(ldif, await idsOf(server, idAttribute)), { roots: [CEO] });
  const reader = { ...server, bindDn: server.readerDn, password: server.readerPassword };
  return { name, server: reader, rootDn: CEO, truth };
}

test('ApacheDS, which ends after 100 entries over all pages, is read completely', async () => {
  const ldif = company(700, 130);
  await using server = await startApacheds({ ldif, sizeLimit: 100 });
  const name = 'ApacheDS, 100 over all pages';
  await expectTruth(await crawlOf({ name, ldif, server, idAttribute: 'entryUUID' }));
});

describe('389 Directory Server', () => {
  const idAttribute = 'nsUniqueId';

  test('that ends a page after 100 entries is read completely', async () => {
    const ldif = company(700, 130);
    await using server = await startDirsrv({ ldif, sizeLimit: 100 });
    await expectTruth(await crawlOf({ name: '389, 100 a page', ldif, server, idAttribute }));
  });

  test('that looks through 100 entries is read completely where nobody has more reports', async () => {
    const ldif = company(40, 80);
    await using server = await startDirsrv({ ldif, lookThroughLimit: 100 });
    await expectTruth(await crawlOf({ name: '389, look-through 100', ldif, server, idAttribute }));
  });

  test('that looks through fewer than somebody has reports: that branch failed, reason limit', async () => {
    const ldif = company(120, 80);
    await using server = await startDirsrv({ ldif, lookThroughLimit: 100 });
    const { truth, server: reader } = await crawlOf({ name: '', ldif, server, idAttribute });
    await withDatabase(async (db) => {
      const account = ['--bind-dn', reader.bindDn, '--base', reader.base];
      const env = { ORGWALK_BIND_PASSWORD: reader.password };
      const target = { url: reader.url, root: CEO };
      const { employees } = await crawled(target, db, account, { env, code: 3 });
      expect(employees).toBeLessThan(truth.employees.size);
      expect(rows(db, 'SELECT dn, reason, result_code FROM failures')).toEqual([
        { dn: CEO, reason: 'limit', result_code: 11 },
      ]);
    });
  });
});
