import { choice, duration, fileMode, flag, integer, type Kind, path, text } from './kinds.ts';
import { AS_OF, COMMANDS, KEEPING, type OptionTable, READING } from './spec.ts';

/** `-` is stdout also in a config file, whose paths are relative to it. */
const pathOrStdout: Kind<string> = {
  ...path,
  parse: (raw, folder) => (raw === '-' ? raw : path.parse(raw, folder)),
};

/** Where the result is, and how it is shown. */
export const outputOptions = {
  db: {
    key: 'db',
    kind: path,
    default: './orgwalk.db',
    defaultFor: { demo: './demo.db' },
    help: 'Database file',
    group: 'Database',
    commands: ['crawl', 'check', ...READING, ...KEEPING, 'demo'],
  },
  config: {
    key: 'config',
    kind: path,
    absent: 'none',
    help: 'Config file (YAML or JSON) with these options under their names in camelCase',
    group: 'Database',
    commands: ['crawl', 'check', ...READING, ...KEEPING],
  },
  format: {
    key: 'format',
    kind: choice('table', 'json', 'ndjson', 'csv'),
    kindFor: { export: choice('csv', 'json', 'ndjson', 'dot') },
    default: 'table',
    defaultFor: { export: 'csv' },
    help: 'Form of the answer',
    group: 'Output',
    commands: [
      ...(['status', 'runs', 'tree', 'chain', 'find', 'stats', 'diff', 'findings'] as const),
      ...(['query', 'export'] as const),
    ],
  },
  asOf: {
    key: 'asOf',
    kind: text('a date, a time or the number of a run', 'date|run'),
    absent: 'the published state',
    help: 'Answer from the state published last at that time (UTC; a date: at its end), or by that run',
    group: 'Database',
    commands: AS_OF,
  },
  depth: {
    key: 'depth',
    kind: integer(0, 10_000, 'all'),
    default: 3,
    help: 'Levels to show below WHO (0 = all)',
    group: 'Output',
    commands: ['tree'],
  },
  kind: {
    key: 'kind',
    kind: text('a kind of finding such as `cycle`', 'kind'),
    absent: 'all',
    help: 'Only findings of this kind',
    group: 'Output',
    commands: ['findings'],
  },
  out: {
    key: 'out',
    kind: pathOrStdout,
    default: '-',
    defaultFor: { chart: './org.html' },
    help: 'File to write, replaced when it is complete (- = stdout)',
    group: 'Output',
    commands: ['export', 'chart'],
  },
  raw: {
    key: 'raw',
    kind: flag,
    default: false,
    help: 'Leave CSV cells that begin like a formula as they are',
    group: 'Output',
    commands: ['export'],
  },
  mode: {
    key: 'mode',
    kind: fileMode,
    default: '0600',
    help: 'Permissions of the file',
    group: 'Output',
    commands: ['backup'],
  },
  keep: {
    key: 'keepMs',
    kind: duration('1d', '3650d'),
    default: '90d',
    help: 'How much history stays',
    group: 'Database',
    commands: ['prune'],
  },
  json: {
    key: 'json',
    kind: flag,
    default: false,
    help: 'Print the summary as one JSON object',
    group: 'Output',
    commands: ['crawl', 'check'],
  },
  progress: {
    key: 'progress',
    kind: choice('auto', 'bar', 'log', 'none'),
    default: 'auto',
    help: 'A live line, a log line every 10 s, or nothing; auto: by whether stderr is a terminal',
    group: 'Output',
    commands: ['crawl', 'demo'],
  },
  debug: {
    key: 'debug',
    kind: flag,
    default: false,
    help: 'Show the stack trace of an error',
    group: 'Output',
    commands: COMMANDS,
  },
} as const satisfies OptionTable;
