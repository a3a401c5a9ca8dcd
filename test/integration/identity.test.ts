// Who somebody is on a real server: one id on two entries, entries renamed between two nights, servers that are referred to.
import { expect, test } from 'vitest';
import { withSlapd } from '../support/slapd.ts';
import { crawled, rows, withDatabase } from './crawling.ts';
import { dnOf, ldifOf, type Person, SUFFIX } from './ldif.ts';

const CEO = dnOf('ceo');
const id = (n: number) => `11111111-1111-4111-8111-1111111111${n}`;
const withId = (n: number) => ({ more: [`entryUUID: ${id(n)}`] });

/** `a` and `b` have one id, and one report each. */
const PEOPLE: readonly Person[] = [
  { uid: 'ceo', managers: [CEO], ...withId(10) },
  { uid: 'b', managers: [CEO], ...withId(20) },
  { uid: 'a', managers: [CEO], ...withId(20) },
  { uid: 'below a', managers: [dnOf('a')], ...withId(30) },
  { uid: 'below b', managers: [dnOf('b')], ...withId(40) },
];

const REFERRAL = `dn: ou=far,${SUFFIX}
objectClass: referral
objectClass: extensibleObject
ou: far
ref: ldap://far.example/ou=far,${SUFFIX}
`;

function organisation(db: string) {
  return rows(db, 'SELECT id, username, manager_id FROM employees ORDER BY username');
}

test('an id that two entries share: both are kept, with whoever is below, and nobody flips in the next night', async () => {
  await withDatabase(async (db) => {
    for (const people of [PEOPLE, PEOPLE.toReversed()]) {
      const ldif = `${ldifOf(people)}\n${REFERRAL}`;
      await withSlapd({ ldif }, ({ url }) => crawled({ url, root: CEO }, db));
      expect(organisation(db)).toEqual([
        { username: 'a', id: id(20), manager_id: id(10) },
        { username: 'b', id: dnOf('b'), manager_id: id(10) },
        { username: 'below a', id: id(30), manager_id: id(20) },
        { username: 'below b', id: id(40), manager_id: dnOf('b') },
        { username: 'ceo', id: id(10), manager_id: null },
      ]);
    }
    expect(rows(db, 'SELECT joined, "left", moved, changed FROM runs WHERE id = 2')).toEqual([
      { joined: 0, left: 0, moved: 0, changed: 0 },
    ]);
    const [uri] = rows(db, "SELECT employee_id, detail FROM findings WHERE kind = 'referral'");
    expect(uri?.['employee_id']).toBeNull();
    expect(uri?.['detail']).toMatch(/^ldap:\/\/far\.example\/ou=far,dc=example,dc=com/);
    expect(
      rows(db, "SELECT employee_id, detail FROM findings WHERE kind = 'duplicate_id'"),
    ).toEqual([{ employee_id: dnOf('b'), detail: id(20) }]);
  });
});
