import {
  flagOf,
  flagsOf,
  isOptionName,
  type NamedOption,
  type OptionName,
  optionsOf,
  variableOf,
} from './options.ts';
import { type Problem, type Source, whereOf } from './problem.ts';
import { COMMANDS, type Command } from './spec.ts';
import { nearest } from './suggest.ts';

/** What one source says about one option, as it came. */
export interface Given {
  readonly option: OptionName;
  readonly raw: unknown;
  readonly source: Source;
  readonly where: string;
  /** What a relative path is relative to; the working directory where undefined. */
  readonly folder?: string;
}

/** What one source says, and what in it belongs to no option. */
export interface Gathered {
  readonly given: readonly Given[];
  readonly problems: readonly Problem[];
}

/** Not an option: {@link readBindPassword} reads it, and no value of it gets into the config. */
export const PASSWORD_VARIABLE = 'ORGWALK_BIND_PASSWORD';

const PREFIX = 'ORGWALK_';

// What the parser of the command line adds of its own.
const PARSER_KEYS = new Set(['_', '$0', 'help', 'version']);

/**
 * The command line. Keys may come in camelCase, in kebab-case, or as both, as yargs delivers them.
 * @param positionals names of arguments that are no options
 */
export function fromFlags(
  command: Command,
  flags: Readonly<Record<string, unknown>>,
  positionals: readonly string[],
): Gathered {
  const names = flagsOf(command).map(({ name }) => name);
  const keys = Object.keys(flags).filter((key) => flags[key] !== undefined);
  const ours = keys.filter((key) => !PARSER_KEYS.has(key) && !positionals.includes(key));
  const byName = new Map(ours.map((key) => [camelCase(key), flags[key]]));
  return split(byName, (name) => names.find((known) => known === name), {
    known: (option, raw) => ({ option, raw, source: 'flag', where: flagOf(option) }),
    unknown: (name) => unknownFlag(command, name, names),
  });
}

/** Variables that begin with `ORGWALK_`. An empty one counts as not set, as is usual for variables. */
export function fromEnvironment(env: Readonly<Record<string, string | undefined>>): Gathered {
  const variables = Object.entries(env).filter(([name, value]) => {
    return (
      name.startsWith(PREFIX) && name !== PASSWORD_VARIABLE && value !== undefined && value !== ''
    );
  });
  return split(new Map(variables), (variable) => BY_VARIABLE.get(variable), {
    known: (option, raw) => ({ option, raw, source: 'environment', where: variableOf(option) }),
    unknown: unknownVariable,
  });
}

/** The keys of the config file. Those of other commands are no concern of this one. @param file its path, for messages */
export function fromKeys(
  keys: ReadonlyMap<string, unknown>,
  file: string,
  folder: string,
): Gathered {
  const option = (key: string) => (isOptionName(key) && key !== 'config' ? key : undefined);
  return split(keys, option, {
    known: (name, raw) => ({
      option: name,
      raw,
      source: 'file',
      where: whereOf(name, 'file', file),
      folder,
    }),
    unknown: (key) => unknownKey(key, file),
  });
}

interface Sorting {
  readonly known: (option: OptionName, raw: unknown) => Given;
  readonly unknown: (name: string) => Problem;
}

function split(
  values: ReadonlyMap<string, unknown>,
  optionNamed: (name: string) => OptionName | undefined,
  sorting: Sorting,
): Gathered {
  const given: Given[] = [];
  const problems: Problem[] = [];
  for (const [name, raw] of values) {
    const option = optionNamed(name);
    if (option === undefined) problems.push(sorting.unknown(name));
    else given.push(sorting.known(option, raw));
  }
  return { given, problems };
}

function unknownFlag(command: Command, name: string, names: readonly string[]): Problem {
  const base = { option: name, where: writtenAs(name), source: 'flag' } as const;
  if (name === 'bindPassword') return { ...base, ...PASSWORD_IN_SIGHT };
  const near = name === 'json' && names.includes('format') ? 'format json' : nearest(name, names);
  return {
    ...base,
    expected: `an option of \`orgwalk ${command}\``,
    got: isOptionName(name) ? strayed(name) : 'an unknown one',
    ...(near === undefined ? {} : { hint: `did you mean \`${flagOf(near)}\`?` }),
  };
}

function strayed(name: OptionName): string {
  return OPTIONS_OF_FILES.has(name) ? 'one for the config file only' : 'one of another command';
}

/** An unknown flag, as it was written as far as that is still known. */
function writtenAs(name: string): string {
  if (name.length === 1) return `-${name}`;
  return /^[a-z]/.test(name) ? flagOf(name) : `--${name}`;
}

function unknownVariable(variable: string): Problem {
  // Without the prefix, which would make any two look alike.
  const near = nearest(variable.slice(PREFIX.length), BARE_VARIABLES);
  const forFile = [...OPTIONS_OF_FILES].some((name) => variableOf(name) === variable);
  return {
    option: variable,
    where: variable,
    source: 'environment',
    expected: 'the variable of an option',
    got: forFile ? 'one for the config file only' : 'an unknown one',
    ...(near === undefined ? {} : { hint: `did you mean \`${PREFIX}${near}\`?` }),
  };
}

function unknownKey(key: string, file: string): Problem {
  const base = { option: key, where: whereOf(key, 'file', file), source: 'file' } as const;
  if (camelCase(key) === 'bindPassword') return { ...base, ...PASSWORD_IN_SIGHT };
  const near = nearest(camelCase(key), ALL_NAMES);
  return {
    ...base,
    expected: 'the name of an option in camelCase',
    got: key === 'config' ? 'a config file inside a config file' : 'an unknown one',
    ...(near === undefined || key === 'config' ? {} : { hint: `did you mean \`${near}\`?` }),
  };
}

const PASSWORD_IN_SIGHT = {
  expected: 'no password where others can read it',
  got: 'one (not shown)',
  hint: `use --bind-password-file, ${PASSWORD_VARIABLE}, or the prompt`,
} as const;

const ALL_OPTIONS: readonly NamedOption[] = COMMANDS.flatMap(optionsOf);
const ALL_NAMES: readonly OptionName[] = [...new Set(ALL_OPTIONS.map(({ name }) => name))];
const OPTIONS_OF_FILES: ReadonlySet<OptionName> = new Set(
  ALL_OPTIONS.filter(({ fileOnly }) => fileOnly).map(({ name }) => name),
);
const BY_VARIABLE: ReadonlyMap<string, OptionName> = new Map(
  ALL_NAMES.filter((name) => !OPTIONS_OF_FILES.has(name)).map((name) => [variableOf(name), name]),
);
const BARE_VARIABLES = [...BY_VARIABLE.keys(), PASSWORD_VARIABLE].map((name) =>
  name.slice(PREFIX.length),
);

function camelCase(key: string): string {
  return key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
