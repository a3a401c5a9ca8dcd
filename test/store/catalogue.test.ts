// What readers are told of the views, and the questions that they are offered, are complete, and true of the schema.
import { globSync, readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { FINDING_KINDS } from '../../src/domain/findings.ts';
import { QUESTIONS } from '../../src/store/catalogue/questions.ts';
import { VIEWS, type ViewText } from '../../src/store/catalogue/views.ts';
import { migrate } from '../../src/store/file/migrate.ts';
import { type Company, person } from '../crawl/company.ts';
import { CrawledDatabase } from '../crawl/crawls.ts';
import { datasetteYaml } from '../support/datasette.ts';
import { privateTables, viewsOfSchema } from '../support/readme.ts';
import { withPath } from './stores.ts';

const FILE = 'config/datasette.yaml';

describe('the descriptions of the views', () => {
  it('are of every view and column of the schema, in their order, and of no other', () => {
    const described = Object.entries(VIEWS).map(([name, { columns }]) => [
      name,
      Object.keys(columns),
    ]);
    expect(new Map(described as [string, string[]][])).toEqual(viewsOfSchema());
  });

  it.each([
    ['runs.status', VIEWS.runs.columns.status, allowed('_run', 'status')],
    ['failures.reason', VIEWS.failures.columns.reason, allowed('_failure', 'reason')],
    ['changes.kind', VIEWS.changes.columns.kind, allowed('_change', 'kind')],
    ['findings.kind', VIEWS.findings.columns.kind, FINDING_KINDS],
  ])('%s names every value that there is, and no other', (_, text, values) => {
    expect(values.length).toBeGreaterThan(3);
    const [list = ''] = text.replace(/^One of /, '').split('. ');
    const named = list.replaceAll(/ \([^)]*\)/g, '').split(', ');
    expect(named).toEqual(values);
  });

  it('name columns of their view as what rows are grouped or sorted by', () => {
    for (const { columns, facets = [], sortable = [], newestBy } of Object.values<ViewText>(
      VIEWS,
    )) {
      const named = [...facets, ...sortable, ...(newestBy === undefined ? [] : [newestBy])];
      expect(Object.keys(columns)).toEqual(expect.arrayContaining(named));
    }
  });
});

describe(FILE, () => {
  const text = readFileSync(FILE, 'utf8');

  it('is what the catalogue says; if not, run: node test/tools/readme.ts', () => {
    expect(text).toBe(datasetteYaml(privateTables()));
  });

  it('describes what is public, and hides the rest', () => {
    const { tables } = parse(text).databases.orgwalk;
    const hidden = Object.keys(tables).filter((name) => tables[name].hidden);
    expect(Object.keys(tables).filter((name) => !hidden.includes(name))).toEqual(
      Object.keys(VIEWS),
    );
    expect(hidden).toEqual(expect.arrayContaining(['_version', '_search', '_told']));
  });
});

const questions = Object.entries(QUESTIONS);

describe('a question to start from', () => {
  it.each(questions)('%s asks the public views alone', (_, { sql }) => {
    const views = Object.keys(VIEWS).join('|');
    const own = [...sql.matchAll(/(?:WITH(?: RECURSIVE)?|\),?)\s+(\w+)(?: \([^)]*\))? AS \(/g)];
    const known = new Set([...views.split('|'), ...own.map(([, name]) => name)]);
    const asked = [...sql.matchAll(/\b(?:FROM|JOIN) (\w+)/g)].map(([, name]) => name);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.filter((name) => !known.has(name))).toEqual([]);
  });

  it.each(questions)('%s says what its parameters are', (name, { sql, means }) => {
    expect(name).toMatch(/^[a-z_]+$/);
    for (const parameter of parametersOf(sql)) expect(means).toContain(`:${parameter}`);
  });

  it.each(questions)('%s is answered before anything was published', (_, { sql }) => {
    const database = new Database(':memory:');
    migrate(database);
    expect(
      database.prepare(sql).all(Object.fromEntries(parametersOf(sql).map((name) => [name, '']))),
    ).toEqual([]);
    database.close();
  });
});

const FIRST_NIGHT: Company = {
  people: [
    person('ceo', []),
    person('bob', ['ceo']),
    person('ada', ['ceo']),
    person('old', ['bob']),
    person('max', ['ada']),
    person('eve', ['ada', 'bob']),
  ],
  roots: ['ceo'],
};

const SECOND_NIGHT: Company = {
  people: [
    person('ceo', []),
    person('bob', ['ceo'], { title: 'Head' }),
    person('ada', ['bob']),
    person('new', ['bob']),
    person('max', ['ada']),
    person('eve', ['ada', 'bob']),
  ],
  roots: ['ceo'],
};

type Answer = readonly [
  parameters: Readonly<Record<string, string>>,
  column: string,
  values: unknown[],
];

const BOB = { who: 'bob' };

const ANSWERS: Readonly<Record<string, Answer>> = {
  everyone_below: [BOB, 'id', ['ada', 'eve', 'new', 'max']],
  chain_of_command: [{ who: 'max' }, 'id', ['ceo', 'bob', 'ada', 'max']],
  direct_reports: [BOB, 'id', ['ada', 'eve', 'new']],
  history_of_a_person: [BOB, 'title', [null, 'Head']],
  reports_now_and_then: [BOB, 'reports', ['now', 'now', 'now', 'then']],
  joined_last_night: [{}, 'id', ['new']],
  left_last_night: [{}, 'id', ['old']],
  moved_last_night: [{}, 'manager_before', ['Name of ceo']],
  changes_by_run: [{}, 'joined', [1, 0]],
  people_by_department: [{}, 'people', [6]],
  layers: [{}, 'people', [1, 1, 3, 1]],
  managers_with_one_report: [{}, 'id', ['ceo']],
  wide_spans: [{ more_than: '2' }, 'id', ['bob']],
  disabled_managers: [{}, 'id', []],
  several_managers: [{}, 'managers', ['Name of bob; Name of ada']],
  findings_by_kind: [{}, 'kind', ['several_managers']],
  findings_of_a_kind: [{ kind: 'several_managers' }, 'employee_id', ['eve']],
  branches_not_read: [{}, 'id', []],
};

describe('after two nights', () => {
  it('every question has the answer that it must have', () =>
    withPath(async (path) => {
      const crawled = new CrawledDatabase(path);
      await crawled.crawl(FIRST_NIGHT);
      await crawled.crawl(SECOND_NIGHT);
      const [day] = crawled.column('SELECT min(started_at) FROM runs');
      expect(Object.keys(ANSWERS)).toEqual(Object.keys(QUESTIONS));
      for (const [name, [parameters, column, values]] of Object.entries(ANSWERS)) {
        const { sql = '' } = QUESTIONS[name] ?? {};
        const rows = crawled.read(sql, { day, ...parameters });
        expect([name, ...rows.map((row) => row[column])]).toEqual([name, ...values]);
      }
    }));
});

function parametersOf(sql: string): readonly string[] {
  return [...new Set([...sql.matchAll(/:(\w+)/g)].map(([, name = '']) => name))];
}

/** The values that the schema lets a column hold. */
function allowed(table: string, column: string): readonly string[] {
  const schema = globSync('migrations/*.sql')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n');
  const check = new RegExp(`CREATE TABLE ${table} .*?CHECK \\(${column} IN \\(([^)]*)\\)`, 's');
  const [, list = ''] = check.exec(schema) ?? [];
  return [...list.matchAll(/'(\w+)'/g)].map(([, value = '']) => value);
}
