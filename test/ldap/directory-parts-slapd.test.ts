// What OpenLDAP makes of terms that it does not understand, and that this is found out.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LdapConnection } from '../../src/ldap/connection/connection.ts';
import { proven, type Trial } from '../../src/ldap/expansion/proof.ts';
import { filterOf, type Term } from '../../src/ldap/expansion/terms.ts';
import { type Filter, not, or, present } from '../../src/ldap/messages/filters.ts';
import { type Slapd, startSlapd } from '../support/slapd.ts';
import { PATIENT, PATIENT_MS, searchAll } from './sessions.ts';

const SUFFIX = 'dc=example,dc=com';
const ANNA = `uid=anna,${SUFFIX}`;
const LDIF = `dn: ${SUFFIX}
objectClass: dcObject
objectClass: organization
o: x
dc: example

dn: ${ANNA}
objectClass: inetOrgPerson
cn: Anna
sn: A
uid: anna
mail: anna@example.com
telephoneNumber: +49 30 1

dn: uid=zoe,${SUFFIX}
objectClass: inetOrgPerson
cn: Zoe
sn: Z
uid: zoe
`;

let server: Slapd;
let connection: LdapConnection;

beforeAll(async () => {
  server = await startSlapd({ ldif: LDIF });
  connection = await LdapConnection.open({ url: server.url, connectTimeoutMs: PATIENT_MS });
});
afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await server.stop();
});

async function foundBy(filter: Filter, base = SUFFIX, scope: 'sub' | 'base' = 'sub') {
  const { entries, end } = await searchAll(
    connection,
    { base, scope, filter, attributes: ['uid'] },
    PATIENT,
  );
  return { dns: entries.map(({ dn }) => dn), code: end.result.code };
}

const trial: Trial = async (dn, filter = present('objectClass')) =>
  (await foundBy(filter, dn, 'base')).dns.length > 0;

function prefix(attribute: string, text: string): Term {
  return { attribute, text, exact: false };
}

describe('a negated term that OpenLDAP does not understand', () => {
  const strange = prefix('mail', 'é');

  it('finds nobody, with success, and takes with it whatever it is joined to', async () => {
    const both = not(or([filterOf(prefix('mail', 'zz')), filterOf(strange)]));
    expect(await foundBy(both)).toEqual({ dns: [], code: 0 });
    const understood = not(filterOf(prefix('mail', 'zz')));
    expect((await foundBy(understood)).dns.length).toBe(3);
  });

  it('is not trusted', async () => {
    const terms = [prefix('mail', 'a'), strange, prefix('mail', 'zz'), prefix('uid', 'é')];
    const understood = await proven(terms, [ANNA], trial);
    expect(understood.map(({ attribute, text }) => `${attribute}=${text}`)).toEqual([
      'mail=a',
      'mail=zz',
      'uid=é',
    ]);
  });

  it.each([
    ['entryUUID', 'ab'],
    ['nosuchattribute', 'a'],
    ['objectClass', 'p'],
  ])('is one by %s, whatever it begins with', async (attribute, text) => {
    expect(await proven([prefix(attribute, text)], [ANNA], trial)).toEqual([]);
  });

  it('is told from an entry that is gone', async () => {
    const terms = [prefix('uid', 'a'), prefix('cn', 'z')];
    expect(await proven(terms, [`uid=gone,${SUFFIX}`, ANNA], trial)).toEqual(terms);
    expect(await proven(terms, [`uid=gone,${SUFFIX}`], trial)).toEqual([]);
  });

  it.each(['*', '(', ')', '\\', ' ', '\0', 'é', '\u{1f600}', 'İ', 'e\u0301'])(
    'is none that begins with %j: an entry is found by it or by its negation',
    async (text) => {
      expect(await proven([prefix('uid', text)], [ANNA], trial)).toHaveLength(1);
    },
  );
});
