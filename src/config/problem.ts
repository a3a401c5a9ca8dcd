import { UsageError } from '../domain/errors.ts';
import { flagOf, variableOf } from './options.ts';

export type Source = 'flag' | 'environment' | 'file';

/** One thing that is wrong with the configuration. */
export interface Problem {
  /** Its name in camelCase, or the unknown name as it came. */
  readonly option: string;
  /** As its source spells it: `--page-size`, `ORGWALK_PAGE_SIZE`, `pageSize in orgwalk.yaml`. */
  readonly where: string;
  /** Completes "expected …". */
  readonly expected: string;
  /** Completes "got …", ready to be shown: never a secret. */
  readonly got: string;
  readonly source: Source;
  /** What to do, where that is not plain from what was expected. */
  readonly hint?: string;
}

/** Everything that is wrong with the configuration, at once. */
export class ConfigError extends UsageError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], hint: string, options?: { readonly cause?: unknown }) {
    super(summary(problems.map(describe)), hint, options);
    this.problems = problems;
  }
}

function summary(lines: readonly string[]): string {
  if (lines.length === 1) return lines.join();
  return [
    `${lines.length} problems in the configuration`,
    ...lines.map((line) => `  ${line}`),
  ].join('\n');
}

function describe(problem: Problem): string {
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  return `${printable(problem.where)}: expected ${problem.expected}, got ${problem.got}${hint}`;
}

/** How `source` spells an option. @param file path of the config file */
export function whereOf(option: string, source: Source, file = 'the config file'): string {
  switch (source) {
    case 'flag':
      return flagOf(option);
    case 'environment':
      return variableOf(option);
    case 'file':
      return `${option} in ${file}`;
    default:
      return source satisfies never;
  }
}

const LONGEST_SHOWN = 60;

/** A value as messages show it: in backticks, cut where long, its control characters escaped. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === '') return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a mapping';
  const text = printable(String(value));
  return `\`${text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text}\``;
}

// A newline could forge a line of output, an escape or a bidirectional override repaint the terminal.
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (char) => {
    return `\\u{${char.codePointAt(0)?.toString(16)}}`;
  });
}
