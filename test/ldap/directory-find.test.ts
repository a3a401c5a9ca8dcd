import { describe, expect, it } from 'vitest';
import { ResultCode } from '../../src/simulate/faults.ts';
import { person, SUFFIX, team } from '../simulate/servers.ts';
import { NEVER, withOpen } from './directories.ts';

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const withId = (uid: string, n: number) => person(uid, { entryUUID: [uuid(n)] });
const at = (uid: string) => `uid=${uid},${SUFFIX}`;
const PEOPLE = team(0, [withId('root', 1), withId('renamed', 2), person('plain')]);
const OPTIONS = { roots: [at('root')] };

const manager = (id: string, dn: string) => ({ person: 7, id, dn });

describe('somebody who is looked for', () => {
  it('is found by id, wherever the entry is now', async () => {
    await withOpen({ directory: PEOPLE }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const found = await directory.find(manager(uuid(2), at('former')), 0, NEVER);
      expect(found).toMatchObject({ id: uuid(2), dn: at('renamed') });
    });
  });

  it('is found at the DN where there is no id', async () => {
    await withOpen({ directory: PEOPLE }, OPTIONS, async ({ directory }) => {
      const found = await directory.find(manager(at('plain'), at('plain')), 0, NEVER);
      expect(found).toMatchObject({ dn: at('plain') });
    });
  });

  it('is gone where nobody has the id, and the server finds others by theirs', async () => {
    await withOpen({ directory: PEOPLE }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      expect(await directory.find(manager(uuid(3), at('former')), 0, NEVER)).toBeNull();
    });
  });

  it('is not taken for gone where the server finds nobody by id', async () => {
    const faults = [new ResultCode(0, { kind: 'search', from: 4 })];
    await withOpen({ directory: PEOPLE, faults }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const found = directory.find(manager(uuid(2), at('former')), 0, NEVER);
      await expect(found).rejects.toMatchObject({ remedy: 'fail', reason: 'unreadable' });
    });
  });

  it('is left open by an error', async () => {
    const faults = [new ResultCode(51, { kind: 'search', from: 4 })];
    await withOpen({ directory: PEOPLE, faults }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const found = directory.find(manager(uuid(2), at('former')), 0, NEVER);
      await expect(found).rejects.toMatchObject({ remedy: 'retry' });
    });
  });
});
