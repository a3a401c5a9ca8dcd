// How long SQLite takes to answer what people ask, on a warm file: by orgwalk's own commands, and by SQL on the views.
import Database from 'better-sqlite3';
import { chainOf } from '../../src/report/chain.ts';
import { growTree } from '../../src/report/tree.ts';
import { type Person, Reader } from '../../src/store/reader.ts';
import { withNights } from './nights.ts';
import { median, textTableOf } from './report.ts';

export type QuestionLine = {
  readonly question: string;
  readonly people: number;
  /** Of the answer, typically. */
  readonly rows: number | null;
  readonly medianMs: number | null;
  /** For the person of the sample for whom it takes longest. */
  readonly worstMs: number;
  /** The worst against the limit; null where there is none. */
  readonly ratio: number | null;
};

/** What a question may take (ms). */
export const QUESTION_LIMIT_MS = 50;

/** People about whom each question is put. */
const SAMPLE = 50;
/** The quickest counts, of a file that is warm by then: what others do on the machine is not to be measured. */
const ATTEMPTS = 3;

/** `false`: it looks at everyone, and no limit is promised. */
type Question = readonly [title: string, ask: (person: Person) => number, limited?: false];

/** After a night, and another on which one person in a hundred changed. */
export function measureQuestions(
  program: string,
  people: number,
): Promise<readonly QuestionLine[]> {
  return withNights(program, people, async ({ path, crawl }) => {
    await crawl();
    await crawl(({ id }, name) => (name === 'title' && id % 100 === 99 ? ['Another'] : undefined));
    return questionsOf(path, people);
  });
}

export function questionsOf(path: string, people: number): readonly QuestionLine[] {
  using reader = new Reader(path);
  const database = new Database(path, { readonly: true });
  try {
    const sample = sampleOf(database, reader);
    return [...commands(reader), ...views(database)].map((question) =>
      lineOf(question, sample, people),
    );
  } finally {
    database.close();
  }
}

/** The root, people of all layers, and managers among them. */
function sampleOf(database: Database.Database, reader: Reader): readonly Person[] {
  const pids = database.prepare<[number], number>(
    'SELECT pid FROM _place WHERE to_run IS NULL AND pid >= ? ORDER BY pid LIMIT 2',
  );
  const last = database.prepare<[], number>('SELECT max(pid) FROM _place').pluck().get() ?? 0;
  const spread = Array.from({ length: SAMPLE }, (_, i) =>
    Math.floor((last * i ** 2) / SAMPLE ** 2),
  );
  return spread.flatMap((pid) => reader.person(pids.pluck().get(pid) ?? 0) ?? []);
}

function commands(reader: Reader): readonly Question[] {
  const find = (column: 'id' | 'dn' | 'username' | 'email' | 'employee_number' | 'name') => {
    return ({ [column]: who }: Person) => reader.find(who ?? '').length;
  };
  const search = (text: (person: Person) => string) => (person: Person) =>
    reader.search(text(person)).length;
  return [
    ['chain of command', (person) => chainOf(reader, person).length],
    ['tree, one level', (person) => [...growTree(reader, person, 1)].length],
    ['size of the organisation', ({ pid }) => (reader.person(pid) === undefined ? 0 : 1)],
    ['WHO by id', find('id')],
    ['WHO by DN', find('dn')],
    ['WHO by user name', find('username')],
    ['WHO by mail address', find('email')],
    ['WHO by employee number', find('employee_number')],
    ['WHO by name', find('name')],
    ['find a full name', search(({ name }) => name ?? '')],
    ['find a surname', search(({ surname }) => surname ?? '')],
    ['find a user name', search(({ username }) => username ?? '')],
    ['find a department', search(({ department }) => department ?? '')],
    ['find the first three letters', search(({ name }) => (name ?? '').slice(0, 3))],
    ['find one letter', search(({ name }) => (name ?? '').slice(0, 1))],
  ];
}

function views(database: Database.Database): readonly Question[] {
  const sql = (text: string) => {
    const statement = database.prepare<[string]>(text);
    return ({ id }: Person) => statement.all(id).length;
  };
  const everyone = `WITH RECURSIVE below (id) AS (
      SELECT ? UNION ALL SELECT e.id FROM below JOIN employees AS e ON e.manager_id = below.id
    ) SELECT * FROM (SELECT id FROM below LIMIT 1000)`;
  return [
    ['employees WHERE id = ?', sql('SELECT * FROM employees WHERE id = ?')],
    ['employees WHERE manager_id = ?', sql('SELECT * FROM employees WHERE manager_id = ?')],
    ['the first 1,000 below, recursively', sql(everyone)],
    [
      'reporting_lines WHERE employee_id = ?',
      sql('SELECT * FROM reporting_lines WHERE employee_id = ?'),
    ],
    [
      'reporting_lines WHERE manager_id = ?',
      sql('SELECT * FROM reporting_lines WHERE manager_id = ?'),
      false,
    ],
    ['employee_history WHERE id = ?', sql('SELECT * FROM employee_history WHERE id = ?')],
    ['changes WHERE employee_id = ?', sql('SELECT * FROM changes WHERE employee_id = ?')],
    ['findings WHERE employee_id = ?', sql('SELECT * FROM findings WHERE employee_id = ?')],
    ['employees: count(*)', sql('SELECT count(*) FROM employees WHERE ? IS NOT NULL'), false],
  ];
}

function lineOf(
  [question, ask, limited]: Question,
  sample: readonly Person[],
  people: number,
): QuestionLine {
  const asked = sample.slice(0, limited === false ? 3 : SAMPLE).map((person) => ({
    rows: ask(person),
    ms: Math.min(...Array.from({ length: ATTEMPTS }, () => timeOf(() => ask(person)))),
  }));
  const worstMs = Math.max(...asked.map(({ ms }) => ms));
  return {
    question,
    people,
    rows: median(asked.map(({ rows }) => rows)),
    medianMs: median(asked.map(({ ms }) => ms)),
    worstMs,
    ratio: limited === false ? null : worstMs / QUESTION_LIMIT_MS,
  };
}

function timeOf(use: () => void): number {
  const start = performance.now();
  use();
  return performance.now() - start;
}

export function questionTableOf(lines: readonly QuestionLine[]): string {
  const head = [
    'question',
    'people',
    'rows',
    'median ms',
    'worst ms',
    `worst against ${QUESTION_LIMIT_MS} ms`,
  ];
  const rows = lines.map(({ question, people, rows, medianMs, worstMs, ratio }) => [
    question,
    people.toLocaleString('en'),
    String(rows ?? '–'),
    (medianMs ?? 0).toFixed(2),
    worstMs.toFixed(2),
    ratio === null ? '–' : ratio.toFixed(2),
  ]);
  return textTableOf([head, ...rows]);
}
