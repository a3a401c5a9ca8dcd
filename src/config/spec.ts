import type { Kind } from './kinds.ts';

export const COMMANDS = [
  'crawl',
  'check',
  'status',
  'runs',
  'publish',
  'tree',
  'chain',
  'find',
  'stats',
  'diff',
  'findings',
  'query',
  'export',
  'chart',
  'backup',
  'prune',
  'forget',
  'simulate',
  'demo',
] as const;
export type Command = (typeof COMMANDS)[number];

/** Commands that answer from the database. */
export const READING = [
  'status',
  'runs',
  'tree',
  'chain',
  'find',
  'stats',
  'diff',
  'findings',
  'query',
  'export',
  'chart',
] as const;

/** Commands that change the database, and ask no directory. */
export const KEEPING = ['publish', 'backup', 'prune', 'forget'] as const;

/** Reading commands that can be asked about an earlier state. */
export const AS_OF = ['tree', 'chain', 'find', 'stats', 'findings', 'export', 'chart'] as const;

/** Headings of `--help` and of the example file, in their order. */
export const GROUPS = [
  'Directory',
  'Sign-in and TLS',
  'Pace',
  'Run',
  'Database',
  'Output',
  'Simulated directory',
] as const;
export type Group = (typeof GROUPS)[number];

/** One row of the table of options. Its name, in camelCase, is the file's key; flag and variable follow from it. */
export interface OptionSpec {
  /** The name in `Config`, with its unit where it has one. */
  readonly key: string;
  readonly kind: Kind<unknown>;
  /** Commands where it takes other values. */
  readonly kindFor?: Readonly<Partial<Record<Command, Kind<unknown>>>>;
  /** As a person would write it. Without one the value may be undefined. */
  readonly default?: string | number | boolean;
  /** Commands whose default is another one. */
  readonly defaultFor?: Readonly<Partial<Record<Command, string | number | boolean>>>;
  /** What holds where the option is not given and has no default, in a word or two. */
  readonly absent?: string;
  /** One line, without a full stop. */
  readonly help: string;
  readonly group: Group;
  readonly commands: readonly Command[];
  /** May be given several times: the value is a list, empty by default. */
  readonly repeatable?: true;
  /** Has no flag and no variable: it is too long for a line. */
  readonly fileOnly?: true;
  /** For the example file, where there is no default. */
  readonly example?: string | number | Readonly<Record<string, readonly string[]>>;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;
