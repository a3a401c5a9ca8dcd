// What a difference between two states tells, as data.
import { expect, test } from 'vitest';
import { changeOf } from '../../src/report/diff.ts';
import type { ManagerName, Side, Told } from '../../src/store/reading/differences.ts';

const NOBODY: Told = {
  ...{ id: 'ada', dn: 'uid=ada', username: 'ada', name: 'Ada', given_name: null, surname: null },
  ...{ email: null, title: null, department: null, employee_number: null, phone: null },
  ...{ location: null, active: 1, attributes: '{}' },
};

function side(told: Partial<Told> = {}, ...managers: readonly string[]): Side {
  const [manager = null] = managers.map(named);
  return { told: { ...NOBODY, ...told }, manager, managers: managers.toSorted().map(named) };
}

function named(id: string): ManagerName {
  return { id, name: `Name of ${id}`, username: id };
}

test('whoever joined has all that is known after, and no before', () => {
  expect(changeOf({ kind: 'joined', before: null, after: side({}, 'tim') })).toEqual({
    ...{ kind: 'joined', employee_id: 'ada', name: 'Ada', username: 'ada', before: null },
    after: {
      ...{ id: 'ada', dn: 'uid=ada', username: 'ada', name: 'Ada', active: 1 },
      ...{ manager_id: 'tim', manager_ids: ['tim'] },
    },
  });
});

test.each(['left', 'detached'] as const)('whoever %s is known by what was', (kind) => {
  const {
    employee_id: id,
    before,
    after,
  } = changeOf({ kind, before: side({ title: 'Dr' }), after: null });
  expect({ id, after }).toEqual({ id: 'ada', after: null });
  expect(before).toMatchObject({ title: 'Dr', manager_ids: [] });
});

test('whoever changed differs in these columns, and in no manager', () => {
  const before = side({ title: 'Engineer', phone: '1', attributes: '{"a":["x"]}' }, 'tim');
  const after = side({ title: 'Director', active: 0, phone: '1' }, 'tom');
  const { before: was, after: is } = changeOf({ kind: 'changed', before, after });
  expect(was).toEqual({ title: 'Engineer', active: 1, attributes: { a: ['x'] } });
  expect(is).toEqual({ title: 'Director', active: 0, attributes: null });
});

test('whoever moved differs in the managers, and in nothing else', () => {
  const before = side({ title: 'Engineer' }, 'tim');
  const after = side({ title: 'Director' }, 'tim', 'ann');
  const { before: was, after: is } = changeOf({ kind: 'moved', before, after });
  expect([was, is]).toEqual([{ manager_ids: ['tim'] }, { manager_ids: ['ann', 'tim'] }]);
});

test('whoever renamed the id is known by the new one', () => {
  const change = changeOf({ kind: 'changed', before: side(), after: side({ id: 'ada2' }) });
  expect(change).toMatchObject({
    employee_id: 'ada2',
    before: { id: 'ada' },
    after: { id: 'ada2' },
  });
});
