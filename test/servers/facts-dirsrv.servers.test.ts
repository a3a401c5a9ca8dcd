// What orgwalk relies on, or has to bear, on 389 Directory Server.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LdapConnection } from '../../src/ldap/connection/connection.ts';
import { dnOf, ldifOf, type Person, pyramid } from '../integration/ldif.ts';
import { ask, askPaged, literal, valuesOf, withAsker } from '../support/asking.ts';
import { ldapsearch } from '../support/ldapsearch.ts';
import { respellAs, write } from '../support/organisation/dn.ts';
import { randomOf } from '../support/organisation/random.ts';
import { type Dirsrv, startDirsrv } from './dirsrv.ts';

const REPORTS = 900;
const MANY_REPORTS = 1_100;
const SIZE_LIMIT = 500;
const LOOK_THROUGH = 1_000;
const base = 'dc=example,dc=com';
const NAMED = [
  [
    { type: 'cn', value: 'Ångström, Åsa' },
    { type: 'uid', value: 'boss' },
  ],
  [{ type: 'dc', value: 'example' }],
  [{ type: 'dc', value: 'com' }],
];
const TAKEN = ['upper case', 'spaces', 'hex letters', 'hex specials', 'quoted', 'swapped parts'];
const NOT_TAKEN = ['alias', 'nfd'];
const SPELT = [...TAKEN, ...NOT_TAKEN].map((name): Person => {
  const value = respellAs(name, NAMED, randomOf(1, 1)) ?? '';
  return { uid: `by ${name}`, managers: [value] };
});
const BOSS = write(NAMED);

let server: Dirsrv;

beforeAll(async () => {
  const wide = Array.from({ length: MANY_REPORTS }, (_, n) => ({
    uid: `wide-${n}`,
    managers: [BOSS],
  }));
  const people = [...pyramid([REPORTS]), { uid: 'boss', dn: BOSS }, ...SPELT, ...wide];
  server = await startDirsrv({
    ldif: ldifOf(people),
    sizeLimit: SIZE_LIMIT,
    lookThroughLimit: LOOK_THROUGH,
  });
});
afterAll(() => server?.stop());

/** As an account that the limits hold for. */
function asked<T>(use: (connection: LdapConnection) => Promise<T>): Promise<T> {
  const account = { bindDn: server.readerDn, password: server.readerPassword };
  return withAsker(server.url, account, use);
}

function asDirectoryManager<T>(use: (connection: LdapConnection) => Promise<T>): Promise<T> {
  return withAsker(server.url, server, use);
}

const reports = { base, filter: `(manager=${dnOf('ceo')})` };

describe('the size limit', () => {
  test('counts each page by itself: pages below it bring all, however many they are', () =>
    asked(async (connection) => {
      const { pages, code } = await askPaged(connection, { ...reports, page: 50 });
      expect([code, pages.length, sum(pages)]).toEqual([0, REPORTS / 50, REPORTS]);
    }));

  test('ends a page of its own size with 4, and a search without pages', () =>
    asked(async (connection) => {
      const { pages, code } = await askPaged(connection, { ...reports, page: SIZE_LIMIT });
      expect(code).toBe(4);
      expect(sum(pages)).toBeLessThan(REPORTS);
      const unpaged = await ask(connection, reports);
      expect([unpaged.code, unpaged.dns.length]).toEqual([4, SIZE_LIMIT]);
    }));
});

describe('the look-through limit', () => {
  test('ends with 11 a search that no index serves, paged or not', () =>
    asked(async (connection) => {
      const unindexed = { base, filter: '(description=nobody)' };
      expect((await ask(connection, unindexed)).code).toBe(11);
      expect((await askPaged(connection, { ...unindexed, page: 100 })).code).toBe(11);
    }));

  test('ends with 11 a paged search of everybody, after as many', () =>
    asked(async (connection) => {
      const everybody = { base, filter: '(objectClass=inetOrgPerson)', page: 100 };
      const { pages, code } = await askPaged(connection, everybody);
      expect(code).toBe(11);
      expect(sum(pages)).toBeLessThanOrEqual(LOOK_THROUGH);
    }));

  test('leaves a search by manager alone, but where the manager has more reports than that', () =>
    asked(async (connection) => {
      const { pages, code } = await askPaged(connection, { ...reports, page: 100 });
      expect([code, sum(pages)]).toEqual([0, REPORTS]);
      const filter = `(manager=${literal(BOSS)})`;
      const wide = await askPaged(connection, { base, filter, page: 100 });
      expect([wide.code, sum(wide.pages)]).toEqual([11, LOOK_THROUGH]);
    }));
});

test('entries of a bulk import have no entryUUID; nsUniqueId they all have', () =>
  asked(async (connection) => {
    const attributes = ['entryUUID', 'nsUniqueId'];
    const { entries } = await ask(connection, { base: dnOf('ceo'), scope: 'base', attributes });
    expect(valuesOf(entries[0], 'entryUUID')).toEqual([]);
    expect(valuesOf(entries[0], 'nsUniqueId')).toEqual([
      expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{8}){3}$/),
    ]);
  }));

test('attribute names come back in the case that was asked', async () => {
  const account = ['-D', server.bindDn, '-w', server.password];
  const args = [...account, '-b', dnOf('ceo'), '-s', 'base', '(objectClass=*)', 'SN', 'uId'];
  const { stdout } = await ldapsearch(server.url, args);
  expect(stdout).toMatch(/^SN: ceo$/m);
  expect(stdout).toMatch(/^uId: ceo$/m);
});

describe('a manager value', () => {
  test.each(TAKEN)('written %s names the entry, as a filter and as a base', (name) =>
    asDirectoryManager(async (connection) => {
      const { dns } = await ask(connection, { base, filter: `(manager=${literal(BOSS)})` });
      expect(dns).toContain(dnOf(`by ${name}`));
      const value = respellAs(name, NAMED, randomOf(1, 1)) ?? '';
      expect((await ask(connection, { base: value, scope: 'base' })).dns).toHaveLength(1);
    }),
  );

  test.each(NOT_TAKEN)('written %s names nobody here: 32', (name) =>
    asDirectoryManager(async (connection) => {
      const { dns } = await ask(connection, { base, filter: `(manager=${literal(BOSS)})` });
      expect(dns).not.toContain(dnOf(`by ${name}`));
      const value = respellAs(name, NAMED, randomOf(1, 1)) ?? '';
      expect((await ask(connection, { base: value, scope: 'base' })).code).toBe(32);
    }),
  );
});

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
