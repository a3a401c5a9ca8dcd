// Values and DNs that trip programs up, from the wire to the database.
import { describe, expect, it } from 'vitest';
import { type StaticEntry, staticDirectory } from '../../src/simulate/organisation.ts';
import type { ObservedSearch } from '../../src/simulate/server.ts';
import { person, SUFFIX, top, withServer } from '../simulate/servers.ts';
import { CEO, dnOf, employee } from './company.ts';
import { crawlInto, rows, type WiredOptions, withDatabases } from './wired.ts';

/** Crawls these people below p0; `use` gets the database. */
async function crawled(
  people: readonly StaticEntry[],
  use: (db: string, searches: readonly ObservedSearch[]) => void,
  options: WiredOptions = {},
): Promise<void> {
  const searches: ObservedSearch[] = [];
  const onSearch = (search: ObservedSearch) => searches.push(search);
  const directory = staticDirectory([top, employee(0, [CEO]), ...people], SUFFIX);
  await withServer({ directory, onSearch }, ({ url }) =>
    withDatabases(async (databases) => {
      const db = databases.next();
      const { published } = await crawlInto(db, url, { pageSize: 500, ...options });
      expect(published.status).toBe('published');
      use(db, searches);
    }),
  );
}

const underCeo = (uid: string, more: StaticEntry['attributes']) =>
  person(uid, { manager: [CEO], ...more });

const chains = (db: string) =>
  rows(db, 'SELECT username, depth, total_reports AS below FROM employees ORDER BY depth');

describe('a value', () => {
  const VALUES = [
    ['NUL', 'a\0b'],
    ['control characters', '\x01\x07\x1b[31m\x7f\x85'],
    ['line breaks', 'Two\r\nLines\u2028and\u2029more'],
    ['an override of direction', 'Evil \u202egnp.exe\u2066'],
    ['a 4-byte emoji', '\u{1f9d1}\u200d\u{1f680}'],
    ['a noncharacter', '\uffff\u{10ffff}'],
    ['a leading EF BB BF', '\ufeffBorn'],
    ['syntax of filters', '*)(uid=*'],
    ['escapes of filters', '\\2a\\00'],
    ['leading zeros', '007'],
    ['only digits', '1e3'],
    ['spaces around', ' a '],
    ['a formula', '=1+1'],
    ['markup', '</script><b>"\''],
    ['a letter in two parts', 'e\u0301'],
  ] as const;

  it.each(VALUES)('of %s is stored as it is, as text', async (_, value) => {
    const people = [underCeo('odd', { title: [value], employeeNumber: [value] })];
    await crawled(people, (db) => {
      const sql = `SELECT title, employee_number AS number, typeof(employee_number) AS type
        FROM employees WHERE username = 'odd'`;
      expect(rows(db, sql)).toEqual([{ title: value, number: value, type: 'text' }]);
    });
  });

  it('of bytes that spell a lone surrogate is stored without one', async () => {
    const people = [underCeo('odd', { title: [Buffer.from('61eda08062', 'hex')] })];
    await crawled(people, (db) => {
      const [row] = rows<{ title: string }>(
        db,
        "SELECT title FROM employees WHERE username = 'odd'",
      );
      expect(row?.title).toMatch(/^a\ufffd+b$/);
    });
  });
});

describe('an attribute of 1,000 values', () => {
  const NUMBERS = Array.from({ length: 1_000 }, (_, n) => n);

  it('is one value of its column, the same in any order', async () => {
    const mail = NUMBERS.map((n) => `m${n}@example.com`);
    const people = [underCeo('one', { mail }), underCeo('other', { mail: mail.toReversed() })];
    await crawled(people, (db) => {
      const sql = 'SELECT DISTINCT email FROM employees WHERE email IS NOT NULL';
      expect(rows(db, sql)).toEqual([{ email: expect.stringMatching(/^m\d+@example\.com$/) }]);
    });
  });

  it('that names managers is a line for each', async () => {
    const managers = NUMBERS.map((n) => employee(n + 1, [CEO]));
    const manager = managers.map(({ dn }) => dn);
    await crawled(
      [...managers, person('ours', { manager })],
      (db) => {
        const sql = `SELECT count(*) AS lines, count(l.manager_id) AS known, sum(is_primary) AS first
          FROM reporting_lines AS l JOIN employees AS e ON e.id = employee_id WHERE username = 'ours'`;
        expect(rows(db, sql)).toEqual([{ lines: 1_000, known: 1_000, first: 1 }]);
      },
      { batch: 100 },
    );
  });
});

describe('a manager whose DN', () => {
  it.each([
    ['has syntax of filters', '\\2a)(uid=\\2a', '*)(uid=*'],
    ['has an asterisk only', '*', '*'],
    ['has NUL', 'a\\00b', 'a\0b'],
    ['has a newline', 'a\\0Ab', 'a\nb'],
    ['has a comma and quotes', 'Doe\\, \\"J\\"', 'Doe, "J"'],
    ['has a space at its end', 'a\\20', 'a '],
    ['has an override of direction', 'a\u202eb', 'a\u202eb'],
    ['has an emoji', '\u{1f9d1}', '\u{1f9d1}'],
    ['is of 10 kB', 'x'.repeat(10_240), 'x'.repeat(10_240)],
  ])('%s is walked, as a root as well', async (_, rdn, uid) => {
    const dn = `uid=${rdn},${SUFFIX}`;
    const people = [
      { dn, attributes: { ...person('odd').attributes, uid: [uid], manager: [CEO] } },
      person('below', { manager: [dn] }),
      person('decoy', { manager: [dnOf('nobody')] }),
    ];
    await crawled(people, (db) => {
      expect(chains(db)).toEqual([
        { username: 'p0', depth: 0, below: 2 },
        { username: uid, depth: 1, below: 1 },
        { username: 'below', depth: 2, below: 0 },
      ]);
    });
    const asRoot = (db: string) => expect(chains(db)).toMatchObject([{ below: 1 }, { below: 0 }]);
    await crawled(people, asRoot, { roots: [dn] });
  });
});

describe('a disabled account', () => {
  it('is kept with active = 0, and whoever is below is found', async () => {
    const people = [
      underCeo('disabled', { userAccountControl: ['514'] }),
      person('below', { manager: [dnOf('disabled')], userAccountControl: ['512'] }),
    ];
    await crawled(people, (db) => {
      const sql = 'SELECT username, active, depth FROM employees ORDER BY depth';
      expect(rows(db, sql)).toEqual([
        { username: 'p0', active: 1, depth: 0 },
        { username: 'disabled', active: 0, depth: 1 },
        { username: 'below', active: 1, depth: 2 },
      ]);
    });
  });
});

describe('passwords, keys and photos', () => {
  it('are asked for by no search of a crawl, nor is everything, and none is stored', async () => {
    const secrets = ['userPassword', 'unicodePwd', 'ms-Mcs-AdmPwd', 'krbPrincipalKey', 'jpegPhoto'];
    const held = Object.fromEntries(secrets.map((name) => [name, ['hunter2']]));
    const people = [underCeo('rich', held), employee(1, [CEO, dnOf('nobody')])];
    await crawled(people, (db, searches) => {
      const asked = new Set(searches.flatMap(({ attributes }) => attributes));
      expect(asked.size).toBeGreaterThan(5);
      const lower = [...asked].map((name) => name.toLowerCase());
      for (const name of [...secrets, '*', '+']) expect(lower).not.toContain(name.toLowerCase());
      // No list of attributes means all of them.
      expect(searches.filter(({ attributes }) => attributes.length === 0)).toEqual([]);
      expect(JSON.stringify(rows(db, 'SELECT * FROM employees'))).not.toContain('hunter2');
    });
  });
});
