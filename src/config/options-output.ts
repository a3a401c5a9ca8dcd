import { choice, flag, integer, path } from './kinds.ts';
import { COMMANDS, type OptionTable, READING } from './spec.ts';

/** Where the result is, and how it is shown. */
export const outputOptions = {
  db: {
    key: 'db',
    kind: path,
    default: './orgwalk.db',
    defaultFor: { demo: './demo.db' },
    help: 'Database file',
    group: 'Database',
    commands: ['crawl', 'check', ...READING, 'demo'],
  },
  config: {
    key: 'config',
    kind: path,
    absent: 'none',
    help: 'Config file (YAML or JSON) with these options under their names in camelCase',
    group: 'Database',
    commands: ['crawl', 'check', ...READING],
  },
  format: {
    key: 'format',
    kind: choice('table', 'json', 'ndjson', 'csv'),
    default: 'table',
    help: 'Form of the answer',
    group: 'Output',
    commands: READING,
  },
  depth: {
    key: 'depth',
    kind: integer(0, 10_000, 'all'),
    default: 3,
    help: 'Levels to show below WHO (0 = all)',
    group: 'Output',
    commands: ['tree'],
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
