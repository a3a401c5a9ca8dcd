import { describe, expect, it } from 'vitest';
import { linkText } from '../../src/ldap/text.ts';
import { DropConnection, ResultCode } from '../../src/simulate/faults.ts';
import { person, SUFFIX, team } from '../simulate/servers.ts';
import { NEVER, P1, withOpen } from './directories.ts';

const GROUP = {
  dn: `cn=board,${SUFFIX}`,
  attributes: { objectClass: ['groupOfNames'], cn: ['board'], member: [P1] },
};
const P2 = `uid=p2,${SUFFIX}`;

describe('who stands behind a manager value', () => {
  it.each([
    ['an employee', P2, { kind: 'employee', id: P2, dn: P2 }],
    [
      'an employee in another spelling',
      'USERID=P2 , DC=example,dc=COM',
      { kind: 'employee', id: P2, dn: P2 },
    ],
    ['an entry that is no employee', `CN=Board,${SUFFIX}`, { kind: 'other', dn: GROUP.dn }],
    ['nobody', `uid=gone,${SUFFIX}`, { kind: 'dangling' }],
    ['nobody, in another directory', 'uid=a,o=elsewhere', { kind: 'dangling' }],
    ['what is no DN', 'the boss', { kind: 'dangling' }],
  ])('is told by the server: %s', async (_, value, answer) => {
    await withOpen({ directory: team(2, [GROUP]) }, {}, async ({ directory }) => {
      expect(await directory.askManager(value, 0, NEVER)).toEqual(answer);
    });
  });

  it('is asked of the base at the value itself, without the paging control', async () => {
    await withOpen({}, {}, async ({ directory, searches }) => {
      const before = searches.length;
      await directory.askManager(P2, 0, NEVER);
      expect(searches.slice(before)).toMatchObject([{ base: P2, scope: 'base' }]);
      expect(searches.at(-1)?.pageSize).toBeUndefined();
    });
  });

  it('is not asked where the value is no valid UTF-8', async () => {
    await withOpen({}, {}, async ({ directory, searches }) => {
      const before = searches.length;
      const value = linkText(Buffer.from('756964 3d e9'.replaceAll(' ', ''), 'hex'));
      expect(await directory.askManager(value, 0, NEVER)).toEqual({ kind: 'dangling' });
      expect(searches.length).toBe(before);
    });
  });

  it('is not known where success with no entry may mean that it may not be read', async () => {
    const faults = [new ResultCode(0, { base: P2 })];
    await withOpen({ faults }, {}, async ({ directory }) => {
      expect(await directory.askManager(P2, 0, NEVER)).toEqual({ kind: 'unreadable' });
    });
  });

  it('is an employee only if the filter says so', async () => {
    const options = { filter: '(&(objectClass=person)(!(uid=p2)))' };
    await withOpen({}, options, async ({ directory }) => {
      expect(await directory.askManager(P2, 0, NEVER)).toEqual({ kind: 'other', dn: P2 });
    });
  });

  it.each([
    [50, 'fail', 'denied'],
    [51, 'retry', 'timeout'],
    [11, 'fail', 'limit'],
  ])('is left open by result %i: %s, %s', async (code, remedy, reason) => {
    await withOpen({ faults: [new ResultCode(code, { base: P2 })] }, {}, async ({ directory }) => {
      const asked = directory.askManager(P2, 0, NEVER);
      await expect(asked).rejects.toMatchObject({ name: 'SearchFailure', remedy, reason });
    });
  });

  it('is left open by a connection that dies, and can be asked again', async () => {
    const faults = [new DropConnection({ base: P2, times: 1 })];
    await withOpen({ faults }, {}, async ({ directory }) => {
      await expect(directory.askManager(P2, 0, NEVER)).rejects.toMatchObject({ remedy: 'split' });
      expect(await directory.askManager(P2, 0, NEVER)).toMatchObject({ kind: 'employee' });
    });
  });
});

describe('who stands behind a value of another attribute', () => {
  const numbered = (uid: string, number: string, more = {}) =>
    person(uid, { employeeNumber: [number], ...more });
  const directory = team(1, [
    numbered('a', '007'),
    numbered('b', '*)(uid=*'),
    numbered('c', '9'),
    numbered('d', '9'),
    { ...numbered('e', '11'), attributes: { objectClass: ['device'], employeeNumber: ['11'] } },
  ]);
  const options = { managerAttribute: 'roomNumber', managerValue: 'employeeNumber' };
  const dn = (uid: string) => `uid=${uid},${SUFFIX}`;

  it.each([
    ['an employee', '007', { kind: 'employee', id: dn('a'), dn: dn('a') }],
    [
      'an employee with syntax in the number',
      '*)(uid=*',
      { kind: 'employee', id: dn('b'), dn: dn('b') },
    ],
    ['nobody', '7', { kind: 'dangling' }],
    ['two, of whom neither is meant', '9', { kind: 'dangling' }],
    ['an entry that is no employee', '11', { kind: 'dangling' }],
  ])('is told by the server: %s', async (_, value, answer) => {
    await withOpen({ directory }, options, async ({ directory: opened }) => {
      expect(await opened.askManager(value, 0, NEVER)).toEqual(answer);
    });
  });

  it('is asked of the whole base, for at most two', async () => {
    await withOpen({ directory }, options, async ({ directory: opened, searches }) => {
      await opened.askManager('9', 0, NEVER);
      expect(searches.at(-1)).toMatchObject({ base: SUFFIX, scope: 'sub', sizeLimit: 2 });
      expect(searches.at(-1)?.pageSize).toBeUndefined();
    });
  });
});
