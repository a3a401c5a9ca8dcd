// Two people with one employee number, where that is the link: the outcome must not hang on who was asked about first.
import { describe, expect, test } from 'vitest';
import { person, team, withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { crawled, rows, withDatabase } from './crawling.ts';

/** `number` is their own, `room` that of their manager. */
function worker(uid: string, number: string, room: string) {
  const attributes = { employeeNumber: [number], roomNumber: [room], manager: [] };
  return person(uid, { ...attributes, entryUUID: [`id-${uid}`] });
}

const LINK = ['--manager-attribute', 'roomNumber', '--manager-value', 'employeeNumber'];
const WAYS = [
  ['--batch', '1', '--workers', '1'],
  ['--batch', '1', '--workers', '8'],
  ['--batch', '50', '--workers', '1'],
  [],
];

/** The digest of a crawl, and the managers in it, by user name. */
async function outcomeOf(twins: readonly [string, string], way: readonly string[]) {
  const directory = team(0, [
    worker('ceo', '1', ''),
    ...twins.map((twin) => worker(twin, '5', '1')),
    worker('x', '6', '5'),
    worker('y', '7', '5'),
    worker('below', '8', '6'),
  ]);
  return withServer({ directory }, ({ url }) =>
    withDatabase(async (db) => {
      await crawled({ url, root: '(uid=ceo)' }, db, [...LINK, ...way]);
      const managers = rows(db, 'SELECT id, manager_id FROM employees');
      const lines = 'SELECT manager_id FROM reporting_lines WHERE employee_id = ';
      expect(rows(db, `${lines}'id-below'`)).toEqual([{ manager_id: 'id-x' }]);
      return {
        digest: digestDatabase(db),
        managers: Object.fromEntries(managers.map((row) => [row['id'], row['manager_id']])),
      };
    }),
  );
}

describe('a number that two people share', () => {
  test('leads to neither of them, whatever the order, the batch and the workers', async () => {
    const digests = new Set<string>();
    for (const twins of [
      ['a', 'b'],
      ['b', 'a'],
    ] as const) {
      for (const way of WAYS) {
        const { digest, managers } = await outcomeOf(twins, way);
        expect({ way, ...managers }).toEqual({
          ...{ way, 'id-ceo': null, 'id-a': 'id-ceo', 'id-b': 'id-ceo' },
          ...{ 'id-x': null, 'id-y': null, 'id-below': null },
        });
        digests.add(digest);
      }
    }
    expect(digests.size).toBe(1);
  });
});
