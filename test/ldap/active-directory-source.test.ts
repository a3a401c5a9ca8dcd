// What an Active Directory is known by: its domain's GUID, which a rename of the domain leaves alone.
import { expect, it } from 'vitest';
import { reportsAttributeOf } from '../../src/ldap/expansion/manager-link.ts';
import { isGlobalCatalogue } from '../../src/ldap/global-catalogue.ts';
import type { StaticDirectory } from '../../src/simulate/organisation.ts';
import { SUFFIX } from '../simulate/servers.ts';
import { crawlInto, rows, withDatabases } from '../survival/wired.ts';
import { DOMAIN, dnOf, smallDomain, uuidOf, withDomain } from './active-directories.ts';

/** What the database knows the source by, after a crawl into it. */
async function keyAfter(db: string, directory: StaticDirectory): Promise<unknown> {
  await withDomain(directory, {}, ({ url, clock }) =>
    crawlInto(db, url, { roots: [dnOf('ceo')], filter: undefined, clock }),
  );
  return rows(db, 'SELECT key FROM _source')[0]?.['key'];
}

function withGuid(name: string | null): StaticDirectory {
  const directory = smallDomain();
  const { entryUUID: _, ...attributes } = DOMAIN.attributes;
  const id = name === null ? {} : { entryUUID: [uuidOf(name)] };
  directory.replace(SUFFIX, { dn: SUFFIX, attributes: { ...attributes, ...id } });
  return directory;
}

it('is known by the GUID of the domain, by the DN where that may not be read', async () => {
  await withDatabases(async (databases) => {
    expect(await keyAfter(databases.next(), withGuid('one'))).toBe(uuidOf('one'));
    expect(await keyAfter(databases.next(), withGuid(null))).toBe(SUFFIX);
  });
});

it('is known again by a database that knew it by the DN', async () => {
  await withDatabases(async (databases) => {
    const db = databases.next();
    await keyAfter(db, withGuid(null));
    expect(await keyAfter(db, withGuid('one'))).toBe(uuidOf('one'));
    expect(await keyAfter(db, withGuid('one'))).toBe(uuidOf('one'));
  });
});

it.each([
  ['ldap://dc1.example.com:3268', true],
  ['ldaps://dc1.example.com:3269', true],
  ['ldap://dc1.example.com', false],
  ['ldaps://dc1.example.com:636', false],
])('is served at %s by a global catalogue: %s', (url, expected) => {
  expect(isGlobalCatalogue(url)).toBe(expected);
});

it('tells no leaves where it is a global catalogue', () => {
  const link = { managerAttribute: 'manager', managerValue: 'dn' };
  const of = (globalCatalog: boolean) =>
    reportsAttributeOf({ vendor: 'Active Directory', traits: { globalCatalog } }, link);
  expect([of(false), of(true)]).toEqual(['directReports', undefined]);
});

it('is another one with the same DN where the GUID differs', async () => {
  await withDatabases(async (databases) => {
    const db = databases.next();
    await keyAfter(db, withGuid('one'));
    await expect(keyAfter(db, withGuid('two'))).rejects.toMatchObject({ code: 'other-source' });
  });
});
