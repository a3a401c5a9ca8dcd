// The parts of README.md that are written from the code: the options of a crawl, and the views with their columns.
import Database from 'better-sqlite3';
import { type FileRow, fileTable, type OptionRow, optionTable } from '../../src/config/options.ts';
import { migrate } from '../../src/store/migrate.ts';
import { publicViews } from './digest.ts';

/** The README with its generated parts as they must be. Throws where a marker is missing. */
export function regenerated(readme: string): string {
  const withOptions = between(readme, '<!-- options:crawl -->', '<!-- /options -->', optionsText());
  return between(withOptions, '<!-- views -->', '<!-- /views -->', viewsText());
}

/** Every public view of a new database, with its columns in their order. */
export function viewsOfSchema(): ReadonlyMap<string, readonly string[]> {
  const database = new Database(':memory:');
  try {
    migrate(database);
    const columns = database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)');
    return new Map(publicViews(database).map((view) => [view, columns.pluck().all(view)]));
  } finally {
    database.close();
  }
}

function between(text: string, start: string, end: string, content: string): string {
  const from = text.indexOf(start);
  const to = text.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`README.md lacks ${start} … ${end}`);
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}

function optionsText(): string {
  const head = '| flag | default | means | variable |\n| --- | --- | --- | --- |';
  const rows = [...optionTable('crawl').map(optionLine), ...fileTable('crawl').map(fileLine)];
  return [head, ...rows].join('\n');
}

function optionLine({
  flag,
  placeholder,
  default: value,
  help,
  env,
  repeatable,
}: OptionRow): string {
  const shown = placeholder === '' ? flag : `${flag} <${placeholder}>`;
  const isSwitch = placeholder === '';
  const cells = [
    `\`${shown}\``,
    isSwitch || value === '' ? '' : value,
    `${help}${repeatable ? '; may be given several times' : ''}`,
    `\`${env}\``,
  ];
  return tableLine(cells);
}

function fileLine({ name, default: value, help }: FileRow): string {
  return tableLine([`\`${name}:\``, value, help, 'in the config file only']);
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function viewsText(): string {
  const lines = [...viewsOfSchema()].map(
    ([view, columns]) => `| \`${view}\` | ${columns.join(', ')} |`,
  );
  return ['| view | columns |', '| --- | --- |', ...lines].join('\n');
}
