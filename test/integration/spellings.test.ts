// Manager values that are written otherwise than the DN that they name: OpenLDAP keeps them as they are.
import { describe, expect, test } from 'vitest';
import { dnKey } from '../../src/domain/dn.ts';
import { type Dn, respellAs, spellings, write } from '../support/organisation/dn.ts';
import { randomOf } from '../support/organisation/random.ts';
import { withSlapd } from '../support/slapd.ts';
import { crawled, rows, withDatabase } from './crawling.ts';
import { dnOf, ldifOf, SUFFIX } from './ldif.ts';

const CEO = dnOf('ceo');
/** Fits every spelling: two parts, a comma, a letter beyond ASCII, spaces within. */
const NAMED: Dn = [
  [
    { type: 'cn', value: 'Ångström, Åsa Maria' },
    { type: 'uid', value: 'boss' },
  ],
  [{ type: 'dc', value: 'example' }],
  [{ type: 'dc', value: 'com' }],
];
const BOSS = write(NAMED);
/** The number of a telephone: its matching rule leaves out spaces and hyphens (RFC 4517 §4.2.29). */
const PHONE = `telephoneNumber=49 30 1234-567,${SUFFIX}`;

const UUID = '11111111-1111-4111-8111-11111111111';

/** Whom each value of a report's `manager` names, by the server's rules. */
const VALUES: readonly { readonly value: string; readonly names: 'boss' | 'phone' | 'ceo' }[] = [
  ...spellings().map((name) => {
    const value = respellAs(name, NAMED, randomOf(1, 1));
    if (value === undefined) throw new Error(`the spelling ${name} does not fit`);
    return { value, names: 'boss' } as const;
  }),
  { value: `telephoneNumber=49301234567,${SUFFIX}`, names: 'phone' },
  { value: `2.5.4.20=49-30-1234567,${SUFFIX}`, names: 'phone' },
  { value: 'UID=CEO , DC=EXAMPLE , DC=COM', names: 'ceo' },
];

const DANGLING = [dnOf('gone'), `cn=board,${SUFFIX}`, 'cn=Partner,o=Elsewhere'];

const LDIF = [
  ldifOf([
    { uid: 'ceo', managers: [CEO] },
    { uid: 'boss', dn: BOSS, managers: [CEO] },
    { uid: 'phone', dn: PHONE, managers: [CEO], more: ['telephoneNumber: 49 30 1234-567'] },
    ...VALUES.map(({ value }, n) => ({ uid: `r${n}`, managers: [value] })),
    { uid: 'several', managers: [BOSS, ...DANGLING] },
  ]),
  `dn: cn=board,${SUFFIX}\nobjectClass: groupOfNames\ncn: board\nmember: ${CEO}\n`,
].join('\n');

describe('manager values in other spellings', () => {
  test('lead to whom the server says that they name, and the others to nobody', async () => {
    await withSlapd({ ldif: LDIF }, async ({ url }) => {
      await withDatabase(async (db) => {
        await crawled({ url, root: CEO }, db);
        const lines = rows(
          db,
          `SELECT e.username, m.username AS manager FROM reporting_lines AS l
           JOIN employees AS e ON e.id = l.employee_id LEFT JOIN employees AS m ON m.id = l.manager_id
           WHERE e.username LIKE 'r%' ORDER BY CAST(substr(e.username, 2) AS INTEGER)`,
        );
        expect(lines).toEqual(
          VALUES.map(({ names }, n) => ({ username: `r${n}`, manager: names })),
        );
        const several = rows(
          db,
          `SELECT manager_dn, manager_id IS NOT NULL AS known FROM reporting_lines
           WHERE employee_id = (SELECT id FROM employees WHERE username = 'several')`,
        );
        const expected = [
          { manager_dn: BOSS, known: 1 },
          ...DANGLING.map((value) => ({ manager_dn: value, known: 0 })),
        ];
        expect(several).toHaveLength(expected.length);
        expect(several).toEqual(expect.arrayContaining(expected));
      });
    });
  });

  test('are all that OpenLDAP keeps as they are: alias, OID, quoted, hex, NFD, swapped parts', () => {
    expect(spellings()).toEqual(
      expect.arrayContaining([
        ...['alias', 'oid', 'quoted', 'hex letters', 'hex specials', 'hex octets'],
        ...['nfd', 'swapped parts'],
      ]),
    );
  });

  test('that normalisation cannot know are among them, so that the server was asked', () => {
    const known = new Set([CEO, BOSS, PHONE].map(dnKey));
    const beyond = VALUES.filter(({ value }) => !known.has(dnKey(value)));
    expect(beyond.map(({ names }) => names)).toContain('phone');
  });

  test('in a changed spelling are nothing new to the next run', async () => {
    const organisation = (manager: string) =>
      ldifOf([
        { uid: 'ceo', more: [`entryUUID: ${UUID}1`] },
        { uid: 'a', managers: [manager], more: [`entryUUID: ${UUID}2`] },
      ]);
    await withDatabase(async (db) => {
      for (const manager of [CEO, 'UserID=CEO, dc=example, dc=com', `uid=ＣＥＯ,${SUFFIX}`]) {
        await withSlapd({ ldif: organisation(manager) }, ({ url }) =>
          crawled({ url, root: CEO }, db),
        );
      }
      expect(rows(db, 'SELECT moved, changed, joined, "left" FROM runs')).toEqual(
        Array.from({ length: 3 }, () => ({ moved: 0, changed: 0, joined: 0, left: 0 })),
      );
      expect(rows(db, 'SELECT depth, count(*) AS people FROM employees GROUP BY 1')).toEqual([
        { depth: 0, people: 1 },
        { depth: 1, people: 1 },
      ]);
    });
  });
});
