import { describe, expect, it } from 'vitest';
import { idAttributeOf, profileOf } from '../../src/ldap/root-dse.ts';
import { DEFAULT_MAPPING, vendorDefaults } from '../../src/ldap/vendors.ts';
import { entryWith } from '../support/entries.ts';

type Values = Readonly<Record<string, readonly string[]>>;

const rootDse = (values: Values) =>
  entryWith({ namingContexts: ['dc=example,dc=com'], ...values }, '');

const AD = { supportedCapabilities: ['1.2.840.113556.1.4.800'] };
/** What the servers say of themselves. */
const SERVERS: readonly (readonly [string, Values, string])[] = [
  ['Active Directory', AD, 'objectGUID'],
  ['Samba', { ...AD, vendorName: ['Samba Team (https://www.samba.org)'] }, 'objectGUID'],
  [
    '389',
    { vendorName: ['389 Project'], vendorVersion: ['389-Directory/2.3.1 B2023'] },
    'nsUniqueId',
  ],
  ['Red Hat', { vendorName: ['Red Hat, Inc.'] }, 'nsUniqueId'],
  ['Oracle DSEE', { vendorName: ['Oracle Corporation'] }, 'nsUniqueId'],
  ['OpenLDAP', { objectClass: ['top', 'OpenLDAProotDSE'] }, 'entryUUID'],
  ['ApacheDS', { vendorName: ['Apache Software Foundation'] }, 'entryUUID'],
  ['eDirectory', { vendorVersion: ['LDAP Agent for Novell eDirectory 9.2'] }, 'GUID'],
  ['IBM', { vendorName: ['International Business Machines (IBM)'] }, 'ibm-entryUuid'],
  ['some other', { vendorName: ['Nobody'] }, 'entryUUID'],
];

describe('what suits a server', () => {
  it.each(SERVERS)('%s: its id attribute', (_, values, idAttribute) => {
    expect(profileOf(rootDse(values), {})).toMatchObject({ idAttribute });
  });

  it('only Active Directory leaves computers out, and lists reports', () => {
    for (const [name, values] of SERVERS) {
      const { filter, vendor } = profileOf(rootDse(values), {});
      const isAd = ['Active Directory', 'Samba'].includes(name);
      expect(filter.includes('computer')).toBe(isAd);
      expect(vendorDefaults(vendor).reportsAttribute).toBe(isAd ? 'directReports' : null);
    }
  });

  it('is outdone by what the person says, column by column', () => {
    const wishes = { filter: '(uid=*)', mapping: { title: ['jobTitle'], phone: [] } };
    const { filter, mapping } = profileOf(rootDse(AD), wishes);
    expect(filter).toBe('(uid=*)');
    expect(mapping).toMatchObject({
      title: ['jobTitle'],
      phone: [],
      username: ['sAMAccountName', 'uid'],
    });
  });

  it('is the same question where nothing was said, and in whatever order extra attributes come', () => {
    const ask = (attributes: readonly string[]) =>
      JSON.stringify(profileOf(rootDse({}), { mapping: { attributes } }).mapping);
    expect(ask([])).toBe(JSON.stringify(DEFAULT_MAPPING));
    expect(ask(['b', 'a', 'b'])).toBe(ask(['a', 'b']));
    expect(ask(['a'])).not.toBe(ask([]));
  });
});

describe('the id attribute', () => {
  const candidates = ['nsUniqueId', 'entryUUID'];

  it.each([
    ['the first that somebody has', { entryUUID: ['x'], nsuniqueid: ['y'] }, 'nsUniqueId'],
    ['another one where that is missing', { entryUUID: ['x'] }, 'entryUUID'],
    ['another one where that is empty', { nsUniqueId: [''], entryUUID: ['x'] }, 'entryUUID'],
    ['not told where there is none', { cn: ['x'] }, undefined],
  ] as const)('is %s', (_, values, expected) => {
    expect(idAttributeOf(candidates, entryWith(values, ''))).toBe(expected);
  });
});
