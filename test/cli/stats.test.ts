// Statistics of a crawled company, as a person and as a program see them.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Company, type Person, person } from '../crawl/company.ts';
import { CrawledDatabase } from '../crawl/crawls.ts';
import { asked } from './asked.ts';
import { csv } from './hostile-people.ts';
import { expectRefusal, type Hold, hold, withPlace } from './orgwalk.ts';

const team = (size: number, manager: string): readonly Person[] =>
  Array.from({ length: size }, (_, i) => person(`${manager}-${i}`, [manager]));

const EVIL = 'Evil \u202Egnp.exe';

/** The boss, two managers of whom one has 21 reports; the first of these has one, with an odd name. */
const WIDE: Company = {
  people: [
    person('boss', []),
    person('ann', ['boss']),
    person('bob', ['boss']),
    ...team(21, 'ann'),
    ...team(3, 'bob'),
    person('ann-0-0', ['ann-0'], { name: EVIL }),
    person('last', ['ann-0-0']),
  ],
  roots: ['boss'],
};
const BEFORE: Company = { people: WIDE.people.slice(0, 3), roots: ['boss'] };

let held: Hold<string>;

beforeAll(async () => {
  held = await hold<string>((use) =>
    withPlace(async ({ db }) => {
      const database = new CrawledDatabase(db);
      await database.crawl(BEFORE);
      await database.crawl(WIDE);
      await use(db);
    }),
  );
});
afterAll(() => held.release());

const stats = (...args: readonly string[]) => asked(['stats', ...args, '--db', held.value]);

async function statsJson(...args: readonly string[]) {
  return JSON.parse((await stats(...args, '--format', 'json')).stdout);
}

describe('stats as JSON', () => {
  test('is one object with the shape of the organisation', async () => {
    const { layers, spans, ...told } = await statsJson();
    expect(told).toMatchObject({
      ...{ run: 2, held: false, people: 29, active: 29, disabled: 0, managers: 5 },
      ...{
        without_place: 0,
        one_report: { managers: 2 },
        over_wide: { managers: 1, more_than: 20 },
      },
    });
    expect(layers.map(({ people, managers }: never) => [people, managers])).toEqual([
      ...[
        [1, 1],
        [2, 2],
        [24, 1],
        [1, 1],
        [1, 0],
      ],
    ]);
    expect(spans).toMatchObject({ median: 2, mean: 5.6, widest: 21 });
  });

  test('names the largest organisations below the roots, and who has one report, the highest first', async () => {
    const { largest, one_report, over_wide } = await statsJson();
    const names = (people: readonly { username: string }[]) => people.map((each) => each.username);
    expect(names(largest)).toEqual(['ann', 'bob', 'ann-0', 'ann-0-0']);
    expect(names(one_report.first)).toEqual(['ann-0', 'ann-0-0']);
    expect(names(over_wide.first)).toEqual(['ann']);
    expect(largest[0]).toMatchObject({ id: 'ann', direct_reports: 21, total_reports: 23 });
  });

  test('tells of an earlier state', async () => {
    expect(await statsJson('--as-of', '1')).toMatchObject({ run: 1, people: 3, managers: 1 });
  });
});

describe('stats for a person', () => {
  test('draws layers and spans as bars, as wide as the terminal', async () => {
    const { stdout } = await asked(['stats', '--db', held.value], { columns: 60 });
    expect(stdout).toMatch(/^Run 2, published 2\S+Z\n {2}29 people: 29 active, 0 disabled\n/);
    expect(stdout).toMatch(/\n {2}5 managers, 5.6 direct reports on average, median 2, most 21\n/);
    expect(stdout).toMatch(/\n {6}2 {7}24 {10}1 {3}█{30}\n/);
    expect(stdout).toMatch(/\n {13}2–4 {10}2 {3}█+\n/);
    const drawn = stdout.split('\n').filter((line) => line.includes('█'));
    expect(Math.max(...drawn.map((line) => [...line].length))).toBe(60);
  });

  test('lists managers with their spans, and escapes their names', async () => {
    const { stdout } = await stats();
    expect(stdout).toMatch(
      /\n1 manager with more than 20 direct reports\n {2}Name of ann \(ann\) {2}\[21/,
    );
    expect(stdout).toContain('Evil \\u{202e}gnp.exe (ann-0-0)  [1 direct, 1 in all]');
  });
});

test('stats as rows has one number to each, the same in NDJSON and CSV', async () => {
  const lines = (await stats('--format', 'ndjson')).stdout.trimEnd().split('\n');
  const rows = lines.map((line) => JSON.parse(line));
  expect(rows).toContainEqual({ section: 'people', label: 'people', value: 29, id: null });
  expect(rows).toContainEqual({ section: 'managers_by_span', label: '21–50', value: 1, id: null });
  expect(rows).toContainEqual({ section: 'over_wide', label: 'Name of ann', value: 21, id: 'ann' });
  const [head, ...records] = csv((await stats('--format', 'csv')).stdout);
  expect(head).toEqual(['section', 'label', 'value', 'id']);
  const cells = rows.map(({ section, label, value, id }) => [section, label, `${value}`, id ?? '']);
  expect(records).toEqual(cells);
});

test('stats refuses where nothing is published', async () => {
  await withPlace(async ({ db }) => {
    await new CrawledDatabase(db).crawl(BEFORE, { dryRun: true });
    const outcome = await asked(['stats', '--db', db]);
    expectRefusal(outcome, { code: 2, error: /^no crawl was published/, hint: /orgwalk publish/ });
    expect(
      JSON.parse((await asked(['stats', '--db', db, '--as-of', '1', '--format', 'json'])).stdout),
    ).toMatchObject({ run: 1, held: true, people: 3 });
  });
});
