// What orgwalk relies on, or has to bear, on ApacheDS.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LdapConnection } from '../../src/ldap/connection/connection.ts';
import { dnOf, ldifOf, pyramid } from '../integration/ldif.ts';
import { failureOf } from '../ldap/sessions.ts';
import { ask, askPaged, literal, valuesOf, withAsker } from '../support/asking.ts';
import { type Apacheds, startApacheds } from './apacheds.ts';

const REPORTS = 120;
const SIZE_LIMIT = 50;
const base = 'dc=example,dc=com';
const BOSS = `cn=Anna+uid=boss,${base}`;
const SWAPPED = `uid=boss+cn=Anna,${base}`;
const ALIASED = `commonName=Anna+userid=boss,${base}`;

let server: Apacheds;

beforeAll(async () => {
  const people = [
    ...pyramid([REPORTS]),
    { uid: 'boss', dn: BOSS, more: ['cn: Anna'] },
    { uid: 'swapped', managers: [SWAPPED] },
    { uid: 'aliased', managers: [ALIASED] },
  ];
  server = await startApacheds({ ldif: ldifOf(people), sizeLimit: SIZE_LIMIT });
});
afterAll(() => server?.stop());

function asReader<T>(use: (connection: LdapConnection) => Promise<T>): Promise<T> {
  const account = { bindDn: server.readerDn, password: server.readerPassword };
  return withAsker(server.url, account, use);
}

function asAdministrator<T>(use: (connection: LdapConnection) => Promise<T>): Promise<T> {
  return withAsker(server.url, server, use);
}

const reports = { base, filter: `(manager=${dnOf('ceo')})` };

describe('the size limit', () => {
  test('counts all pages together', () =>
    asReader(async (connection) => {
      const { pages, code } = await askPaged(connection, { ...reports, page: 20 });
      expect([code, sum(pages)]).toEqual([4, SIZE_LIMIT]);
    }));

  test('ends a search without pages with 4, after as many entries', () =>
    asReader(async (connection) => {
      const { code, dns } = await ask(connection, reports);
      expect([code, dns.length]).toEqual([4, SIZE_LIMIT]);
    }));

  test('does not hold for the administrator', () =>
    asAdministrator(async (connection) => {
      const { pages, code } = await askPaged(connection, { ...reports, page: 20 });
      expect([code, sum(pages)]).toEqual([0, REPORTS]);
    }));
});

test('a paged search for the attributes 1.1 ends after one page, with success and no control', () =>
  asAdministrator(async (connection) => {
    const none = await askPaged(connection, { ...reports, page: 20, attributes: ['1.1'] });
    expect(none).toEqual({ pages: [20], code: 0, control: false });
    const named = await askPaged(connection, { ...reports, page: 20, attributes: ['uid'] });
    expect(sum(named.pages)).toBe(REPORTS);
  }));

test('its certificate is its own, so that nobody who checks gets in', async () => {
  const options = { url: server.ldapsUrl ?? '', connectTimeoutMs: 30_000 };
  expect((await failureOf(LdapConnection.open(options))).kind).toBe('tls');
});

describe('a manager value whose multi-valued RDN', () => {
  test('is swapped names the entry as a base, and matches it in no filter', () =>
    asAdministrator(async (connection) => {
      const { dns } = await ask(connection, { base, filter: `(manager=${literal(BOSS)})` });
      expect(dns).not.toContain(dnOf('swapped'));
      const named = await ask(connection, { base: SWAPPED, scope: 'base', attributes: ['uid'] });
      expect(valuesOf(named.entries[0], 'uid')).toEqual(['boss']);
    }));

  test('has alias names is the same to both', () =>
    asAdministrator(async (connection) => {
      const { dns } = await ask(connection, { base, filter: `(manager=${literal(BOSS)})` });
      expect(dns).toContain(dnOf('aliased'));
      expect((await ask(connection, { base: ALIASED, scope: 'base' })).code).toBe(0);
    }));
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
