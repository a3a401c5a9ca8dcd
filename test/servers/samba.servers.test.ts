// An Active Directory domain controller, as shipped: `manager` has no index.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rows } from '../integration/crawling.ts';
import { type Authority, withAuthority } from '../support/certificates.ts';
import { truthOfText } from '../support/truth.ts';
import { makeDomain } from './active-directory.ts';
import { type Crawl, expectPasswordRefused, expectTlsWanted, expectTruth } from './crawls.ts';
import { guidsOf, type PemFiles, startSamba } from './samba.ts';
import type { TestServer } from './server.ts';

describe('a Samba domain of 2,200 people, 1,600 of them below one manager', () => {
  let server: TestServer;
  let crawl: Crawl;

  beforeAll(async () => {
    const domain = await makeDomain({ people: 2_200, wide: 1_600 });
    server = await startSamba(domain);
    const { rootDn } = domain;
    const truth = truthOfText(domain.truthLdif(await guidsOf(server)), { roots: [rootDn] });
    crawl = { name: 'Samba', server, rootDn, truth };
  });
  afterAll(() => server?.stop());

  test('has a manager of more than 1,500, contacts, disabled accounts and a cycle', () => {
    const everyone = [...crawl.truth.employees.values()];
    expect(Math.max(...everyone.map(({ directReports }) => directReports))).toBeGreaterThan(1_500);
    expect(everyone.filter(isContact).length).toBeGreaterThan(5);
    expect(everyone.filter(isDisabled).length).toBeGreaterThan(5);
    expect(crawl.truth.unreached.length).toBeGreaterThan(5);
  });

  test('is crawled to the truth without its computers, objectGUID as text, disabled accounts with active = 0', async () => {
    await expectTruth(crawl, [], (db) => {
      const disabled = [...crawl.truth.employees.values()].filter(isDisabled);
      expect(rows(db, 'SELECT id FROM employees WHERE active = 0 ORDER BY id')).toEqual(
        disabled.map(({ id }) => ({ id })).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      );
    });
  });

  test('refuses a wrong password with one clear error and exit 6', () =>
    expectPasswordRefused(crawl));
});

describe('a Samba domain that wants TLS, as shipped', () => {
  test('is crawled over ldaps and StartTLS, and refuses what is plain with a hint', async () => {
    await withAuthority(async (authority) => {
      const domain = await makeDomain({ people: 120 });
      const tls = (address: string) => filesFor(authority, address);
      await using server = await startSamba({ ...domain, tls, strongAuth: true });
      const { rootDn } = domain;
      const truth = truthOfText(domain.truthLdif(await guidsOf(server)), { roots: [rootDn] });
      const trusting = ['--ca-file', authority.certFile];
      const secure = { ...server, url: server.ldapsUrl ?? '' };
      await expectTruth({ name: 'Samba, ldaps', server: secure, rootDn, truth }, trusting);
      const starting = ['--starttls', ...trusting];
      await expectTruth({ name: 'Samba, StartTLS', server, rootDn, truth }, starting);
      await expectTlsWanted({ name: 'Samba', server, rootDn, truth });
    });
  });
});

async function filesFor(authority: Authority, address: string): Promise<PemFiles> {
  const { certFile, keyFile } = await authority.issue('samba', `IP:${address}`);
  return { cert: certFile, key: keyFile, ca: authority.certFile };
}

type WithAttributes = { readonly attributes: ReadonlyMap<string, readonly string[]> };

function isContact({ attributes }: WithAttributes): boolean {
  return !attributes.has('uid');
}

/** ADS_UF_ACCOUNTDISABLE ([MS-ADTS] §2.2.16). */
function isDisabled({ attributes }: WithAttributes): boolean {
  return (Number(attributes.get('useraccountcontrol')?.[0] ?? 0) & 2) !== 0;
}
