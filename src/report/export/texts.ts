import { stringify } from 'csv-stringify/sync';
import type { Person } from '../../store/reader.ts';
import { COLUMNS } from './columns.ts';
import { dot } from './dot.ts';

export type ExportFormat = 'csv' | 'json' | 'ndjson' | 'dot';

export interface ExportOptions {
  /** Leave cells that a spreadsheet takes for a formula as they are. */
  readonly raw: boolean;
}

type Writer = (people: Iterable<Person>, options: ExportOptions) => Iterable<string>;

/** The text of a file, piece by piece. */
export function exported(
  people: Iterable<Person>,
  format: ExportFormat,
  options: ExportOptions,
): Iterable<string> {
  return WRITERS[format](people, options);
}

const WRITERS: Readonly<Record<ExportFormat, Writer>> = { csv, json, ndjson, dot };

/** RFC 4180, but with LF at the ends of lines, as everywhere in this program. */
function* csv(people: Iterable<Person>, { raw }: ExportOptions): Generator<string> {
  yield `${COLUMNS.join(',')}\n`;
  for (const some of inGroups(people)) {
    const records = some.map((person) => COLUMNS.map((column) => person[column]));
    yield stringify(records, { escape_formulas: !raw });
  }
}

function* json(people: Iterable<Person>): Generator<string> {
  let before = '[\n  ';
  for (const person of people) {
    yield before + asJson(person);
    before = ',\n  ';
  }
  yield before.startsWith('[') ? '[]\n' : '\n]\n';
}

function* ndjson(people: Iterable<Person>): Generator<string> {
  for (const person of people) yield `${asJson(person)}\n`;
}

function asJson(person: Person): string {
  const cells = COLUMNS.map((column) => [column, person[column]] as const);
  return JSON.stringify({
    ...Object.fromEntries(cells),
    attributes: JSON.parse(person.attributes),
  });
}

/** One call of the library for each record would take most of the time. */
function* inGroups<T>(items: Iterable<T>, size = 200): Generator<readonly T[]> {
  let group: T[] = [];
  for (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}
