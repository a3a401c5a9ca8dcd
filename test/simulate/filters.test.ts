import { describe, expect, test } from 'vitest';
import { staticDirectory, syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { BerDecoder } from '../../src/simulate/protocol/ber-decoder.ts';
import { filterText, readFilter } from '../../src/simulate/protocol/filter.ts';
import { filterBytes } from './filter-bytes.ts';
import { person, SUFFIX, top, withSession } from './servers.ts';

const directory = staticDirectory(
  [
    top,
    person('ann', {
      cn: ['Ann  Johnson', 'Annie'],
      mail: ['ann@example.com'],
      employeeNumber: ['007'],
      telephoneNumber: ['+49 30 12-34'],
      uidNumber: ['9'],
      entryUUID: ['11111111-1111-4111-8111-111111111111'],
      createTimestamp: ['20200101000000Z'],
    }),
    person('bob', {
      cn: ['Bob *Star*'],
      title: ['Señor'],
      uidNumber: ['10'],
      manager: [`UID=Ann, ${SUFFIX}`],
      entryUUID: ['22222222-2222-4222-8222-222222222222'],
      jpegPhoto: [Buffer.from([0xff, 0xd8, 0xff, 0x00])],
      'cn;lang-de': ['Robert'],
    }),
    person('carl', { manager: [], seeAlso: ['nonsense'] }),
  ],
  SUFFIX,
);

function finds(filter: string, ...uids: readonly string[]): void {
  test(`${filter} finds ${uids.join(' and ') || 'nobody'}`, () =>
    withSession({ directory }, async (client) => {
      const { code, entries } = await client.search({ filter, attributes: ['uid'] });
      expect(code).toBe(0);
      const found = entries.map(
        ({ attributes }) => attributes.get('uid')?.[0]?.toString() ?? 'top',
      );
      expect(found).toEqual(uids);
    }));
}

describe('equality', () => {
  finds('(uid=ann)', 'ann');
  finds('(UserID=ANN)', 'ann');
  finds('(cn=ann johnson)', 'ann');
  finds('(cn=annie)', 'ann');
  finds('(employeeNumber=007)', 'ann');
  finds('(employeeNumber=7)');
  finds('(telephoneNumber=+493012 34)', 'ann');
  finds('(title=SEN\\cc\\83OR)', 'bob');
  finds('(jpegPhoto=\\ff\\d8\\ff\\00)', 'bob');
  finds(`(manager=uid=ann,${SUFFIX})`, 'bob');
  finds(`(manager=userid=ANN , ${SUFFIX})`, 'bob');
  finds('(manager=nonsense)');
  finds('(entryUUID=22222222-2222-4222-8222-222222222222)', 'bob');
  finds('(cn~=ANNIE)', 'ann');
  finds('(cn=Bob \\2aStar\\2a)', 'bob');
});

describe('substrings', () => {
  finds('(cn=*son*)', 'ann', 'carl');
  finds('(cn=ann*son)', 'ann');
  finds('(cn=A*n*e)', 'ann');
  finds('(cn=ann*nie)');
  finds('(cn=*\\2a*)', 'bob');
  finds('(telephoneNumber=*3012*)');
  finds('(entryUUID=2222*)');
});

describe('order', () => {
  finds('(uidNumber>=10)', 'bob');
  finds('(uidNumber<=9)', 'ann');
  finds('(entryUUID>=20000000-0000-0000-0000-000000000000)', 'bob');
  finds('(createTimestamp<=20210101000000Z)', 'ann');
  finds('(uid>=a)');
  finds('(!(uid>=b))');
});

describe('three values', () => {
  finds('(!(mail=*))', 'top', 'bob', 'carl');
  finds('(&(objectClass=person)(!(mail=*)))', 'bob', 'carl');
  finds('(!(mail=ann@example.com))', 'top', 'bob', 'carl');
  finds('(noSuchAttribute=x)');
  finds('(!(noSuchAttribute=x))');
  finds('(|(noSuchAttribute=x)(uid=ann))', 'ann');
  finds('(!(&(noSuchAttribute=x)(uid=ann)))', 'top', 'bob', 'carl');
  finds('(!(manager=nonsense))');
  finds('(cn:caseExactMatch:=Annie)');
  finds('(seeAlso=*)', 'carl');
  finds('(&)', 'top', 'ann', 'bob', 'carl');
  finds('(|)');
});

describe('indexed and unindexed together', () => {
  finds('(|(uid=ann)(mail=ann@example.com))', 'ann');
  finds('(|(uid=bob)(uid=ann)(uid=bob))', 'bob', 'ann');
  finds('(|(uid=bob)(cn=*annie*))', 'ann', 'bob');
  finds(
    `(&(objectClass=person)(|(manager=uid=ann,${SUFFIX})(manager=uid=p1,${SUFFIX})))`,
    'bob',
    'ann',
  );
  finds(`(&(manager=uid=p1,${SUFFIX})(!(mail=*)))`);
  finds('(&(uid=ann)(noSuchAttribute=x))');
  finds('(|(&(uid=ann)(cn=Bob))(uid=bob))', 'bob');
});

test('an AD-like server has ordering and substring rules for everything but DNs', () =>
  withSession({ directory, vendor: 'ad-like' }, async (client) => {
    const count = async (filter: string) => (await client.search({ filter })).entries.length;
    expect(await count('(uid>=b)')).toBe(2);
    expect(await count('(entryUUID=2222*)')).toBe(1);
    expect(await count('(manager=uid=*)')).toBe(0);
  }));

test('an indexed search finds what a scan finds', () =>
  withSession({ directory: syntheticOrganisation({ people: 400, seed: 8 }) }, async (client) => {
    const all = await client.search({ filter: '(uid=*)', attributes: ['manager', 'uid'] });
    const managers = new Set(
      all.entries.map((entry) => entry.attributes.get('manager')?.[0]?.toString()),
    );
    for (const manager of managers) {
      if (manager === undefined) continue;
      const indexed = await client.search({ filter: `(manager=${manager})` });
      const scanned = all.entries.filter(
        (entry) => entry.attributes.get('manager')?.[0]?.toString() === manager,
      );
      expect(indexed.entries.map(({ dn }) => dn)).toEqual(scanned.map(({ dn }) => dn));
    }
    expect(managers.size).toBeGreaterThan(20);
  }));

test.for([
  '(&)',
  '(cn:2.5.13.5:=x)',
  '(&(objectclass=person)(|(manager=uid=a,dc=x)(!(mail=*))))',
  '(cn=a*b*c)',
  '(cn=*b)',
  '(cn=\\2a\\28\\29\\5c)',
  '(a>=1)',
  '(a<=1)',
  '(a~=1)',
])('%s reads as it was written', (text) => {
  expect(filterText(readFilter(new BerDecoder(filterBytes(text))))).toBe(text);
});
