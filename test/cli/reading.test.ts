// The reading commands over a published crawl of a small organisation with hostile names.
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { SUFFIX } from '../simulate/servers.ts';
import { asked } from './asked.ts';
import { csv, HOSTILE, readingHostilePeople } from './hostile-people.ts';
import { expectRefusal } from './orgwalk.ts';

const { db } = readingHostilePeople();
const read = (...args: readonly string[]) => asked([...args, '--db', db()]);
const printed = async (...args: readonly string[]) => {
  const { code, stdout, stderr } = await read(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

describe('a person is found', () => {
  const ADA = 'Ada King (ada)';
  test.each([
    { by: 'id', who: ['11111111-2222-3333-4444-555555555555'] },
    { by: 'DN', who: [`uid=ada,${SUFFIX}`] },
    { by: 'DN in another spelling', who: ['UID = ADA , DC=Example,dc=com'] },
    { by: 'user name', who: ['ada'] },
    { by: 'user name in another case', who: ['ADA'] },
    { by: 'mail address', who: ['Ada.King@example.com'] },
    { by: 'employee number, which is text', who: ['007'] },
    { by: 'whole name', who: ['ada king'] },
    { by: 'several words', who: ['Ada', 'King'] },
  ])('by $by', async ({ who }) => {
    const [person] = JSON.parse(await printed('chain', ...who, '--format', 'json'));
    expect(person).toMatchObject({ username: 'ada', name: 'Ada King' });
  });

  test('by how the words of the name begin, in any order, and who was taken is told', async () => {
    const { code, stdout, stderr } = await read('chain', 'onl', 'NUMB');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'Taken as Numbers Only (n123)\n' });
    expect(stdout).toMatch(/└─ Numbers Only \(n123\)\n$/);
  });

  test('in a tree, which says so', async () => {
    expect(await printed('tree', 'ada')).toBe(
      `${ADA}  [1 direct, 2 in all]\n└─ Adam Kingsley (adam)  [1 direct, 1 in all]\n   └─ Numbers Only (n123)\n`,
    );
  });

  test.each(['7', '0070', '%', '_da', "' OR 1=1 --", '*)(uid=*', 'nobody at all'])(
    'by nothing else: %s is nobody, exit 2',
    async (who) => {
      expectRefusal(await read('tree', who), {
        code: 2,
        error: /^nobody is known as /,
        hint: /user name, mail address, id, DN/,
      });
    },
  );

  test('among several who are listed, exit 2', async () => {
    const { code, stdout, stderr } = await read('chain', 'king');
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toBe(
      'Error: king matches 2 people:\n  Ada King (ada)\n  Adam Kingsley (adam)\nTry: give one of these user names or ids\n',
    );
  });
});

describe('tree', () => {
  test('shows three levels unless told otherwise, and where it was cut', async () => {
    const levels = async (...args: string[]) => {
      const { stdout, stderr } = await read('tree', 'p1', '--format', 'json', ...args);
      const rows: { level: number }[] = JSON.parse(stdout);
      return [Math.max(...rows.map(({ level }) => level)), stderr];
    };
    expect(await levels()).toEqual([3, '']);
    expect(await levels('--depth', '1')).toEqual([
      1,
      '9 people further down: --depth shows more levels, 0 all\n',
    ]);
    expect(await levels('--depth', '0')).toEqual([3, '']);
    expect((await read('tree', 'p1', '--depth', '1')).stdout).toMatch(
      /Ada King \(ada\) {2}\[1 direct, 2 in all\] …\n/,
    );
    expect(await printed('tree', 'p1', '--depth', '0')).not.toContain('…');
  });

  test('counts everyone below', async () => {
    const [root] = JSON.parse(await printed('tree', 'p1', '--format', 'json'));
    const others = 3 - 1 + 3 + Object.keys(HOSTILE).length;
    expect(root).toMatchObject({ level: 0, depth: 0, total_reports: others });
  });
});

describe('chain', () => {
  test('goes up to the root, which is drawn first', async () => {
    expect(await printed('chain', 'n123')).toBe(
      'Person p1 (p1)\n└─ Ada King (ada)\n   └─ Adam Kingsley (adam)\n      └─ Numbers Only (n123)\n',
    );
    const rows = JSON.parse(await printed('chain', 'n123', '--format', 'json'));
    expect(rows.map(({ step, username }: never) => [step, username])).toEqual([
      [0, 'n123'],
      [1, 'adam'],
      [2, 'ada'],
      [3, 'p1'],
    ]);
  });

  test('of the root is the root', async () => {
    expect(await printed('chain', 'p1')).toBe('Person p1 (p1)\n');
  });
});

const READING: readonly (readonly string[])[] = [
  ['status'],
  ['runs'],
  ['tree', 'p1'],
  ['chain', 'n123'],
  ['find', 'king'],
  ['query', 'SELECT * FROM employees ORDER BY username'],
];

describe.each(READING.map((command) => ({ name: command[0], command })))('$name', ({ command }) => {
  test('prints the same rows as a table, JSON, NDJSON and CSV', async () => {
    const [table, json, ndjson, text] = await Promise.all([
      printed(...command),
      printed(...command, '--format', 'json'),
      printed(...command, '--format', 'ndjson'),
      printed(...command, '--format', 'csv'),
    ]);
    const rows = JSON.parse(json);
    expect(rows.length).toBeGreaterThan(0);
    expect(parse(json)).toEqual(rows);
    const lines = ndjson.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(rows);
    const [head = [], ...records] = csv(text);
    expect(records.length).toBe(rows.length);
    expect(new Set(records.map((record) => record.length))).toEqual(new Set([head.length]));
    expect(Object.keys(rows[0])).toEqual(expect.arrayContaining([...head]));
    // Neither colour nor anything else that a terminal would obey.
    expect(table).toMatch(/^[^\x00-\x09\x0b-\x1f\x7f\u202e]+\n$/);
  });
});

describe('hostile names', () => {
  const names = async (format: string) =>
    printed('query', 'SELECT username, name FROM employees ORDER BY username', '--format', format);

  test('are kept as they are in JSON', async () => {
    const rows = JSON.parse(await names('json')) as { username: string; name: string }[];
    const held = Object.fromEntries(rows.map(({ username, name }) => [username, name]));
    expect(held).toMatchObject(HOSTILE);
  });

  test('are no formula in CSV', async () => {
    const records = csv(await names('csv'));
    const held = Object.fromEntries(records.map(([username, name]) => [username, name]));
    expect(held).toMatchObject({ ...HOSTILE, formula: "'=1+1", tab: "'\tTabbed" });
  });

  test('are no formula in CSV that begin with = + - @, a tab or CR', async () => {
    const cells = ['=', '+', '-', '@', '\t', '\r'].map((sign) => `${sign}1`);
    const rows = cells.map((cell) => `('${cell}')`).join(', ');
    const sql = `SELECT column1 AS cell FROM (VALUES ${rows})`;
    const [, ...records] = csv(await printed('query', sql, '--format', 'csv'));
    expect(records.flat()).toEqual(cells.map((cell) => `'${cell}`));
  });

  test('are escaped in tables, trees and lists of matches', async () => {
    const table = await names('table');
    const tree = await printed('tree', 'p2');
    for (const shown of ['Red \\u{1b}[31mAlert\\u{7}', 'Two\\u{a}Lines', 'Evil \\u{202e}gnp.exe']) {
      expect(table).toContain(shown);
      expect(tree).toContain(shown);
    }
    expect(table).toContain('🦄 Unicorn');
    const { stderr } = await read('tree', 'e');
    expect(stderr).toMatch(/^Error: e matches \d+ people:\n( {2}[^\n]+\n)+Try: [^\n]+\n$/);
    expect(stderr).not.toMatch(/[\x1b\x07\u202e]/);
  });

  test('that nobody has are escaped in the message as well', async () => {
    const { stderr } = await read('tree', 'x\u001b[31m\u202ey');
    expect(stderr).toContain('Error: nobody is known as x\\u{1b}[31m\\u{202e}y\n');
  });
});
