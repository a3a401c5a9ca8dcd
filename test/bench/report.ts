// Medians, ratios, and the table that people read.
import type { Contender, ContenderName, Outcome } from './contenders.ts';

export type Measurement = {
  readonly contender: Contender;
  readonly people: number;
  readonly outcomes: readonly Outcome[];
};

export type Line = Readonly<Record<keyof Outcome, number | null>> & {
  readonly name: string;
  readonly title: string;
  readonly people: number;
  /** Wall time against the script's at the same size. */
  readonly ratioToScript: number | null;
  /** Wall time against the naive crawl's at the same size. */
  readonly ratioToNaive: number | null;
  readonly searchesPerThousandEmployees: number | null;
  readonly outcomes: readonly Outcome[];
};

const FIGURES = [
  'wallSeconds',
  'cpuSeconds',
  'serverCpuSeconds',
  'peakRssBytes',
  'searches',
  'asked',
  'employees',
] as const;

export function linesOf(measurements: readonly Measurement[]): readonly Line[] {
  return measurements.map(({ contender, people, outcomes }) => {
    const medians = Object.fromEntries(
      FIGURES.map((figure) => [figure, median(outcomes.map((outcome) => outcome[figure]))]),
    ) as Record<keyof Outcome, number | null>;
    const against = (name: ContenderName) =>
      quotient(medians.wallSeconds, wallOf(measurements, name, people));
    return {
      name: contender.name,
      title: contender.title,
      people,
      ...medians,
      ratioToScript: against('script'),
      ratioToNaive: against('naive'),
      searchesPerThousandEmployees: quotient(medians.searches, medians.employees, 1_000),
      outcomes,
    };
  });
}

function wallOf(
  measurements: readonly Measurement[],
  name: ContenderName,
  people: number,
): number | null {
  const same = measurements.find((one) => one.contender.name === name && one.people === people);
  return median(same?.outcomes.map((outcome) => outcome.wallSeconds) ?? []);
}

export function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  if (middle.length === 0) return null;
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

function quotient(value: number | null, by: number | null, times = 1): number | null {
  return value === null || by === null || by === 0 ? null : (value / by) * times;
}

type Column = readonly [head: string, cell: (line: Line) => string];

const COLUMNS: readonly Column[] = [
  ['', (line) => line.title],
  ['people', (line) => line.people.toLocaleString('en')],
  ['wall s', (line) => figure(line.wallSeconds, 2)],
  ['against (b)', (line) => figure(line.ratioToScript, 2)],
  ['against (c)', (line) => figure(line.ratioToNaive, 2)],
  ['CPU s', (line) => figure(line.cpuSeconds, 2)],
  ['server CPU s', (line) => figure(line.serverCpuSeconds, 2)],
  ['peak RSS MB', (line) => figure(quotient(line.peakRssBytes, 1e6), 0)],
  ['searches', (line) => figure(line.searches, 0)],
  ['searches per 1,000', (line) => figure(line.searchesPerThousandEmployees, 1)],
  ['employees', (line) => figure(line.employees, 0)],
];

/** What orgwalk's searches were for, where the table has some. */
export function purposeOf(lines: readonly Line[]): string {
  return lines
    .filter(({ asked }) => asked !== null)
    .map(({ people, searches, asked, employees }) => {
      const perThousand = (count: number) => figure(quotient(count, employees, 1_000), 1);
      const walking = perThousand((searches ?? 0) - (asked ?? 0));
      return `Of orgwalk's searches per 1,000 of ${people.toLocaleString('en')} people ${walking} list reports, and ${perThousand(asked ?? 0)} ask who stands behind a manager value that equals no known DN.`;
    })
    .join('\n');
}

export function tableOf(lines: readonly Line[]): string {
  return textTableOf([
    COLUMNS.map(([head]) => head),
    ...lines.map((line) => COLUMNS.map(([, cell]) => cell(line))),
  ]);
}

/** A Markdown table, padded so that it also reads in a terminal. The first row is the head, the first column text. */
export function textTableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => row[i]?.length ?? 0), 3),
  );
  const pad = (text: string, i: number) =>
    i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
  const rule = widths.map((width, i) =>
    i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [head = [], ...body] = rows.map((row) => row.map(pad));
  return [head, rule, ...body].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function figure(value: number | null, digits: number): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value === null ? '–' : value.toLocaleString('en', options);
}
