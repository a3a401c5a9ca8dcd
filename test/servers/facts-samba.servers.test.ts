// What orgwalk relies on, or has to bear, on an Active Directory domain controller: shown on Samba's.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LdapConnection } from '../../src/ldap/connection/connection.ts';
import {
  ask,
  askPaged,
  bindCode,
  literal,
  type Question,
  valuesOf,
  withAsker,
} from '../support/asking.ts';
import { ldifEntry } from '../support/organisation/ldif.ts';
import { type Domain, makeDomain } from './active-directory.ts';
import { change } from './changing.ts';
import { SAMBA_BASE as base, guidsOf, startSamba, stored } from './samba.ts';
import type { TestServer } from './server.ts';

let domain: Domain;
let server: TestServer;
/** Of the administrator's account, before anybody was bound as it. */
let unused: string | undefined;

beforeAll(async () => {
  domain = await makeDomain({ people: 1_800, wide: 1_600 });
  server = await startSamba(domain);
  unused = await changeOf(server.bindDn);
});
afterAll(() => server?.stop());

function asked<T>(use: (connection: LdapConnection) => Promise<T>): Promise<T> {
  return withAsker(server.url, server, use);
}

async function changeOf(dn: string): Promise<string | undefined> {
  return (await stored(server, `(distinguishedName=${dn})`, 'uSNChanged')).get(dn);
}

/** The values of one attribute of one entry, by the name that the server gave it. */
function read(dn: string, attribute: string): Promise<readonly [string, readonly string[]][]> {
  return asked(async (connection) => {
    const { entries } = await ask(connection, { base: dn, scope: 'base', attributes: [attribute] });
    return [...(entries[0]?.attributes ?? [])].map(([name, values]) => [name, values.map(String)]);
  });
}

async function firstValue(dn: string, attribute: string): Promise<string | undefined> {
  return (await read(dn, attribute))[0]?.[1][0];
}

describe('a long directReports', () => {
  test('comes whole where no range is asked for', async () => {
    const [[name, values] = ['', []]] = await read(domain.wideDn, 'directReports');
    expect(name).toBe('directreports');
    expect(values.length).toBeGreaterThan(1_500);
  });

  test('comes in parts named by their range where one is asked for, the last one with an asterisk', async () => {
    const [first] = await read(domain.wideDn, 'directReports;range=0-1499');
    const [last] = await read(domain.wideDn, 'directReports;range=1500-*');
    const [beyond] = await read(domain.wideDn, 'directReports;range=1500-2999');
    const [[, whole] = ['', []]] = await read(domain.wideDn, 'directReports');
    expect([first?.[0], first?.[1].length]).toEqual(['directreports;range=0-1499', 1_500]);
    expect(last?.[0]).toBe('directreports;range=1500-*');
    expect(beyond).toEqual(last);
    expect([...(first?.[1] ?? []), ...(last?.[1] ?? [])].toSorted()).toEqual(whole.toSorted());
  });

  test('names contacts too, and exactly those whom a search by manager finds', async () => {
    const { dns } = await asked((connection) =>
      ask(connection, { base, filter: `(manager=${literal(domain.rootDn)})` }),
    );
    const [[, reports] = ['', []]] = await read(domain.rootDn, 'directReports');
    expect(reports.toSorted()).toEqual(dns.toSorted());
    const contacts = await asked((connection) =>
      ask(connection, { base, filter: '(&(objectClass=contact)(manager=*))' }),
    );
    const [contact = ''] = contacts.dns;
    const manager = (await firstValue(contact, 'manager')) ?? '';
    expect((await read(manager, 'directReports'))[0]?.[1]).toContain(contact);
  });
});

describe('manager', () => {
  const someone = () => `CN=Member 300,OU=people,${base}`;

  test('has a single value', async () => {
    expect(await change(server, add(someone(), 'manager', domain.rootDn))).not.toBe(0);
    expect(await firstValue(someone(), 'manager')).toBe(domain.wideDn);
  });

  test('names an entry that there is', async () => {
    const gone = `CN=gone,${base}`;
    expect(await change(server, replace(someone(), 'manager', gone))).toBe(19);
  });

  test('comes back in the spelling of the entry, however it was written', async () => {
    const written = domain.wideDn.toUpperCase().replaceAll(',', ' , ');
    expect(await change(server, replace(someone(), 'manager', written))).toBe(0);
    expect(await firstValue(someone(), 'manager')).toBe(domain.wideDn);
  });

  test('follows the manager who is renamed, and is gone with the one who is deleted', async () => {
    const dn = await newcomer('Passing', domain.rootDn);
    const report = await newcomer('Report of Passing', dn);
    const rename = `dn: ${dn}\nchangetype: modrdn\nnewrdn: CN=Passed\ndeleteoldrdn: 1\n`;
    expect(await change(server, rename)).toBe(0);
    const renamed = dn.replace('Passing', 'Passed');
    expect(await firstValue(report, 'manager')).toBe(renamed);
    expect(await change(server, `dn: ${renamed}\nchangetype: delete\n`)).toBe(0);
    expect(await read(report, 'manager')).toEqual([]);
  });
});

describe('identity', () => {
  test('objectGUID is 16 bytes, of whose text the first three groups are little-endian', async () => {
    const { entries } = await asked((connection) =>
      ask(connection, { base: domain.rootDn, scope: 'base', attributes: ['objectGUID'] }),
    );
    const bytes = entries[0]?.attributes.get('objectguid')?.[0] ?? Buffer.alloc(0);
    expect(bytes.length).toBe(16);
    const text = (await guidsOf(server)).get(domain.rootDn) ?? '';
    expect(hexOf(bytes)).toBe(littleEndian(text));
  });

  test('<GUID=…> is a base', async () => {
    const text = (await guidsOf(server)).get(domain.rootDn);
    const { dns } = await asked((connection) =>
      ask(connection, { base: `<GUID=${text}>`, scope: 'base' }),
    );
    expect(dns).toEqual([domain.rootDn]);
  });

  test('bit 2 of userAccountControl disables an account, whatever the other bits are', async () => {
    const { entries } = await asked((connection) =>
      ask(connection, {
        base,
        filter: '(userAccountControl:1.2.840.113556.1.4.803:=2)',
        attributes: ['userAccountControl'],
      }),
    );
    const controls = new Set(entries.flatMap((one) => valuesOf(one, 'userAccountControl')));
    expect([...controls].every((control) => (Number(control) & 2) !== 0)).toBe(true);
    expect(controls).toContain('514');
  });

  test('uSNChanged, and with it whenChanged, is moved by the first bind of an account', async () => {
    const before = await firstValue(domain.rootDn, 'uSNChanged');
    await bindCode(server.url, server);
    expect(Number(await changeOf(server.bindDn))).toBeGreaterThan(Number(unused));
    expect(await firstValue(domain.rootDn, 'uSNChanged')).toBe(before);
  });
});

describe('a connection', () => {
  test('without a bind may read the rootDSE and nothing else: 1', () =>
    withAsker(server.url, undefined, async (connection) => {
      expect((await ask(connection, { base: '', scope: 'base' })).code).toBe(0);
      expect((await ask(connection, { base })).code).toBe(1);
    }));

  test.each([
    ['a wrong password', { password: 'wrong' }],
    ['an unknown account', { bindDn: `CN=nobody,${base}` }],
    ['an unknown user name', { bindDn: 'nobody@example.com' }],
  ])('is refused with 49 for %s', async (_, wrong) => {
    expect(await bindCode(server.url, { ...server, ...wrong })).toBe(49);
  });

  test('without TLS is refused with 8 where the server is as shipped', async () => {
    await using strict = await startSamba({ strongAuth: true });
    expect(await bindCode(strict.url, strict)).toBe(8);
  });
});

describe('a search', () => {
  const everybody: Question = { base, filter: '(objectClass=person)' };

  test('below the domain’s root brings references, and none below a unit', () =>
    asked(async (connection) => {
      const { references } = await ask(connection, everybody);
      expect(references.length).toBeGreaterThan(0);
      expect(references[0]).toMatch(/^ldap:\/\/example\.com\/CN=Configuration,DC=example,DC=com/);
      const unit = await ask(connection, { ...everybody, base: `OU=people,${base}` });
      expect(unit.references).toEqual([]);
    }));

  test('by manager finds the same in the global catalogue, without references', () =>
    asked(async (connection) => {
      const byManager = { base, filter: `(manager=${literal(domain.wideDn)})` };
      const { dns } = await ask(connection, byManager);
      await withAsker(`${server.url}:3268`, server, async (catalogue) => {
        const told = await ask(catalogue, byManager);
        expect(told.dns.toSorted()).toEqual(dns.toSorted());
        expect(told.references).toEqual([]);
      });
    }));

  test('goes on by its cookie beside another one, and on its own connection only', () =>
    asked(async (connection) => {
      const { cookie } = await ask(connection, { ...everybody, page: 5 });
      await ask(connection, { base, filter: '(objectClass=user)', page: 5 });
      await asked(async (other) => {
        const elsewhere = await ask(other, { ...everybody, page: 5, ...(cookie && { cookie }) });
        expect(elsewhere.code).toBe(53);
      });
      const next = await ask(connection, { ...everybody, page: 5, ...(cookie && { cookie }) });
      expect([next.code, next.dns.length]).toEqual([0, 5]);
    }));

  test('is paged to its end with attributes 1.1 also', () =>
    asked(async (connection) => {
      const whole = await ask(connection, everybody);
      const { pages, code } = await askPaged(connection, {
        ...everybody,
        page: 500,
        attributes: ['1.1'],
      });
      expect([code, sum(pages)]).toEqual([0, whole.dns.length]);
    }));

  test('by a value that is no DN finds nobody, with success', () =>
    asked(async (connection) => {
      const { code, dns } = await ask(connection, { base, filter: '(manager=no dn)' });
      expect([code, dns]).toEqual([0, []]);
    }));
});

async function newcomer(name: string, manager: string): Promise<string> {
  const dn = `CN=${name},OU=people,${base}`;
  const entry = ldifEntry(dn, [
    ['changetype', 'add'],
    ['objectClass', 'contact'],
    ['cn', name],
    ['manager', manager],
  ]);
  expect(await change(server, entry)).toBe(0);
  return dn;
}

function add(dn: string, attribute: string, value: string): string {
  return ldifEntry(dn, [
    ['changetype', 'modify'],
    ['add', attribute],
    [attribute, value],
  ]);
}

function replace(dn: string, attribute: string, value: string): string {
  return add(dn, attribute, value).replace(`add: ${attribute}`, `replace: ${attribute}`);
}

function hexOf(bytes: Buffer): string {
  return bytes.toString('hex');
}

/** [MS-DTYP] §2.3.4: of the text's groups, the bytes as they are stored. */
function littleEndian(guid: string): string {
  const reversed = (group: string) => (group.match(/../g) ?? []).toReversed().join('');
  return guid
    .split('-')
    .map((group, at) => (at < 3 ? reversed(group) : group))
    .join('');
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
