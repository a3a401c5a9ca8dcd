// Who is walked by default, and what identifies them, on a real OpenLDAP.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Slapd, startSlapd } from '../support/slapd.ts';
import { NEVER, withDirectory } from './directories.ts';

const CEO = 'uid=ceo,dc=example,dc=com';
const PHOTO = Buffer.from('ffd8ffe0', 'hex').toString('base64');

const LDIF = `dn: dc=example,dc=com
objectClass: dcObject
objectClass: organization
o: x
dc: example

dn: ${CEO}
objectClass: inetOrgPerson
uid: ceo
cn: Ceo
sn: Ceo
manager: ${CEO}
employeeType: b
employeeType: a
cn;lang-de: Chefin
jpegPhoto:: ${PHOTO}
userPassword: hunter2

dn: uid=locked,dc=example,dc=com
objectClass: inetOrgPerson
uid: locked
cn: Locked
sn: Locked
pwdAccountLockedTime: 000001010000Z

dn: uid=waits,dc=example,dc=com
objectClass: inetOrgPerson
uid: waits
cn: Waits
sn: Waits
pwdAccountLockedTime: 20261123000000Z
`;

let server: Slapd;

beforeAll(async () => {
  const policies = { globalConfig: ['moduleload ppolicy'], extraConfig: ['overlay ppolicy'] };
  server = await startSlapd({ ldif: LDIF, ...policies });
});

afterAll(async () => {
  await server.stop();
});

type Options = NonNullable<Parameters<typeof withDirectory>[1]>;

async function rootOf(options: Options) {
  return withDirectory(
    server.url,
    { filter: undefined, roots: [CEO], ...options },
    async (opened) => {
      const profile = await opened.directory.open(NEVER);
      const [root] = await opened.directory.findRoots(NEVER);
      return { profile, root };
    },
  );
}

describe('an OpenLDAP', () => {
  it('is asked for persons, whom it identifies by entryUUID', async () => {
    const { profile, root } = await rootOf({});
    expect(profile).toMatchObject({ vendor: 'OpenLDAP', filter: '(objectClass=person)' });
    expect(profile.idAttribute).toBe('entryUUID');
    expect(root).toMatchObject({ hasId: true, attributes: '{}', active: true });
  });

  it.each([
    ['for good', '(uid=locked)', false],
    ['until it passes by itself', '(uid=waits)', true],
  ])('tells who is locked %s', async (_, root, active) => {
    expect((await rootOf({ roots: [root] })).root).toMatchObject({ active });
  });

  it('would find nobody by the filter that leaves computers out: the class is unknown to it', async () => {
    const filter = '(&(objectClass=person)(!(objectClass=computer)))';
    await expect(rootOf({ filter })).rejects.toMatchObject({ code: 'base-not-found' });
  });

  it('gives further attributes, those with options and those of bytes', async () => {
    const attributes = ['employeeType', 'cn;lang-de', 'jpegPhoto', 'noSuchAttribute'];
    const { root } = await rootOf({ mapping: { attributes } });
    expect(JSON.parse(root?.attributes ?? '')).toEqual({
      'cn;lang-de': ['Chefin'],
      employeeType: ['a', 'b'],
      jpegPhoto: [{ base64: PHOTO, type: 'image/jpeg' }],
    });
  });
});
