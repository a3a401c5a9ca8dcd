import { type FileRow, fileTable, type OptionRow, optionTable } from '../config/options.ts';
import { GROUPS } from '../config/spec.ts';
import type { CommandSpec } from './command.ts';

/** Columns: wider text is hard to read. */
const WIDEST = 100;
/** Where the explanation of an option begins; a longer option has a line of its own. */
const COLUMN = 30;

/** `orgwalk --help` */
export function helpOfAll(specs: readonly CommandSpec[], columns = WIDEST): string {
  return sections([
    'orgwalk <command> [options]',
    'Walks the org chart in an LDAP directory into a SQLite database.',
    ['Commands', ...specs.flatMap((spec) => entry(nameOf(spec), spec.summary, columns))].join('\n'),
    ['Options', ...COMMON.flatMap(([option, what]) => entry(option, what, columns))].join('\n'),
    '`orgwalk <command> --help` tells more. First steps: orgwalk demo',
  ]);
}

/** `orgwalk <command> --help`: every option of the command, with its default. */
export function helpOf(spec: CommandSpec, columns = WIDEST): string {
  const { command, summary, argument, needs = '', examples } = spec;
  const rows = optionTable(command);
  const options = GROUPS.map((group) => rows.filter((row) => row.group === group))
    .filter((group) => group.length > 0)
    .map((group) => groupText(group, columns));
  return sections([
    `orgwalk ${nameOf(spec)} ${needs}[options]`,
    summary,
    ...(argument ? [entry(`<${argument.name}>`, argument.help, columns).join('\n')] : []),
    ...options,
    ...fileText(fileTable(command), columns),
    ['Examples', ...examples.map(([line, what]) => `  ${line}\n      ${what}`)].join('\n'),
    wrapped(SOURCES, Math.min(columns, WIDEST)).join('\n'),
  ]);
}

const COMMON = [
  ['-h, --help', 'Tell more, also about one command'],
  ['--version', 'Print the version'],
] as const;

const SOURCES =
  'Every option can be set by a variable as well: ORGWALK_PAGE_SIZE=100 is --page-size 100. A flag wins over a variable, a variable over the config file.';

function nameOf({ command, argument }: CommandSpec): string {
  if (argument === undefined) return command;
  return `${command} ${argument.optional ? `[${argument.name}]` : `<${argument.name}>`}`;
}

function groupText(rows: readonly OptionRow[], columns: number): string {
  const lines = rows.flatMap((row) => {
    const value = row.placeholder === '' ? '' : ` <${row.placeholder}>`;
    return entry(`${row.flag}${value}`, `${row.help}${remark(row)}`, columns);
  });
  return [rows[0]?.group, ...lines].join('\n');
}

function fileText(rows: readonly FileRow[], columns: number): readonly string[] {
  if (rows.length === 0) return [];
  const lines = rows.flatMap(({ name, help, default: value }) => {
    return entry(`${name}:`, `${help} (default: ${value})`, columns);
  });
  return [['In the config file only', ...lines].join('\n')];
}

function remark({ default: value, placeholder, repeatable }: OptionRow): string {
  const remarks = [
    ...(repeatable ? ['may be given several times'] : []),
    ...(value === '' || placeholder === '' ? [] : [`default: ${value}`]),
  ];
  return remarks.length === 0 ? '' : ` (${remarks.join('; ')})`;
}

function entry(left: string, right: string, columns: number): readonly string[] {
  const text = wrapped(right, Math.max(30, Math.min(columns, WIDEST) - COLUMN));
  const fits = left.length + 4 <= COLUMN;
  const lines = text.map((line, i) => {
    return `${(i === 0 && fits ? `  ${left}` : '').padEnd(COLUMN)}${line}`;
  });
  return fits ? lines : [`  ${left}`, ...lines];
}

/** Lines of at most `width` characters, broken between words. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

function sections(texts: readonly string[]): string {
  return `${texts.join('\n\n')}\n`;
}
