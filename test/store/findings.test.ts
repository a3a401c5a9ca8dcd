import { describe, expect, it } from 'vitest';
import type { Employee, Page } from '../../src/domain/employee.ts';
import type { SqliteRunStore } from '../../src/store/run-store.ts';
import { employee, page, RUN, readAll, rows, startedStore, withPath } from './stores.ts';

const NEVER = new AbortController().signal;

/** Ann, whose title was cut. */
const CUT: Employee = { ...employee('ann', ['root']), capped: ['title', 'manager'] };
const WHOLE = employee('ann', ['root']);

async function read(store: SqliteRunStore, ann: Employee): Promise<void> {
  await readAll(store.frontier, (id) => (id === 'root' ? [ann] : []));
}

/** A night with Ann as she is; `boss` is the root, by whatever name. */
async function night(path: string, ann: Employee): Promise<void> {
  using store = await startedStore(path);
  await read(store, ann);
  const unknown = await store.unknownManagers(10, NEVER);
  const answer = { kind: 'employee', id: 'root', dn: 'uid=root,dc=example,dc=com' } as const;
  for (const each of unknown) await store.settleManager({ ...each, answer });
  await store.publish(NEVER);
}

function findings(path: string) {
  return rows<{ employee_id: string; detail: string; first_seen_at: string; last_seen_at: string }>(
    path,
    'SELECT * FROM findings ORDER BY detail',
  );
}

describe('a finding', () => {
  it('is there when its run is published, with the column', async () => {
    await withPath(async (path) => {
      using store = await startedStore(path);
      await read(store, CUT);
      expect(findings(path)).toEqual([]);
      await store.publish(NEVER);
      const value = { kind: 'value_capped', employee_id: 'ann' };
      expect(findings(path)).toMatchObject([
        { ...value, detail: 'manager' },
        { ...value, detail: 'title' },
      ]);
    });
  });

  it('is told once, however often the person is read', async () => {
    await withPath(async (path) => {
      using store = await startedStore(path);
      const [root] = await store.frontier.take(1);
      await store.frontier.commit(page(CUT, CUT), []);
      await store.frontier.commit(page(CUT), root === undefined ? [] : [root]);
      await readAll(store.frontier);
      await store.publish(NEVER);
      expect(findings(path)).toHaveLength(2);
    });
  });

  it('says since when it is there, and goes when it is mended', async () => {
    await withPath(async (path) => {
      await night(path, CUT);
      await night(path, CUT);
      const [
        { first_seen_at: since, last_seen_at: last } = { first_seen_at: '', last_seen_at: '' },
      ] = findings(path);
      const starts = rows<{ started_at: string }>(path, 'SELECT started_at FROM runs ORDER BY id');
      expect([since, last]).toEqual(starts.map(({ started_at }) => started_at));
      await night(path, WHOLE);
      expect(findings(path)).toEqual([]);
    });
  });

  it('stays with its person where a version turns out to say nothing new', async () => {
    await withPath(async (path) => {
      await night(path, CUT);
      const boss = 'cn=the boss,dc=example,dc=com';
      await night(path, { ...CUT, managers: [{ value: boss, key: boss }] });
      expect(rows(path, "SELECT vid FROM _version WHERE id = 'ann'")).toHaveLength(1);
      expect(findings(path).map(({ employee_id }) => employee_id)).toEqual(['ann', 'ann']);
    });
  });

  it('goes with a run that is abandoned', async () => {
    await withPath(async (path) => {
      {
        using store = await startedStore(path);
        await read(store, CUT);
      }
      using store = await startedStore(path, { ...RUN, fresh: true });
      expect(rows(path, 'SELECT * FROM _finding')).toEqual([]);
      await read(store, WHOLE);
      await store.publish(NEVER);
      expect(findings(path)).toEqual([]);
    });
  });
});

describe('what is noted about an entry, or about none', () => {
  async function found(...pages: readonly Page[]) {
    return withPath(async (path) => {
      using store = await startedStore(path);
      const [root] = await store.frontier.take(1);
      for (const each of pages) await store.frontier.commit(each, []);
      await store.frontier.commit(page(), root === undefined ? [] : [root]);
      await readAll(store.frontier);
      await store.publish(NEVER);
      return rows(path, 'SELECT kind, employee_id, detail FROM findings ORDER BY detail');
    });
  }

  it('is that the DN is no valid UTF-8, so that nobody can be asked for below it', async () => {
    const unreadable = { ...employee('ann', ['root']), link: null, linkKey: null };
    expect(await found(page(unreadable))).toMatchObject([
      { kind: 'unreadable_dn', employee_id: 'ann' },
    ]);
  });

  it('is to which other servers this one refers, once each, without what is secret', async () => {
    const references = [
      'ldap://other.example/dc=other??sub',
      'ldaps://cn=reader:secret@third.example:636/dc=third?cn?sub?(uid=a)?!bindname=cn=x,x-password=secret',
      'not a URL',
    ];
    const referring = { ...page(), references };
    expect(await found(referring, referring)).toEqual(
      [
        'ldap://other.example/dc=other??sub',
        'ldaps://third.example:636/dc=third?cn?sub?(uid=a)',
        'not a URL',
      ].map((detail) => ({ kind: 'referral', employee_id: null, detail })),
    );
  });
});
