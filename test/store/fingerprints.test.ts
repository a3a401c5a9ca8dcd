// Whoever the directory sends as it did the night before is not read back.
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { forget } from '../../src/store/keeping/forget.ts';
import { fingerprinted } from '../support/fingerprinted.ts';
import { named, night } from './nights.ts';
import { employee, rows, withPath } from './stores.ts';

type Stored = { readonly name: string | null; readonly fingerprint: number | null };

const versionsOf = (path: string, id: string) =>
  rows<Stored>(path, `SELECT name, fingerprint FROM _version WHERE id = '${id}' ORDER BY vid`);

const managersOf = (path: string, id: string) =>
  rows<{ manager_id: string | null }>(
    path,
    `SELECT manager_id FROM employees WHERE id = '${id}'`,
  ).map(({ manager_id }) => manager_id);

const ann = named('ann', 'Ann');

describe('somebody with the fingerprint of the night before', () => {
  it('says the same: what is stored is not read back', async () => {
    await withPath(async (path) => {
      await night(path, [ann]);
      const { changed } = await night(path, [
        { ...named('ann', 'Ann Other'), fingerprint: ann.fingerprint },
      ]);
      expect([changed, versionsOf(path, 'ann').map(({ name }) => name)]).toEqual([0, ['Ann']]);
    });
  });

  it('has another manager where the one with the same name is another one', async () => {
    await withPath(async (path) => {
      const [boss, heir] = [employee('boss', ['root']), employee('heir', ['root'])];
      await night(path, [boss, named('ann', 'Ann', {}, ['boss'])]);
      expect(managersOf(path, 'ann')).toEqual(['boss']);
      // Who now has the DN that the manager value holds.
      const { dn, link, linkKey } = boss;
      const successor = fingerprinted({ ...heir, dn, link, linkKey });
      const { moved } = await night(path, [successor, named('ann', 'Ann', {}, ['boss'])]);
      expect([moved, managersOf(path, 'ann')]).toEqual([1, ['heir']]);
    });
  });

  it('is compared all the same where that is not known', async () => {
    await withPath(async (path) => {
      await night(path, [{ ...ann, fingerprint: null }]);
      const other = { ...named('ann', 'Ann Other'), fingerprint: null };
      expect(await night(path, [other])).toMatchObject({ changed: 1 });
      expect(versionsOf(path, 'ann').map(({ name }) => name)).toEqual(['Ann', 'Ann Other']);
    });
  });

  it('who returns after having left has returned', async () => {
    await withPath(async (path) => {
      const others = ['b', 'c', 'd'].map((id) => named(id, id));
      await night(path, [ann, ...others]);
      expect(await night(path, others)).toMatchObject({ left: 1, status: 'published' });
      expect(await night(path, [ann, ...others])).toMatchObject({ returned: 1, employees: 5 });
    });
  });
});

describe('a fingerprint', () => {
  it('is renewed where it says nothing new', async () => {
    await withPath(async (path) => {
      await night(path, [{ ...ann, fingerprint: null }]);
      for (const fingerprint of [7, 8]) {
        expect(await night(path, [{ ...ann, fingerprint }])).toMatchObject({ changed: 0 });
        expect(versionsOf(path, 'ann')).toEqual([{ name: 'Ann', fingerprint }]);
      }
    });
  });

  it('of another spelling of the manager value is kept when that spelling is shown, also of one that comes back', async () => {
    await withPath(async (path) => {
      await night(path, [ann]);
      const [line] = ann.managers;
      const value = line?.value.toUpperCase() ?? '';
      const respelt = { ...ann, managers: [{ key: line?.key ?? '', value }], fingerprint: 7 };
      for (const [person, fingerprint, shown] of [
        [respelt, null, value],
        [respelt, 7, value],
        [ann, null, line?.value],
        [ann, ann.fingerprint, line?.value],
      ] as const) {
        expect(await night(path, [person])).toMatchObject({ changed: 0, moved: 0 });
        expect(versionsOf(path, 'ann')).toEqual([{ name: 'Ann', fingerprint }]);
        expect(
          rows(path, "SELECT manager_dn FROM reporting_lines WHERE employee_id = 'ann'"),
        ).toEqual([{ manager_dn: shown }]);
      }
    });
  });

  it('of what was taken out of the file is forgotten', async () => {
    await withPath(async (path) => {
      const assistant = named('bob', 'Bob', { title: 'Assistant of Ann King' });
      await night(path, [named('ann', 'Ann King'), assistant]);
      await night(path, [assistant]);
      expect(versionsOf(path, 'bob')[0]?.fingerprint).toBe(assistant.fingerprint);
      await forget(path, 'ann', new AbortController().signal);
      expect(versionsOf(path, 'bob')[0]?.fingerprint).toBeNull();
    });
  });

  it('is not known of a version that is older than fingerprints', async () => {
    await withPath(async (path) => {
      await night(path, [ann]);
      const database = new Database(path);
      database.exec('UPDATE _version SET fingerprint = NULL');
      database.close();
      expect(await night(path, [named('ann', 'Ann New')])).toMatchObject({ changed: 1 });
    });
  });
});
