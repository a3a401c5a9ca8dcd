import { describe, expect, it } from 'vitest';
import { ResultCode } from '../../src/simulate/faults.ts';
import { person, SUFFIX, team } from '../simulate/servers.ts';
import {
  branch,
  expand,
  NEVER,
  P1,
  refusalOf,
  withOpen,
  withScripted,
  withSimulated,
} from './directories.ts';

const NOBODY = `uid=nobody,${SUFFIX}`;
const PAGING = ['1.2.840.113556.1.4.319'];

describe('opening a directory', () => {
  it('tells the base, whether it pages, and what identifies its entries', async () => {
    await withSimulated({}, {}, async ({ directory }) => {
      expect(await directory.open(NEVER)).toEqual({
        key: SUFFIX,
        vendor: expect.any(String),
        base: SUFFIX,
        idAttribute: 'entryUUID',
        paging: true,
        filter: '(objectClass=person)',
        mapping: expect.objectContaining({ username: ['uid', 'sAMAccountName'] }),
        traits: {},
      });
    });
  });

  it('tells an Active Directory, which identifies by objectGUID', async () => {
    await withSimulated({ vendor: 'ad-like' }, {}, async ({ directory }) => {
      expect(await directory.open(NEVER)).toMatchObject({
        vendor: 'Active Directory',
        idAttribute: 'objectGUID',
      });
    });
  });

  it('identifies by what an entry has where the server tells no more, and asks nothing for that', async () => {
    const bulk = team(0, [person('p1', { nsUniqueId: ['66446001-1dd211b2'] })]);
    await withSimulated({ directory: bulk }, {}, async ({ directory, searches }) => {
      expect(await directory.open(NEVER)).toMatchObject({ idAttribute: 'nsUniqueId' });
      expect(searches).toHaveLength(2);
      const [root] = await directory.findRoots(NEVER);
      expect(root).toMatchObject({ id: '66446001-1dd211b2', hasId: true });
    });
  });

  it('identifies as earlier runs did, whatever the entries have', async () => {
    const known = { key: SUFFIX, idAttribute: 'employeeNumber' };
    await withSimulated({}, {}, async ({ directory }) => {
      expect(await directory.open(NEVER, known)).toMatchObject({ idAttribute: 'employeeNumber' });
    });
  });

  it('asks for whoever suits the server where nothing else is asked for', async () => {
    for (const [vendor, filter] of [
      ['openldap', '(objectClass=person)'],
      ['ad-like', '(&(objectClass=person)(!(objectClass=computer)))'],
    ] as const) {
      await withSimulated({ vendor }, { filter: undefined }, async ({ directory }) => {
        expect(await directory.open(NEVER)).toMatchObject({ filter });
      });
    }
  });

  it('tells a server that cannot page, and does not page there', async () => {
    await withSimulated({ paging: 'absent' }, {}, async ({ directory, searches }) => {
      expect(await directory.open(NEVER)).toMatchObject({ paging: false });
      expect((await expand(directory, [branch('p1')])).found).toEqual(['p1', 'p2', 'p3']);
      expect(searches.every(({ pageSize }) => pageSize === undefined)).toBe(true);
    });
  });

  it('needs --base where the server has several naming contexts, and takes the one it is told', async () => {
    const contexts = ['dc=example,dc=com', 'o=other'];
    const rootDse = [
      ['namingContexts', contexts],
      ['supportedControl', PAGING],
    ] as const;
    await withScripted({ rootDse }, {}, async ({ directory }) => {
      const refused = directory.open(NEVER);
      await expect(refused).rejects.toThrow(/dc=example,dc=com and o=other/);
      expect(await refusalOf(refused)).toBe('base-not-found');
    });
    await withScripted({ rootDse }, { base: 'ou=x,O=Other' }, async ({ directory }) => {
      expect(await directory.open(NEVER)).toMatchObject({ key: 'o=other', base: 'ou=x,O=Other' });
    });
  });

  it('takes the default naming context where there are several', async () => {
    const rootDse = [
      ['namingContexts', ['cn=config', 'dc=example,dc=com']],
      ['defaultNamingContext', ['dc=example,dc=com']],
    ] as const;
    await withScripted({ rootDse }, {}, async ({ directory }) => {
      expect(await directory.open(NEVER)).toMatchObject({ base: 'dc=example,dc=com' });
    });
  });

  it('is refused by a server that does not show its rootDSE', async () => {
    await withScripted({ rootDse: undefined }, {}, async ({ directory }) => {
      expect(await refusalOf(directory.open(NEVER))).toBe('capability');
    });
  });

  it.each([
    ['a base that is not there', { base: `ou=no,${SUFFIX}` }, /ou=no,dc=example,dc=com/],
    ['a base that is no DN', { base: 'no dn' }, /no dn/],
    ['a filter that matches nobody', { filter: '(uid=nobody)' }, /\(uid=nobody\)/],
  ])('is refused with %s, which it names', async (_, options, message) => {
    await withSimulated({}, options, async ({ directory }) => {
      const refused = directory.open(NEVER);
      await expect(refused).rejects.toThrow(message);
      expect(await refusalOf(refused)).toBe('base-not-found');
    });
  });

  it('is refused without an account where the server answers nobody (1 with 000004DC, as AD)', async () => {
    const account = { bindDn: 'cn=reader', password: 'secret', vendor: 'ad-like' } as const;
    await withSimulated(account, {}, async ({ directory }) => {
      expect(await refusalOf(directory.open(NEVER))).toBe('credentials');
    });
  });

  it('is refused without an account where the server answers nobody (50, as OpenLDAP)', async () => {
    await withSimulated({ bindDn: 'cn=reader', password: 'secret' }, {}, async ({ directory }) => {
      expect(await refusalOf(directory.open(NEVER))).toBe('capability');
    });
  });

  it.each([
    [49, 'credentials'],
    [48, 'credentials'],
    [7, 'credentials'],
    [8, 'stronger-authentication'],
    [13, 'stronger-authentication'],
    [51, 'unreachable'],
    [52, 'unreachable'],
    [80, 'unreachable'],
  ])('is refused where the bind ends with %i: %s, asked once', async (code, refusal) => {
    const credentials = { kind: 'simple', dn: 'cn=reader', password: 'secret' } as const;
    const faults = [new ResultCode(code, { kind: 'bind' })];
    await withSimulated({ faults }, { credentials }, async ({ directory, server }) => {
      expect(await refusalOf(directory.open(NEVER))).toBe(refusal);
      expect([server.stats.binds, server.stats.searches]).toEqual([1, 0]);
    });
  });

  it('never sends an empty password', async () => {
    const credentials = { kind: 'simple', dn: 'cn=reader', password: '' } as const;
    await withSimulated({}, { credentials }, async ({ directory, server }) => {
      await expect(directory.open(NEVER)).rejects.toThrow();
      expect([server.stats.binds, server.stats.searches]).toEqual([0, 0]);
    });
  });

  it('goes to the next URL where one does not answer', async () => {
    await withSimulated({}, {}, async ({ server }) => {
      const urls = ['ldap://127.0.0.1:9', server.url];
      await withSimulated({}, { urls }, async ({ directory }) => {
        expect(await directory.open(NEVER)).toMatchObject({ base: SUFFIX });
        expect(server.stats.searches).toBeGreaterThan(0);
      });
    });
  });

  it('with no server anywhere is refused', async () => {
    const urls = ['ldap://127.0.0.1:9', 'ldap://127.0.0.1:10'];
    await withSimulated({}, { urls }, async ({ directory }) => {
      expect(await refusalOf(directory.open(NEVER))).toBe('unreachable');
    });
  });

  it('rejects with the reason of the signal', async () => {
    await withSimulated({}, {}, async ({ directory }) => {
      const reason = new Error('enough');
      await expect(directory.open(AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
});

describe('the roots', () => {
  it.each([
    ['a DN', [P1], ['p1']],
    ['a DN in another spelling', ['UID=P1 , dc=example,DC=com'], ['p1']],
    ['a filter that matches one', ['(uid=p2)'], ['p2']],
    ['several', ['(uid=p2)', P1], ['p2', 'p1']],
  ])('are found by %s', async (_, roots, uids) => {
    await withOpen({}, { roots }, async ({ directory }) => {
      const found = await directory.findRoots(NEVER);
      expect(found.map(({ profile }) => profile.username)).toEqual(uids);
    });
  });

  it.each([
    ['by filter', '(uid=chair)'],
    ['by DN', 'uid=chair,ou=people,dc=example,dc=com'],
  ])('are refused %s where the filter of those who are walked leaves them out', async (_, root) => {
    const directory = team(2, [person('chair', { employeeType: ['chair'] })]);
    const options = { roots: [root], filter: '(!(employeeType=chair))' };
    await withOpen({ directory }, options, async ({ directory: opened }) => {
      await expect(opened.findRoots(NEVER)).rejects.toMatchObject({ code: 'root-not-found' });
    });
  });

  it.each([
    ['a DN that is not there', NOBODY, 'root-not-found'],
    ['what is no DN', 'nobody', 'root-not-found'],
    ['a filter that matches nobody', '(uid=nobody)', 'root-not-found'],
    ['a filter that matches two', '(|(uid=p1)(uid=p2))', 'root-ambiguous'],
    ['a filter that matches all', '(objectClass=person)', 'root-ambiguous'],
  ])('are refused with %s', async (_, root, code) => {
    await withOpen({}, { roots: [root] }, async ({ directory }) => {
      const refused = directory.findRoots(NEVER);
      expect(await refusalOf(refused)).toBe(code);
      await expect(refused).rejects.toThrow(root);
    });
  });

  it('are refused where success with no entry says that they may not be read', async () => {
    const faults = [new ResultCode(0, { base: P1 })];
    await withOpen({ faults }, {}, async ({ directory }) => {
      expect(await refusalOf(directory.findRoots(NEVER))).toBe('root-unreadable');
    });
  });

  it.each([
    [50, 'capability'],
    [51, 'unreachable'],
    [1, 'capability'],
    [49, 'credentials'],
    [8, 'stronger-authentication'],
  ])('are refused where the search ends with %i: %s', async (code, refusal) => {
    const faults = [new ResultCode(code, { base: P1 })];
    await withOpen({ faults }, {}, async ({ directory }) => {
      expect(await refusalOf(directory.findRoots(NEVER))).toBe(refusal);
    });
  });

  it('are never looked for with the paging control', async () => {
    await withOpen({}, { roots: [P1, '(uid=p2)'] }, async ({ directory, searches }) => {
      await directory.findRoots(NEVER);
      expect(searches.map(({ pageSize }) => pageSize)).not.toContain(500);
    });
  });
});
