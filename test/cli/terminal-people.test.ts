// What tree and chain look like where a person reads them.
import stringWidth from 'string-width';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { named, night } from '../store/nights.ts';
import { withPath } from '../store/stores.ts';
import { asked } from './asked.ts';
import { type Hold, hold } from './orgwalk.ts';

const people = [
  {
    ...named('ada', 'Ada King', { title: 'Head of Research', department: 'Research' }),
    active: false,
  },
  named('wang', '王伟', { title: 'Engineer', department: '研究開発部門' }, ['ada']),
  named('evil', 'Red \u001b[31mAlert\u202e', {}, ['ada']),
  ...Array.from({ length: 70 }, (_, i) => named(`p${i}`, `Person ${100 + i}`, {}, ['wang'])),
];
/** One below the other. */
const deep = Array.from({ length: 40 }, (_, i) =>
  named(`deep${i}`, `Deep ${i}`, {}, [i === 0 ? 'root' : `deep${i - 1}`]),
);

let held: Hold<string>;
beforeAll(async () => {
  held = await hold((use) =>
    withPath(async (path) => {
      await night(path, [...people, ...deep]);
      await use(path);
    }),
  );
});
afterAll(() => held.release());

const shown = async (args: readonly string[], columns = 80, env = {}) => {
  const seat = { terminal: true, columns, env };
  const { code, stdout, stderr } = await asked([...args, '--db', held.value], seat);
  return { code, stderr, lines: stdout.split('\n').slice(0, -1) };
};
/** SGR sequences alone. */
const bare = (text: string) => text.replace(/\x1b\[\d+m/g, '');

describe('on a terminal', () => {
  test('a tree has its sizes in columns, and ends with how many are further down', async () => {
    const { lines, stderr } = await shown(['tree', 'root', '--depth', '1']);
    expect(lines.map((line) => bare(line).replace(/ {2,}/g, ' | '))).toEqual([
      ' | direct | in all',
      'Name of root (root) | 2 | 113',
      '├─ Ada King (ada), disabled, Head of Research, Research | 2 | 72',
      '└─ Deep 0 (deep0) | 1 | 39',
    ]);
    expect(new Set(lines.map((line) => stringWidth(line)))).toEqual(new Set([80]));
    expect(stderr).toBe('111 people further down: --depth shows more levels, 0 all\n');
  });

  test('no line is wider than it, whatever the script and the depth', async () => {
    for (const columns of [20, 40, 79, 500]) {
      const { lines } = await shown(['tree', 'root', '--depth', '0'], columns);
      const widest = Math.max(...lines.map((line) => stringWidth(line)));
      expect(widest).toBeLessThanOrEqual(columns);
      expect(lines.length).toBeGreaterThan(90);
    }
  });

  test('somebody forty levels down still has a name', async () => {
    const { lines } = await shown(['chain', 'deep39'], 60);
    expect(bare(lines.at(-1) ?? '')).toMatch(/^⋯ 40 levels down Deep 39 \(deep39\)$/);
    expect(lines.length).toBe(1 + 41);
  });

  test('fifty reports of a manager stand for all of them, and are counted', async () => {
    const { lines } = await shown(['tree', 'wang']);
    expect(lines.length).toBe(1 + 1 + 50 + 1);
    expect(bare(lines.at(-1) ?? '')).toBe('└─ … and 20 more');
    const { stdout } = await asked(['tree', 'wang', '--db', held.value]);
    expect(stdout.split('\n').length - 1).toBe(1 + 70);
  });

  test('what the directory says can colour nothing', async () => {
    const { lines } = await shown(['tree', 'ada', '--depth', '1']);
    const evil = lines.find((line) => line.includes('Alert')) ?? '';
    expect(bare(evil)).toContain('Red \\u{1b}[31mAlert\\u{202e}');
  });

  test.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('there is no colour with %j', async (env) => {
    const { lines } = await shown(['tree', 'root'], 80, env);
    expect(lines.join('')).not.toContain('\x1b');
    expect((await shown(['tree', 'root'])).lines.join('')).toContain('\x1b[1mAda King\x1b[22m');
  });
});

describe('elsewhere', () => {
  test('a tree and a chain are plain text, and mark who is disabled', async () => {
    const { stdout, stderr } = await asked(['tree', 'root', '--depth', '1', '--db', held.value]);
    expect([stdout, stderr]).toEqual([
      'Name of root (root)  [2 direct, 113 in all]\n├─ Ada King (ada), Head of Research, Research, disabled  [2 direct, 72 in all] …\n└─ Deep 0 (deep0)  [1 direct, 39 in all] …\n',
      '111 people further down: --depth shows more levels, 0 all\n',
    ]);
    const chain = await asked(['chain', 'ada', '--db', held.value]);
    expect(chain.stdout).toBe(
      'Name of root (root)\n└─ Ada King (ada), Head of Research, Research, disabled\n',
    );
  });
});

describe('find', () => {
  const find = (...args: readonly string[]) => asked(['find', ...args, '--db', held.value]);

  test('prints who is found, with their manager', async () => {
    const { code, stdout, stderr } = await find('KING', 'research', '--format', 'json');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual([
      {
        ...{ id: 'ada', name: 'Ada King', username: 'ada', title: 'Head of Research' },
        ...{ department: 'Research', email: null, manager_name: 'Name of root' },
      },
    ]);
  });

  test('says that nobody is found, exit 0', async () => {
    expect(await find('"nobody*', '--format', 'json')).toMatchObject({
      ...{ code: 0, stdout: '[]\n', stderr: 'Nobody is found by "nobody*\n' },
    });
    expect((await find('nobody', '--format', 'csv')).stdout).toMatch(/^id,name,[^\n]+\n$/);
  });

  test('asks about an earlier state like tree and chain, which is told', async () => {
    const { stderr } = await find('king', '--as-of', '1');
    expect(stderr).toMatch(/^As published by run 1, \d{4}-/);
    const { code, stderr: refused } = await find('king', '--as-of', '7');
    expect([code, refused]).toEqual([2, expect.stringMatching(/^Error: there is no run 7\nTry: /)]);
  });
});
