// The parts of README.md that are written from the code: the options of a crawl, and the views with their columns.
import Database from 'better-sqlite3';
import { type FileRow, fileTable, type OptionRow, optionTable } from '../../src/config/options.ts';
import { FINDINGS } from '../../src/domain/findings.ts';
import { VIEWS, type ViewText } from '../../src/store/catalogue/views.ts';
import { migrate } from '../../src/store/file/migrate.ts';
import { publicViews } from './digest.ts';

/** The README with its generated parts as they must be. Throws where a marker is missing. */
export function regenerated(readme: string): string {
  const withOptions = between(readme, '<!-- options:crawl -->', '<!-- /options -->', optionsText());
  return between(withOptions, '<!-- views -->', '<!-- /views -->', viewsText());
}

/** Every public view of a new database, with its columns in their order. */
export function viewsOfSchema(): ReadonlyMap<string, readonly string[]> {
  return withSchema((database) => {
    const columns = database.prepare<[string], string>('SELECT name FROM pragma_table_info(?)');
    return new Map(publicViews(database).map((view) => [view, columns.pluck().all(view)]));
  });
}

/** Every table and view of a new database that is no promise. */
export function privateTables(): readonly string[] {
  return withSchema((database) => {
    const sql = `SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name`;
    const all = database.prepare<[], string>(sql).pluck().all();
    return all.filter((name) => !publicViews(database).includes(name));
  });
}

function withSchema<T>(use: (database: Database.Database) => T): T {
  const database = new Database(':memory:');
  try {
    migrate(database);
    return use(database);
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
  return Object.entries<ViewText>(VIEWS)
    .map(([name, view]) => viewText(name, view))
    .join('\n\n');
}

function viewText(name: string, { means, columns }: ViewText): string {
  const rows = groupsOf(name, columns).map(({ names, text }) => [names.map(code).join(', '), text]);
  const about = [`### ${code(name)}`, `${means}.`, table(['column', 'means'], rows)];
  const kinds = Object.entries(FINDINGS).map(([kind, text]) => [code(kind), text]);
  const more = name === 'findings' ? [table(['`findings.kind`', 'means'], kinds)] : [];
  return [...about, ...more].join('\n\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(tableLine).join('\n');
}

const code = (text: string) => `\`${text}\``;

interface ColumnGroup {
  readonly names: string[];
  readonly text: string;
}

/** Neighbours that mean what they mean in `employees` stand in one row. */
function groupsOf(view: string, columns: ViewText['columns']): readonly ColumnGroup[] {
  const known: ViewText['columns'] = view === 'employees' ? {} : VIEWS.employees.columns;
  const groups: ColumnGroup[] = [];
  for (const [name, means] of Object.entries(columns)) {
    const text = known[name] === means ? 'As in `employees`' : means;
    const last = groups.at(-1);
    if (last?.text === text) last.names.push(name);
    else groups.push({ names: [name], text });
  }
  return groups;
}
