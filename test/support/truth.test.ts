import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { withTemporaryDirectory } from './temporary.ts';
import { dnKey } from './truth/dn-key.ts';
import { readLdif } from './truth/ldif-reader.ts';
import { compareWithTruth, SAME, type Truth, truthOfText } from './truth.ts';

const person = (uid: string, ...managers: string[]) => `dn: uid=${uid},dc=x
objectClass: person
entryUUID: id-${uid}
uid: ${uid}
employeeNumber: 00${uid}
${managers.map((manager) => `manager: ${manager}\n`).join('')}`;

/**
 * r manages itself and has a, b, d. c has a and b (the lower DN wins). d has c and r (the nearer wins). e has d and
 * nobody. a has e too: a cycle. f and g manage one another; h has a group; i names nobody; the robot is no person.
 */
const ORGANISATION = [
  person('r', 'UID=R, DC=X'),
  person('e', 'uid=gone,dc=x', 'uid=d,dc=x'),
  person('d', 'uid=c,dc=x', 'userid=r,dc=x'),
  person('c', 'uid=b,dc=x', 'uid=a,dc=x'),
  person('a', 'uid=r,dc=x', 'uid=e,dc=x'),
  person('b', 'uid=r,dc=x'),
  person('f', 'uid=g,dc=x'),
  person('g', 'uid=f,dc=x'),
  person('h', 'cn=group,dc=x'),
  person('i'),
  'dn: cn=group,dc=x\nobjectClass: groupOfNames\nmember: uid=r,dc=x\n',
  'dn: cn=robot,dc=x\nobjectClass: device\nmanager: uid=r,dc=x\n',
].join('\n');

const truth = truthOfText(ORGANISATION, { roots: ['uid=r,dc=x'] });

describe('the truth', () => {
  it('has everyone whom the root reaches, and who is left', () => {
    const uids = [...truth.employees.keys()].map((id) => id.slice(3));
    expect(uids.toSorted()).toEqual(['a', 'b', 'c', 'd', 'e', 'r']);
    expect(truth.unreached).toEqual(['f', 'g', 'h', 'i'].map((uid) => `uid=${uid},dc=x`));
    expect(truth.depth).toBe(2);
  });

  it.each([
    { uid: 'r', depth: 0, managerId: null, directReports: 3, totalReports: 5 },
    { uid: 'a', depth: 1, managerId: 'id-r', directReports: 1, totalReports: 1 },
    { uid: 'b', depth: 1, managerId: 'id-r', directReports: 1, totalReports: 0 },
    { uid: 'c', depth: 2, managerId: 'id-a', directReports: 1, totalReports: 0 },
    { uid: 'd', depth: 1, managerId: 'id-r', directReports: 1, totalReports: 1 },
    { uid: 'e', depth: 2, managerId: 'id-d', directReports: 1, totalReports: 0 },
  ])('knows where $uid stands', ({ uid, ...expected }) => {
    expect(truth.employees.get(`id-${uid}`)).toMatchObject(expected);
  });

  it('keeps every line, with nobody behind a dangling one and none primary for the root', () => {
    expect(truth.employees.get('id-r')?.lines).toEqual([
      { managerId: 'id-r', key: 'uid=r,dc=x', isPrimary: false },
    ]);
    expect(truth.employees.get('id-e')?.lines).toEqual([
      { managerId: null, key: 'uid=gone,dc=x', isPrimary: false },
      { managerId: 'id-d', key: 'uid=d,dc=x', isPrimary: true },
    ]);
  });

  it('starts from any root, or from several', () => {
    const fromA = truthOfText(ORGANISATION, { roots: ['uid=A,dc=x'] });
    expect([...fromA.employees.keys()]).toEqual(['id-a', 'id-c', 'id-d', 'id-e']);
    expect(fromA.employees.get('id-a')).toMatchObject({ depth: 0, managerId: null });
    const fromTwo = truthOfText(ORGANISATION, { roots: ['uid=b,dc=x', 'uid=f,dc=x'] });
    expect(fromTwo.employees.get('id-g')).toMatchObject({ depth: 1, managerId: 'id-f' });
  });

  it('follows employee numbers where they are the link', () => {
    const linked = ['007:', '008:007', '009:008', '010:7'].map((line) => {
      const [number, manager] = line.split(':');
      const room = manager === '' ? '' : `roomNumber: ${manager}\n`;
      return `dn: uid=${number},dc=x\nobjectClass: person\nentryUUID: ${number}\nemployeeNumber: ${number}\n${room}`;
    });
    const { employees } = truthOfText(linked.join('\n'), {
      roots: ['uid=007,dc=x'],
      managerAttribute: 'roomNumber',
      managerValue: 'employeeNumber',
    });
    expect([...employees.keys()]).toEqual(['007', '008', '009']);
    expect(employees.get('009')?.lines).toEqual([
      { managerId: '008', key: '008', isPrimary: true },
    ]);
  });
});

describe('the key of a DN', () => {
  it.each([
    ['uid=A, OU=People , DC=X', 'uid=a,ou=people,dc=x'],
    ['0.9.2342.19200300.100.1.1=a,organizationalUnitName=b', 'uid=a,ou=b'],
    ['cn=Last\\, First,dc=x', 'cn="Last, First",dc=x'],
    ['cn=Last\\2C First,dc=x', 'CN=last\\, first,dc=x'],
    ['cn=Andr\\C3\\A9', 'cn=ANDRÉ'],
    ['cn=André'.normalize('NFD'), 'cn=André'],
    ['cn=Ａnna', 'cn=anna'],
    ['cn=\\  a   b\\20,dc=x', 'cn=a b,dc=x'],
    ['cn=a+uid=b,dc=x', 'uid=B + cn=A,dc=x'],
    ['cn=\\#1 \\"x\\" a\\\\b\\+c', 'cn="#1 \\"x\\" a\\\\b+c"'],
  ])('is one for %s and %s', (one, other) => {
    expect(dnKey(one)).toBe(dnKey(other));
  });

  it.each([
    ['cn=a\\,dc=x', 'cn=a,dc=x'],
    ['cn=a\\+uid=b', 'cn=a+uid=b'],
    ['cn=a b', 'cn=ab'],
    ['cn=a,ou=b', 'ou=b,cn=a'],
    ['uid=a,dc=x', 'cn=a,dc=x'],
  ])('differs for %s and %s', (one, other) => {
    expect(dnKey(one)).not.toBe(dnKey(other));
  });
});

describe('reading LDIF', () => {
  it('unfolds lines, decodes base64, skips comments and keeps values in order', () => {
    const lines = ['# a note', 'dn:: Y249w6k=', 'Cn: long', ' er', 'cn:second', 'empty:', '', ''];
    expect([...readLdif(lines)]).toEqual([
      {
        dn: 'cn=é',
        attributes: new Map([
          ['cn', ['longer', 'second']],
          ['empty', ['']],
        ]),
      },
    ]);
  });
});

type Row = Record<string, string | number | null>;

/** A database as a perfect crawl would leave it, changed by `spoil`. */
async function compareSpoilt(of: Truth, spoil: string) {
  return withTemporaryDirectory(async (dir) => {
    const database = new Database(`${dir}/x.db`);
    const employees = [...of.employees.values()].map(
      (employee): Row => ({
        id: employee.id,
        dn: employee.dn.toUpperCase(),
        manager_id: employee.managerId,
        depth: employee.depth,
        direct_reports: employee.directReports,
        total_reports: employee.totalReports,
        username: employee.attributes.get('uid')?.[0] ?? null,
        employee_number: employee.attributes.get('employeenumber')?.[0] ?? null,
        given_name: null,
        surname: null,
        email: null,
        title: null,
        phone: null,
        location: null,
      }),
    );
    const lines = [...of.employees.values()].flatMap((employee) =>
      employee.lines.map(
        (line): Row => ({
          employee_id: employee.id,
          manager_id: line.managerId,
          manager_dn: line.key,
          is_primary: line.isPrimary ? 1 : 0,
        }),
      ),
    );
    fill(database, 'employees', employees);
    fill(database, 'reporting_lines', lines);
    database.exec(spoil);
    database.close();
    return compareWithTruth(`${dir}/x.db`, of);
  });
}

function fill(database: Database.Database, table: string, rows: readonly Row[]): void {
  const columns = Object.keys(rows[0] ?? {});
  database.exec(`CREATE TABLE ${table} (${columns.join(', ')})`);
  const marks = columns.map((column) => `@${column}`).join(', ');
  const insert = database.prepare(`INSERT INTO ${table} VALUES (${marks})`);
  for (const row of rows) insert.run(row);
}

describe('comparing a database with the truth', () => {
  it('finds nothing where all is right', async () => {
    expect(await compareSpoilt(truth, '')).toEqual(SAME);
  });

  it.each([
    ["DELETE FROM employees WHERE id = 'id-c'", { missing: 1, extra: 0, wrong: 0 }],
    ["INSERT INTO employees (id) VALUES ('id-f')", { missing: 0, extra: 1, wrong: 0 }],
    ['INSERT INTO employees SELECT * FROM employees LIMIT 1', { missing: 0, extra: 1, wrong: 0 }],
    ["UPDATE employees SET depth = 3 WHERE id = 'id-e'", { missing: 0, extra: 0, wrong: 1 }],
    [
      "UPDATE employees SET manager_id = 'id-b' WHERE id = 'id-c'",
      { missing: 0, extra: 0, wrong: 1 },
    ],
    [
      "UPDATE employees SET employee_number = 7 WHERE id = 'id-e'",
      { missing: 0, extra: 0, wrong: 1 },
    ],
    [
      "UPDATE employees SET dn = 'uid=z,dc=x' WHERE id = 'id-e'",
      { missing: 0, extra: 0, wrong: 1 },
    ],
    ['UPDATE employees SET total_reports = 1 + total_reports', { missing: 0, extra: 0, wrong: 6 }],
    ['DELETE FROM reporting_lines WHERE manager_id IS NULL', { missing: 1, extra: 0, wrong: 0 }],
    [
      "UPDATE reporting_lines SET manager_id = 'id-f' WHERE manager_id IS NULL",
      { missing: 1, extra: 1, wrong: 0 },
    ],
    ['UPDATE reporting_lines SET is_primary = 1 - is_primary', { missing: 0, extra: 0, wrong: 10 }],
    [
      "UPDATE reporting_lines SET manager_dn = 'cn=z' WHERE manager_id = 'id-c'",
      { missing: 0, extra: 0, wrong: 1 },
    ],
  ])('sees %s', async (spoil, expected) => {
    expect(await compareSpoilt(truth, spoil)).toMatchObject(expected);
  });

  it('gives the first examples of each kind', async () => {
    const { examples } = await compareSpoilt(truth, 'UPDATE employees SET depth = 9');
    expect(examples).toHaveLength(5);
    expect(examples[0]).toMatch(/^wrong: depth of uid=\w,dc=x is 9, not \d$/);
  });
});
