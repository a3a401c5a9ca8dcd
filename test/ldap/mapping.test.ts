import fc from 'fast-check';
import { BerWriter } from 'ldapts';
import { describe, expect, it } from 'vitest';
import type { Employee } from '../../src/domain/employee.ts';
import { Leaves } from '../../src/ldap/expansion/leaves.ts';
import { Mapper, type MapperOptions, type Mapping } from '../../src/ldap/mapping.ts';
import { isUnreadable } from '../../src/ldap/text.ts';
import { DEFAULT_MAPPING } from '../../src/ldap/vendors.ts';
import { decodeEntry, entryWith } from '../support/entries.ts';
import { entry } from '../support/ldap-bytes.ts';

type Given = Readonly<Record<string, readonly (string | Buffer)[]>>;

const DN = 'uid=a,dc=example,dc=com';

function mapperOf(options: Partial<MapperOptions> = {}): Mapper {
  return new Mapper({
    mapping: DEFAULT_MAPPING,
    idAttribute: 'entryUUID',
    managerAttribute: 'manager',
    managerValue: 'dn',
    edition: '',
    ...options,
  });
}

function map(given: Given, options: Partial<MapperOptions> = {}, dn = DN): Employee {
  return mapperOf(options).employee(entryWith(given, dn));
}

describe('the columns', () => {
  it('are fed by attributes that are named by an alias or an OID, by whatever name the server answers', () => {
    const mapping = { ...DEFAULT_MAPPING, title: ['2.5.4.12'], username: ['userid'] };
    const managerAttribute = '0.9.2342.19200300.100.1.10';
    const given = { title: ['CEO'], uid: ['ann'], manager: [DN] };
    const { profile, managers } = map(given, { mapping, managerAttribute });
    expect([profile.title, profile.username, managers.length]).toEqual(['CEO', 'ann', 1]);
  });

  it.each([
    ['username', { sAMAccountName: ['b'], uid: ['a'] }, 'a'],
    ['username', { sAMAccountName: ['b'] }, 'b'],
    ['name', { name: ['c'], displayName: ['b'], cn: ['a'] }, 'a'],
    ['name', { name: ['c'], displayName: ['b'] }, 'b'],
    ['name', { name: ['c'] }, 'c'],
    ['department', { departmentNumber: ['3'], department: ['1'], ou: ['2'] }, '1'],
    ['department', { departmentNumber: ['3'], ou: ['2'] }, '2'],
    ['employee_number', { employeeID: ['2'], employeeNumber: ['1'] }, '1'],
    ['employee_number', { employeeID: ['2'] }, '2'],
    ['phone', { mobile: ['2'] }, '2'],
    ['location', { physicalDeliveryOfficeName: ['x'] }, 'x'],
    ['title', {}, null],
    ['email', { mail: [] }, null],
  ] as const)('%s of %j is %j', (column, given, value) => {
    expect(map(given).profile[column]).toBe(value);
  });

  it('take text as it is', () => {
    const odd = '007 \u{1f600} <b> \u202e \0';
    expect(map({ employeeNumber: ['007'] }).profile.employee_number).toBe('007');
    expect(map({ cn: [odd] }).profile.name).toBe(odd);
    expect(map({ cn: [''] }).profile.name).toBe('');
  });

  it('with several values hold one, whatever the order', () => {
    const values = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 2 });
    const shuffled = values.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const { mail, cn } = {
          mail: map({ mail: one }).profile.email,
          cn: map({ cn: one }).profile.name,
        };
        expect(one).toContain(mail);
        expect([map({ mail: other }).profile.email, map({ cn: other }).profile.name]).toEqual([
          mail,
          cn,
        ]);
      }),
    );
  });

  it('come from whichever attributes the mapping names, in any case', () => {
    const mapping = { ...DEFAULT_MAPPING, title: ['x-Role', 'TITLE'] };
    expect(map({ 'X-ROLE': ['r'], title: ['t'] }, { mapping }).profile.title).toBe('r');
    expect(map({ title: ['t'] }, { mapping }).profile.title).toBe('t');
  });

  it('are fed by an attribute that comes in several, as by one', () => {
    const several = [
      ['mail', ['c']],
      ['MAIL', ['b', 'd']],
      ['manager', ['cn=x']],
      ['Mail', ['a']],
      ['Manager', ['cn=y']],
    ] as const;
    const { profile, managers } = mapperOf().employee(decodeEntry(entry(1, DN, several)));
    expect(profile.email).toBe('a');
    expect(managers.map(({ value }) => value)).toEqual(['cn=x', 'cn=y']);
  });

  it('take no value from an attribute with options', () => {
    expect(map({ 'cn;lang-de': ['deutsch'] }).profile.name).toBe(null);
  });
});

describe('a value over 64 KiB', () => {
  const LIMIT = 65_536;

  it('is cut, and named; one of just 64 KiB is not', () => {
    const [long, fits] = ['x'.repeat(LIMIT + 1), 'y'.repeat(LIMIT)];
    const employee = map({ title: [long], cn: [fits] });
    expect(employee.profile.title).toBe('x'.repeat(LIMIT));
    expect(employee.profile.name).toBe(fits);
    expect(employee.capped).toEqual(['title']);
  });

  it.each([
    ['é', 2],
    ['人', 3],
    ['\u{1f600}', 4],
  ])('is cut between two characters: %s', (character, bytes) => {
    for (let before = 0; before < bytes; before += 1) {
      const title = 'x'.repeat(before) + character.repeat(LIMIT);
      const kept = map({ title: [title] }).profile.title ?? '';
      expect(title.startsWith(kept)).toBe(true);
      expect(LIMIT - Buffer.byteLength(kept)).toBeLessThan(bytes);
      expect(LIMIT - Buffer.byteLength(kept)).toBeGreaterThanOrEqual(0);
      expect(kept.isWellFormed()).toBe(true);
    }
  });

  it('that is no UTF-8 is cut all the same', () => {
    const { profile, capped } = map({ title: [Buffer.alloc(LIMIT + 10, 0x80)] });
    expect(profile.title?.length).toBeGreaterThan(LIMIT - 4);
    expect(profile.title?.length).toBeLessThanOrEqual(LIMIT);
    expect(capped).toEqual(['title']);
  });

  it('is cut as a manager value, too', () => {
    const dn = `cn=${'x'.repeat(LIMIT)},dc=example,dc=com`;
    const { managers, capped } = map({ manager: ['uid=b,dc=example,dc=com', dn] });
    expect(managers.map(({ value }) => value)).toEqual([
      'uid=b,dc=example,dc=com',
      dn.slice(0, LIMIT),
    ]);
    expect(capped).toEqual(['manager']);
    const by = { managerAttribute: 'Secretary' };
    expect(map({ secretary: [dn] }, by).capped).toEqual(['Secretary']);
  });

  it('is named only where it is the one that is kept', () => {
    const long = 'x'.repeat(LIMIT + 1);
    expect(map({ cn: [long, 'a'] }).capped).toEqual([]);
    expect(map({ cn: ['y', long] }).capped).toEqual(['name']);
    expect(map({ cn: ['a'], displayName: [long] }).capped).toEqual([]);
  });

  it('is left whole where it names the person to others', () => {
    const number = '7'.repeat(LIMIT + 1);
    const employee = map({ employeeNumber: [number] }, { managerValue: 'employeeNumber' });
    expect(employee.link).toBe(number);
    expect(employee.profile.employee_number).toBe(number.slice(0, LIMIT));
  });

  it('is rare: who has none shares one empty list', () => {
    const [one, other] = [map({ cn: ['a'] }), map({ title: ['b'] })];
    expect(one.capped).toBe(other.capped);
    expect(Object.isFrozen(one.capped)).toBe(true);
  });
});

describe('the identity', () => {
  it('is the id attribute, as text', () => {
    const id = '2f1b4a58-0000-4000-8000-00805f9b34fb';
    expect(map({ entryUUID: [id] })).toMatchObject({ id, hasId: true });
    const options = { idAttribute: 'nsUniqueId' };
    expect(map({ nsuniqueid: ['66446001-1dd211b2'] }, options).id).toBe('66446001-1dd211b2');
  });

  it('of objectGUID is its usual text: the first three groups are little-endian', () => {
    const bytes = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
    const { id } = map({ objectGUID: [bytes] }, { idAttribute: 'objectGUID' });
    expect(id).toBe('03020100-0504-0706-0809-0a0b0c0d0e0f');
  });

  it('of objectGUID keeps every byte, also those that are no UTF-8', () => {
    const bytes = Buffer.from('efbbbfff80fe00c3a9e2282840c0af41', 'hex');
    const { id } = map({ objectGUID: [bytes] }, { idAttribute: 'objectGUID' });
    expect(id).toBe('ffbfbbef-fe80-c300-a9e2-282840c0af41');
  });

  it('of GUID is its bytes in their order, and finds the entry again', () => {
    const bytes = Buffer.from('00010203040506070809fffefdfcfbfa', 'hex');
    const mapper = mapperOf({ idAttribute: 'GUID' });
    const id = mapper.employee(entryWith({ guid: [bytes] }, DN)).id;
    expect(id).toBe('00010203-0405-0607-0809-fffefdfcfbfa');
    const written = new BerWriter();
    mapper.idIs(id).write(written);
    expect(written.buffer.includes(bytes)).toBe(true);
  });

  it('that is no text is none: two of them would look alike', () => {
    const employee = map({ entryUUID: [Buffer.from('ff', 'hex')] });
    expect(employee).toMatchObject({ id: DN, hasId: false });
  });

  it('of two people whose DNs are no valid UTF-8 is not one', () => {
    const [one, other] = ['e9', 'e8'].map((hex) => {
      const dnBytes = Buffer.concat([Buffer.from('uid=caf'), Buffer.from(hex, 'hex')]);
      return mapperOf().employee(entryWith({}, dnBytes));
    });
    expect(one?.dn).toBe(other?.dn);
    expect(one?.id).not.toBe(other?.id);
  });

  it.each([{}, { entryUUID: [] }, { entryUUID: [''] }])(
    'missing (%j) is the normalised DN',
    (given) => {
      const employee = map(given, {}, 'UID=A ,  dc=Example,DC=com');
      expect(employee).toMatchObject({ id: DN, hasId: false, dn: 'UID=A ,  dc=Example,DC=com' });
    },
  );
});

describe('the managers', () => {
  it('that are no valid UTF-8 stay apart, shown by their bytes and marked as unreadable', () => {
    const bytes = ['e9', 'e8'].map((hex) =>
      Buffer.concat([Buffer.from('uid=caf'), Buffer.from(hex, 'hex')]),
    );
    for (const managerValue of ['dn', 'employeeNumber']) {
      const { managers } = map({ manager: [...bytes, 'uid=caf\ufffd'] }, { managerValue });
      expect(new Set(managers.map(({ key }) => key)).size).toBe(3);
      expect(managers[0]?.value).toBe('\ufffduid=caf\\e9');
      expect(managers.map(({ value }) => isUnreadable(value))).toEqual([true, true, false]);
      const { managers: turned } = map({ manager: ['uid=caf\ufffd', ...bytes] }, { managerValue });
      expect(new Set(turned.map(({ key }) => key)).size).toBe(3);
    }
  });

  it('are all kept as they are written, with a key that spellings share', () => {
    const values = ['uid=B,dc=Example,dc=com', 'userid=b , DC=example,dc=com', 'cn=x'];
    const { managers } = map({ Manager: values });
    expect(managers.map(({ value }) => value)).toEqual(values);
    expect(managers[0]?.key).toBe(managers[1]?.key);
    expect(managers[2]?.key).not.toBe(managers[0]?.key);
  });

  it('are told apart however many there are, and one object where they are the same', () => {
    const mapper = mapperOf();
    const managerOf = (n: number) =>
      mapper.employee(entryWith({ manager: [`uid=${n},dc=é`] }, DN)).managers[0];
    const all = Array.from({ length: 5_000 }, (_, n) => managerOf(n)?.value);
    expect(all).toEqual(all.map((_, n) => `uid=${n},dc=é`));
    expect(managerOf(4_999)).toBe(managerOf(4_999));
  });

  it('are none where the attribute is missing', () => {
    expect(map({ cn: ['a'] }).managers).toEqual([]);
  });

  it('by another attribute are text: 007 is not 7, and case counts', () => {
    const options = { managerAttribute: 'roomNumber', managerValue: 'employeeNumber' };
    const employee = map({ roomNumber: ['007', 'A1', 'a1'], employeeNumber: ['08'] }, options);
    expect(employee.managers.map(({ key }) => key)).toEqual(['007', 'A1', 'a1']);
    expect(employee).toMatchObject({ link: '08', linkKey: '08' });
  });
});

describe('the link', () => {
  it('is the DN, and its key the normalised one', () => {
    const employee = map({}, {}, 'UID=A,DC=Example,DC=com');
    expect(employee).toMatchObject({ link: 'UID=A,DC=Example,DC=com', linkKey: DN });
  });

  it('is nothing where the manager-value attribute is missing: nobody can report to such a person', () => {
    expect(map({}, { managerValue: 'employeeNumber' })).toMatchObject({
      link: null,
      linkKey: null,
    });
  });

  it('is nothing where the value is no valid UTF-8', () => {
    const options = { managerValue: 'employeeNumber' };
    const bytes = Buffer.from('e9', 'hex');
    expect(map({ employeeNumber: [bytes] }, options).link).toBe(null);
    expect(map({ employeeNumber: [bytes, '7'] }, options).link).toBe('7');
  });

  it('is nothing where the DN is no valid UTF-8', () => {
    const entry = entryWith({ uid: ['a'] }, Buffer.from('uid=caf\xe9,dc=x', 'latin1'));
    expect(mapperOf().employee(entry)).toMatchObject({ link: null, linkKey: null });
  });
});

describe('whether an account is active', () => {
  it.each([
    ['512', true],
    ['514', false],
    ['66050', false],
    ['66048', true],
    ['2', false],
    ['0', true],
    ['nonsense', true],
  ])('is the second bit of userAccountControl: %s', (value, active) => {
    expect(map({ userAccountControl: [value] }).active).toBe(active);
  });

  it.each([
    ['nsAccountLock', 'true', false],
    ['nsAccountLock', 'false', true],
    ['loginDisabled', 'TRUE', false],
    ['ibm-pwdAccountLocked', 'true', false],
    ['pwdAccountLockedTime', '000001010000Z', false],
    ['pwdAccountLockedTime', '20261123063000Z', true],
  ])('is told by %s: %s', (name, value, active) => {
    expect(map({ [name]: [value] }).active).toBe(active);
  });

  it('is so where nothing tells', () => {
    expect(map({}).active).toBe(true);
  });
});

describe('what is asked for', () => {
  const SECRET =
    /password|pwd(?!accountlocked)|laps|krbprincipalkey|supplementalcredentials|^[*+]$|jpegphoto/i;

  it('is the mapping, the id, the manager link and what tells the active, each once', () => {
    const { attributes } = mapperOf({ managerAttribute: 'Manager', managerValue: 'UID' });
    const expected = [
      ...Object.values(DEFAULT_MAPPING).flat(),
      ...['entryUUID', 'manager', 'userAccountControl', 'nsAccountLock', 'loginDisabled'],
      ...['ibm-pwdAccountLocked', 'pwdAccountLockedTime'],
    ].map((name) => name.toLowerCase());
    const asked = attributes.map((name) => name.toLowerCase());
    expect(asked.toSorted()).toEqual(expected.toSorted());
  });

  it('is one value of who reports to them, all of them where they are kept beside the columns', () => {
    const leaves = new Leaves('directReports', 'manager');
    const kept = { ...DEFAULT_MAPPING, attributes: ['DirectReports'] };
    const asked = (mapping: Mapping) =>
      mapperOf({ leaves, mapping }).attributes.filter((name) => /^directReports/i.test(name));
    expect(asked(DEFAULT_MAPPING)).toEqual(['directReports;range=0-0']);
    expect(asked(kept)).toEqual(['DirectReports']);
  });

  it('is neither a secret nor everything', () => {
    expect(mapperOf().attributes.filter((name) => SECRET.test(name))).toEqual([]);
  });

  it.each([
    ...['userPassword', 'USERPASSWORD;x-1', '2.5.4.35', 'unicodePwd', 'ms-Mcs-AdmPwd'],
    ...['msLAPS-Password', 'krbPrincipalKey', 'supplementalCredentials'],
  ])('is never %s, whatever is configured', (secret) => {
    const mapping = { ...DEFAULT_MAPPING, title: [secret, 'title'] };
    const ways = [{ mapping }, { managerAttribute: secret }, { managerValue: secret }];
    for (const options of [...ways, { idAttribute: secret }]) {
      expect(() => mapperOf(options)).toThrow(`${secret} holds a secret and is never read`);
    }
  });
});
