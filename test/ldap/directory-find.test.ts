import { describe, expect, it } from 'vitest';
import type { Employee } from '../../src/domain/employee.ts';
import type { Directory } from '../../src/domain/ports.ts';
import { ResultCode } from '../../src/simulate/faults.ts';
import { person, SUFFIX, team } from '../simulate/servers.ts';
import { NEVER, withOpen } from './directories.ts';

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const withId = (uid: string, n: number) => person(uid, { entryUUID: [uuid(n)] });
const at = (uid: string) => `uid=${uid},${SUFFIX}`;
const PEOPLE = team(0, [withId('root', 1), withId('renamed', 2), person('plain')]);
const OPTIONS = { roots: [at('root')] };

const manager = (id: string, dn: string) => ({ person: 7, id, dn });

/** Whoever is found as this one person, by id or else alone. */
async function find(directory: Directory, id: string, dn: string): Promise<Employee | null> {
  const [found] = await directory.find([manager(id, dn)], 0, NEVER);
  return found ?? (await directory.findAlone(manager(id, dn), 0, NEVER));
}

describe('somebody who is looked for', () => {
  it('is found by id, wherever the entry is now', async () => {
    await withOpen({ directory: PEOPLE }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const found = await find(directory, uuid(2), at('former'));
      expect(found).toMatchObject({ id: uuid(2), dn: at('renamed') });
    });
  });

  it('is found at the DN where there is no id', async () => {
    await withOpen({ directory: PEOPLE }, OPTIONS, async ({ directory }) => {
      const found = await find(directory, at('plain'), at('plain'));
      expect(found).toMatchObject({ dn: at('plain') });
    });
  });

  it('is gone where nobody has the id, and the server finds others by theirs', async () => {
    await withOpen({ directory: PEOPLE }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      expect(await find(directory, uuid(3), at('former'))).toBeNull();
    });
  });

  it('is not taken for gone where the server finds nobody by id', async () => {
    const faults = [new ResultCode(0, { kind: 'search', from: 4 })];
    await withOpen({ directory: PEOPLE, faults }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const found = find(directory, uuid(2), at('former'));
      await expect(found).rejects.toMatchObject({ remedy: 'fail', reason: 'unreadable' });
    });
  });

  it('is where they were if the entry is still there and shows no id any more', async () => {
    await withOpen({ directory: PEOPLE }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const found = await find(directory, uuid(3), at('plain'));
      expect(found).toMatchObject({ id: at('plain'), hasId: false, dn: at('plain') });
    });
  });

  it('is where they were if the entry shows the id, and may not be searched for by it', async () => {
    // The search by id finds nobody, the one for the landmark does.
    const faults = [new ResultCode(0, { kind: 'search', nth: 4 })];
    await withOpen({ directory: PEOPLE, faults }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const found = await find(directory, uuid(2), at('renamed'));
      expect(found).toMatchObject({ id: uuid(2), dn: at('renamed') });
    });
  });

  it('is gone where another person is at the DN now', async () => {
    await withOpen({ directory: PEOPLE }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      expect(await find(directory, uuid(3), at('renamed'))).toBeNull();
    });
  });

  it('is not taken for gone where the entry is there and may not be read', async () => {
    const faults = [new ResultCode(0, { base: at('renamed') })];
    await withOpen({ directory: PEOPLE, faults }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const found = find(directory, uuid(3), at('renamed'));
      await expect(found).rejects.toMatchObject({ remedy: 'fail', reason: 'unreadable' });
    });
  });

  it('is where they were, if another entry has the same id', async () => {
    const directory = team(0, [withId('root', 1), withId('aa', 2), withId('bb', 2)]);
    await withOpen({ directory }, OPTIONS, async ({ directory: opened }) => {
      await opened.findRoots(NEVER);
      for (const dn of [at('aa'), at('bb')]) {
        expect(await find(opened, uuid(2), dn)).toMatchObject({ dn });
      }
      const elsewhere = await find(opened, uuid(2), at('former'));
      expect(elsewhere).toMatchObject({ dn: at('aa') });
    });
  });

  it('is found at the DN where they go by it, whatever id the entry shows', async () => {
    await withOpen({ directory: PEOPLE }, OPTIONS, async ({ directory }) => {
      const found = await find(directory, at('renamed'), at('renamed'));
      expect(found).toMatchObject({ id: uuid(2), dn: at('renamed') });
    });
  });

  it('is not taken for gone where the server has come to show nobody at all', async () => {
    const faults = [new ResultCode(32, { kind: 'search', from: 5 })];
    await withOpen({ directory: PEOPLE, faults }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      expect(await find(directory, uuid(2), at('former'))).not.toBeNull();
      const found = find(directory, uuid(2), at('former'));
      await expect(found).rejects.toMatchObject({ remedy: 'fail', reason: 'unreadable' });
    });
  });

  it('is left open by an error', async () => {
    const faults = [new ResultCode(51, { kind: 'search', from: 4 })];
    await withOpen({ directory: PEOPLE, faults }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const found = find(directory, uuid(2), at('former'));
      await expect(found).rejects.toMatchObject({ remedy: 'retry' });
    });
  });
});

describe('whether an id is still where it was seen', () => {
  it.each([
    ['it is', 2, 'renamed', 'holds'],
    ['nobody is there', 2, 'former', 'gone'],
    ['somebody else is', 3, 'renamed', 'gone'],
    ['somebody is, and shows none', 2, 'plain', 'without'],
  ])('is told by the server: %s', async (_, id, uid, answer) => {
    await withOpen({ directory: PEOPLE }, OPTIONS, async ({ directory, searches }) => {
      const before = searches.length;
      expect(await directory.holds(manager(uuid(id), at(uid)), 0, NEVER)).toBe(answer);
      expect(searches[before]).toMatchObject({ base: at(uid), scope: 'base' });
    });
  });

  it('is left open by an error', async () => {
    const faults = [new ResultCode(50, { base: at('renamed') })];
    await withOpen({ directory: PEOPLE, faults }, OPTIONS, async ({ directory }) => {
      const answer = directory.holds(manager(uuid(2), at('renamed')), 0, NEVER);
      await expect(answer).rejects.toMatchObject({ reason: 'denied', resultCode: 50 });
    });
  });

  it('is not asked where the DN was no valid UTF-8', async () => {
    await withOpen({ directory: PEOPLE }, OPTIONS, async ({ directory, searches }) => {
      const before = searches.length;
      expect(await directory.holds(manager(uuid(2), at('\uFFFD')), 0, NEVER)).toBe('holds');
      expect(searches.length).toBe(before);
    });
  });
});
