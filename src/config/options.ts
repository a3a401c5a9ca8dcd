import type { Kind } from './kinds.ts';
import { crawlOptions } from './options-crawl.ts';
import { directoryOptions } from './options-directory.ts';
import { outputOptions } from './options-output.ts';
import { simulateOptions } from './options-simulate.ts';
import type { Command, OptionSpec } from './spec.ts';

/**
 * The one table of options: flags, environment variables, the config file's keys, `--help`, the example file and the
 * README all come from it, and so does the type of what a command gets.
 */
export const OPTIONS = {
  ...directoryOptions,
  ...crawlOptions,
  ...outputOptions,
  ...simulateOptions,
} as const;

type Options = typeof OPTIONS;
export type OptionName = keyof Options;

type KindOf<S extends OptionSpec, C extends Command> = S extends {
  readonly kindFor: { readonly [K in C]: infer K };
}
  ? K
  : S['kind'];

type Value<S extends OptionSpec, C extends Command> =
  KindOf<S, C> extends Kind<infer T>
    ? S extends { readonly repeatable: true }
      ? readonly T[]
      : S extends { readonly default: unknown }
        ? T
        : T | undefined
    : never;

/** What a command is given: frozen, with the unit in the name, every option that applies to it and no other. */
export type Config<C extends Command = Command> = {
  readonly [N in OptionName as C extends Options[N]['commands'][number]
    ? Options[N]['key']
    : never]: Value<Options[N], C>;
};

/** A row of the table under its name. */
export interface NamedOption extends OptionSpec {
  readonly name: OptionName;
}

const ALL: readonly NamedOption[] = Object.entries(OPTIONS).map(([name, spec]) => ({
  ...spec,
  name: name as OptionName,
}));

/** The options that apply to `command`, in the order of `--help`. */
export function optionsOf(command: Command): readonly NamedOption[] {
  return ALL.filter(({ commands }) => commands.includes(command)).map((option) => {
    return { ...option, kind: option.kindFor?.[command] ?? option.kind };
  });
}

/** Those that can be given as a flag or as a variable. */
export function flagsOf(command: Command): readonly NamedOption[] {
  return optionsOf(command).filter(({ fileOnly }) => !fileOnly);
}

export function isOptionName(name: string): name is OptionName {
  return Object.hasOwn(OPTIONS, name);
}

/** `requestTimeout` → `--request-timeout` */
export function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** `requestTimeout` → `ORGWALK_REQUEST_TIMEOUT` */
export function variableOf(name: string): string {
  return `ORGWALK_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The default for `command`, as a person would write it. */
export function defaultOf(
  option: OptionSpec,
  command: Command,
): string | number | boolean | undefined {
  return option.defaultFor?.[command] ?? option.default;
}

interface Row {
  readonly group: string;
  readonly placeholder: string;
  readonly default: string;
  readonly help: string;
}

/** A row of the options as `--help` and the README print them. */
export interface OptionRow extends Row {
  readonly flag: string;
  readonly env: string;
  readonly repeatable: boolean;
}

/** The same of what has neither flag nor variable. */
export interface FileRow extends Row {
  readonly name: string;
}

/** What can be given as a flag. */
export function optionTable(command: Command): readonly OptionRow[] {
  return flagsOf(command).map((option) => ({
    ...rowOf(option, command),
    flag: flagOf(option.name),
    env: variableOf(option.name),
    repeatable: option.repeatable ?? false,
  }));
}

/** What stands in the config file only. */
export function fileTable(command: Command): readonly FileRow[] {
  const options = optionsOf(command).filter(({ fileOnly }) => fileOnly);
  return options.map((option) => ({ ...rowOf(option, command), name: option.name }));
}

function rowOf(option: NamedOption, command: Command) {
  const { group, help, kind, absent = '' } = option;
  const value = String(defaultOf(option, command) ?? absent);
  return { group, help, placeholder: kind.placeholder, default: value };
}
