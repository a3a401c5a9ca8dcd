// What is wrong in the data of an odd company, and what is said about it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FINDING_KINDS } from '../../src/domain/findings.ts';
import { oddCompany, person } from '../crawl/company.ts';
import { CrawledDatabase } from '../crawl/crawls.ts';
import { asked } from './asked.ts';
import { csv } from './hostile-people.ts';
import { expectRefusal, type Hold, hold, withPlace } from './orgwalk.ts';

const EVIL = 'Two\nLines';
const ODD = oddCompany();
const MENDED = {
  ...ODD,
  people: ODD.people.map((each) => (each.id === 'lost' ? person('lost', ['p1']) : each)),
};

let held: Hold<CrawledDatabase>;

beforeAll(async () => {
  held = await hold<CrawledDatabase>((use) =>
    withPlace(async ({ db }) => {
      const database = new CrawledDatabase(db);
      const people = ODD.people.map((each) =>
        each.id === 'lost' ? { ...each, name: EVIL } : each,
      );
      await database.crawl({ ...ODD, people });
      await database.crawl(MENDED);
      await use(database);
    }),
  );
});
afterAll(() => held.release());

const findings = (...args: readonly string[]) =>
  asked(['findings', ...args, '--db', held.value.path]);

async function rows(...args: readonly string[]) {
  const { code, stdout, stderr } = await findings(...args, '--format', 'json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Record<string, unknown>[];
}

describe('findings', () => {
  test('are those of the view, with names', async () => {
    const told = await rows();
    const view = held.value.read('SELECT * FROM findings');
    expect(told.length).toBeGreaterThan(3);
    expect(told.map(({ name, ...row }) => row)).toEqual(expect.arrayContaining([...view]));
    expect(told.length).toBe(view.length);
    expect(told.find((row) => row['employee_id'] === 'matrix')).toMatchObject({
      ...{ kind: 'several_managers', name: 'Name of matrix' },
    });
  });

  test('are of kinds that are known, all of them', async () => {
    const kinds = (await rows()).map(({ kind }) => kind);
    expect(FINDING_KINDS).toEqual(expect.arrayContaining([...new Set(kinds)]));
  });

  test('of one kind only, as of an earlier state', async () => {
    const before = await rows('--kind', 'dangling_manager', '--as-of', '1');
    expect(before.map(({ kind, employee_id, name }) => [kind, employee_id, name])).toEqual([
      ['dangling_manager', 'lost', EVIL],
    ]);
    expect(await rows('--kind', 'dangling_manager')).toEqual([]);
  });

  test('are since the run that found them first, until the one that is asked about', async () => {
    const [first, last] = held.value.column('SELECT started_at FROM runs ORDER BY id');
    const [matrix] = (await rows()).filter((row) => row['employee_id'] === 'matrix');
    expect(matrix).toMatchObject({ first_seen_at: first, last_seen_at: last });
  });

  test('are the same in every form', async () => {
    const json = await rows();
    const lines = (await findings('--format', 'ndjson')).stdout.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toEqual(json);
    const [head, ...records] = csv((await findings('--format', 'csv')).stdout);
    expect(records).toEqual(json.map((row) => head?.map((column) => row[column] ?? '')));
  });
});

describe('findings for a person', () => {
  test('are counted by kind, with what the kinds mean', async () => {
    const { stdout, stderr } = await findings('--as-of', '1');
    expect(stderr).toMatch(/^As published by run 1, .*\n\d+ findings\n( {2}\d+ \w+: [^\n]+\n)+\n$/);
    expect(stderr).toMatch(/\n {2}1 dangling_manager: a manager value names nobody/);
    expect(stdout).toMatch(/^kind +employee_id +name +detail +first_seen_at +last_seen_at\n/);
    expect(stdout).toMatch(/\ndangling_manager +lost +Two\\u\{a\}Lines +/);
  });

  test('are said to be none', async () => {
    const { code, stderr } = await findings('--kind', 'dangling_manager');
    expect([code, stderr]).toEqual([0, 'No findings of the kind dangling_manager.\n']);
  });
});

test('findings refuses a kind that there is not, and lists those that there are', async () => {
  expectRefusal(await findings('--kind', 'loop'), {
    ...{ code: 2, error: /^there is no kind of finding `loop`$/ },
    hint: /^one of self_managed, cycle, .*, referral$/,
  });
});
