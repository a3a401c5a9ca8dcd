import { describe, expect, it } from 'vitest';
import type { Employee } from '../../src/domain/employee.ts';
import type { TwinAnswer } from '../../src/domain/ports.ts';
import type { SqliteRunStore } from '../../src/store/run-store.ts';
import { type Candidate, verdictOn } from '../../src/store/settling/twin-verdict.ts';
import { dnOf } from '../crawl/company.ts';
import { fingerprinted } from '../support/fingerprinted.ts';
import { employee, page, RUN, readAll, rows, startedStore, withPath } from './stores.ts';

const NEVER = new AbortController().signal;
const ann = (dn: string, more: Partial<Employee> = {}) => ({
  ...employee('ann', ['root'], { dn: dnOf(dn) }),
  ...more,
});
const hidden = (dn: string) => ann(dn, { id: dnOf(dn), hasId: false });

/** Reads the team of the root, then settles. @param where who is at which DN now */
async function settled(
  store: SqliteRunStore,
  team: readonly Employee[],
  where: Readonly<Record<string, TwinAnswer>>,
  between = async (next: SqliteRunStore) => next,
): Promise<SqliteRunStore> {
  await readAll(store.frontier, (id) => (id === 'root' ? team : []));
  let current = store;
  for (;;) {
    const [twin] = await current.twins(1, NEVER);
    if (twin === undefined) return current;
    await current.settleTwin(twin, where[twin.dn] ?? 'gone');
    current = await between(current);
  }
}

describe.each([
  ['straight', false],
  ['closed and opened again after each answer', true],
])('one id at two DNs, %s', (_how, reopens) => {
  async function people(
    nights: readonly (readonly Employee[])[],
    where: Readonly<Record<string, TwinAnswer>>,
  ) {
    return withPath(async (path) => {
      const reopen = async (store: SqliteRunStore) => {
        if (!reopens) return store;
        store[Symbol.dispose]();
        return startedStore(path);
      };
      for (const [night, team] of nights.entries()) {
        const store = await settled(await startedStore(path), team, where, reopen);
        // Whoever comes now gets a number that nobody has.
        await store.addRoots([employee(`late${night}`)]);
        await store.publish(NEVER);
        store[Symbol.dispose]();
      }
      return rows<{ id: string; dn: string }>(
        path,
        "SELECT id, dn FROM employees WHERE id <> 'root' AND id NOT LIKE 'late%' ORDER BY id",
      );
    });
  }

  it('is one person where one of them is gone', async () => {
    const renamed = [{ id: 'ann', dn: dnOf('b') }];
    for (const team of [
      [ann('a'), ann('b')],
      [ann('b'), ann('a')],
    ]) {
      expect(await people([team], { [dnOf('b')]: 'holds' })).toEqual(renamed);
      expect(await people([[ann('a')], team], { [dnOf('b')]: 'holds' })).toEqual(renamed);
    }
  });

  it('are two where both are there, and where one of them shows no id', async () => {
    const two = [
      { id: 'ann', dn: dnOf('a') },
      { id: dnOf('b'), dn: dnOf('b') },
    ];
    const both = { [dnOf('a')]: 'holds', [dnOf('b')]: 'holds' } as const;
    expect(await people([[ann('b'), ann('a')]], both)).toEqual(two);
    const one = { [dnOf('a')]: 'holds', [dnOf('b')]: 'without' } as const;
    expect(await people([[ann('b')], [hidden('b'), ann('a')]], one)).toEqual(two);
    expect(await people([[ann('b')], [ann('a'), hidden('b')]], one)).toEqual(two);
  });

  it('is one person where none of them is there any more', async () => {
    expect(await people([[ann('b'), ann('a')]], {})).toEqual([{ id: 'ann', dn: dnOf('a') }]);
  });
});

it('is asked about when no branch waits, and not again when it was answered', async () => {
  await withPath(async (path) => {
    using store = await startedStore(path);
    const [root] = await store.frontier.take(1);
    await store.frontier.commit(page(ann('a'), ann('b')), root === undefined ? [] : [root]);
    expect(await store.twins(9, NEVER)).toEqual([]);
    await readAll(store.frontier);
    const open = await store.twins(9, NEVER);
    expect(open.map(({ id, dn }) => [id, dn])).toEqual([
      ['ann', dnOf('a')],
      ['ann', dnOf('b')],
    ]);
    for (const twin of open) await store.settleTwin(twin, 'holds');
    expect(await store.twins(9, NEVER)).toEqual([]);
    expect(store.progress()).toMatchObject({ employees: 3, waiting: 0 });
    const again = fingerprinted({ ...ann('b'), active: false });
    await store.addRoots([again]);
    expect(await store.twins(9, NEVER)).toEqual([]);
  });
});

it.each<[string, TwinAnswer, string]>([
  ['who is renamed', 'gone', 'ann'],
  ['who shares the id', 'holds', dnOf('b')],
])('a manager value that was settled before is settled anew: %s', async (_, atA, manager) => {
  await withPath(async (path) => {
    for (const [early, before] of [
      [ann('a'), true],
      [ann('a'), false],
      [ann('b'), true],
    ] as const) {
      using store = await startedStore(path, { ...RUN, fresh: true });
      const answer = { kind: 'employee', id: 'ann', dn: dnOf('b') } as const;
      const settle = async () => {
        const unknown = await store.unknownManagers(9, NEVER);
        for (const each of unknown) await store.settleManager({ ...each, answer });
      };
      const line = [{ value: 'cn=the one at b', key: 'cn=the one at b' }];
      await store.addRoots([early, { ...employee('bob'), managers: line }]);
      await readAll(store.frontier);
      if (before) await settle();
      await store.addRoots([ann('a'), ann('b')]);
      await readAll(store.frontier);
      await settle();
      for (const twin of await store.twins(9, NEVER)) {
        await store.settleTwin(twin, twin.dn === dnOf('a') ? atA : 'holds');
      }
      await store.twins(9, NEVER);
      await settle();
      await store.publish(NEVER);
      expect(
        rows(path, "SELECT manager_id FROM reporting_lines WHERE employee_id = 'bob'"),
      ).toEqual([{ manager_id: manager }]);
    }
  });
});

describe('whose the id is', () => {
  const at = (key: string, answer: Candidate['answer'], goesByDn = false) => {
    return { key, answer, goesByDn };
  };
  it.each([
    ['the lower DN, of two', [at('b', 'holds'), at('a', 'holds')], undefined, 'a', 'b'],
    ['whoever had it', [at('a', 'holds'), at('b', 'holds')], 'b', 'b', 'a'],
    ['not who went by DN', [at('a', 'holds', true), at('b', 'holds')], undefined, 'b', 'a'],
    ['nobody here, while its owner is not gone', [at('a', 'holds', true)], 'x', undefined, ''],
    ['theirs who alone holds it', [at('a', 'holds', true), at('b', 'gone')], undefined, 'a', ''],
    ['theirs who had it and hides it', [at('a', 'without'), at('b', 'gone')], 'a', 'a', ''],
    ['theirs who shows it', [at('a', 'without'), at('b', 'holds')], 'a', 'b', ''],
    ['somebody lost', [at('b', 'gone'), at('a', 'gone')], 'b', 'b', ''],
    ['no duplicate for certain', [at('a', 'unknown'), at('b', 'holds')], undefined, 'a', ''],
  ])('is %s', (_, candidates, owner, keeper, duplicates) => {
    const verdict = verdictOn(candidates, owner);
    expect(verdict.keeper?.key).toBe(keeper);
    expect(verdict.duplicates.map(({ key }) => key).join()).toBe(duplicates);
  });
});
