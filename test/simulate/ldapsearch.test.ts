// The real clients of OpenLDAP against the simulated server.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import type { SimulatedServer } from '../../src/simulate/server.ts';
import { findTool } from '../support/ensure-openldap.ts';
import { ldapsearch } from '../support/ldapsearch.ts';
import { SUFFIX, withServer } from './servers.ts';

const organisation = syntheticOrganisation({ people: 1000, seed: 1 });
const account = { bindDn: `cn=reader,${SUFFIX}`, password: 'secret' };

function serve<T>(use: (server: SimulatedServer) => Promise<T>, options: object = {}): Promise<T> {
  return withServer({ directory: organisation, ...options }, use);
}

async function found(...args: readonly string[]) {
  return serve(async (server) => {
    const { stdout, stderr, code } = await ldapsearch(server.url, args);
    return { code, stderr, ldif: stdout, dns: stdout.match(/^dn:.*$/gmu) ?? [] };
  });
}

function attribute(person: number, name: string): string {
  return organisation.person(person).values(name)[0] ?? '';
}

function peopleWhere(holds: (person: number) => boolean): number {
  return Array.from({ length: 1000 }, (_, person) => person).filter(holds).length;
}

describe('ldapsearch', () => {
  test('reads the rootDSE', async () => {
    const { code, ldif } = await found('-b', '', '-s', 'base', '*', '+');
    expect(code).toBe(0);
    expect(ldif).toContain(`namingContexts: ${SUFFIX}\n`);
    expect(ldif).toContain('supportedLDAPVersion: 3\n');
    expect(ldif).toContain('supportedControl: 1.2.840.113556.1.4.319\n');
  });

  test('reads one entry', async () => {
    const { code, ldif, dns } = await found('-b', organisation.rootDn, '-s', 'base');
    expect(code).toBe(0);
    expect(dns).toEqual([`dn: ${organisation.rootDn}`]);
    expect(ldif).toContain('employeeNumber: 0000001\n');
    expect(ldif).toContain('title: Chief Executive Officer\n');
    expect(ldif).not.toContain('entryUUID');
  });

  test('lists one level and the subtree', async () => {
    expect((await found('-b', SUFFIX, '-s', 'one', 'dn')).dns).toEqual([`dn: ou=people,${SUFFIX}`]);
    expect((await found('-b', SUFFIX, '-s', 'sub', '1.1')).dns.length).toBe(1002);
    expect((await found('-b', SUFFIX, '-s', 'children', '1.1')).dns.length).toBe(1001);
  });

  test('pages', async () => {
    const { code, dns } = await found('-b', SUFFIX, '-E', 'pr=100/noprompt', '(uid=*)', '1.1');
    expect(code).toBe(0);
    expect(new Set(dns).size).toBe(1000);
  });

  test('finds by user name', async () => {
    const { dns } = await found('-b', SUFFIX, `(uid=${attribute(77, 'uid').toUpperCase()})`, '1.1');
    expect(dns).toEqual([`dn: ${organisation.person(77).dn}`]);
  });

  test('finds by part of a name', async () => {
    const { dns } = await found('-b', SUFFIX, '(cn=*son*)', '1.1');
    const expected = peopleWhere((person) => attribute(person, 'cn').toLowerCase().includes('son'));
    expect(expected).toBeGreaterThan(5);
    expect(dns.length).toBe(expected);
  });

  test('finds by a name in UTF-8', async () => {
    const { dns } = await found('-b', SUFFIX, '(l=ZÜRICH)', '1.1');
    expect(dns.length).toBe(peopleWhere((person) => attribute(person, 'l') === 'Zürich'));
  });

  test('finds persons without mail', async () => {
    const { dns } = await found('-b', SUFFIX, '(&(objectClass=person)(!(mail=*)))', '1.1');
    const expected = peopleWhere((person) => attribute(person, 'mail') === '');
    expect(expected).toBeGreaterThan(5);
    expect(dns.length).toBe(expected);
  });

  test('finds direct reports', async () => {
    const filter = `(manager=${organisation.rootDn})`;
    const { ldif, dns } = await found('-b', SUFFIX, filter, 'manager');
    expect(dns.length).toBe(organisation.reportsOf(0).count);
    expect(ldif).toContain(`manager: ${organisation.rootDn}\n`);
  });

  test('takes a size limit: the entries, then 4', async () => {
    const { code, dns, stderr } = await found('-b', SUFFIX, '-z', '10', '1.1');
    expect([code, dns.length]).toEqual([4, 10]);
    expect(stderr).toContain('Size limit exceeded (4)');
  });

  test('is told what is not there', async () => {
    const { code, stderr } = await found('-b', `uid=nobody,ou=people,${SUFFIX}`);
    expect(code).toBe(32);
    expect(stderr).toContain(`Matched DN: ou=people,${SUFFIX}`);
    expect((await found('-b', 'nonsense')).code).toBe(34);
  });

  test('binds with the right password only', () =>
    serve(async (server) => {
      const as = (password: string) =>
        ldapsearch(server.url, [
          '-D',
          account.bindDn,
          '-w',
          password,
          '-b',
          SUFFIX,
          '-s',
          'base',
          '1.1',
        ]);
      expect((await as('secret')).code).toBe(0);
      expect((await as('wrong')).code).toBe(49);
      expect((await ldapsearch(server.url, ['-b', SUFFIX, '-s', 'base'])).code).toBe(50);
    }, account));
});

test('ldapwhoami is told who it is', () =>
  serve(async (server) => {
    const command = findTool('ldapwhoami') ?? 'ldapwhoami';
    const whoAmI = (...args: readonly string[]) =>
      promisify(execFile)(command, ['-x', '-H', server.url, ...args]);
    expect((await whoAmI()).stdout).toBe('anonymous\n');
    const bound = await whoAmI('-D', account.bindDn, '-w', account.password);
    expect(bound.stdout).toBe(`dn:${account.bindDn}\n`);
  }, account));
