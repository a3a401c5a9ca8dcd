import { readFileSync } from 'node:fs';
import { type FileName, fromFile } from './file.ts';
import type { Fault } from './kinds.ts';
import { type Config, defaultOf, type NamedOption, optionsOf } from './options.ts';
import { ConfigError, type Problem, type Source, shown, whereOf } from './problem.ts';
import { type Facts, violations } from './rules.ts';
import { fromEnvironment, fromFlags, type Gathered, type Given } from './sources.ts';
import type { Command } from './spec.ts';

export interface ConfigInput {
  /** As the parser of the command line delivers them. */
  readonly flags: Readonly<Record<string, unknown>>;
  /** Names among `flags` that are arguments, not options. */
  readonly positionals?: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Reads the config file as text; throws as `readFileSync` does. */
  readonly readFile?: (path: string) => string;
  /** Whether a person can be asked for the password. */
  readonly interactive?: boolean;
  /** What is wrong with the arguments, to be told along with the rest. */
  readonly problems?: readonly Problem[];
}

/**
 * The configuration of `command`, frozen: flags before environment before config file before defaults.
 * @throws ConfigError that lists everything wrong in any of them, also where another one would have won
 */
export function loadConfig<C extends Command>(command: C, input: ConfigInput): Config<C> {
  const sources = gather(command, input);
  const read = optionsOf(command).map((option) => readOption(option, command, sources));
  const problems = [
    ...(input.problems ?? []),
    ...sources.flatMap((source) => source.problems),
    ...read.flatMap((option) => option.problems),
  ];
  const values = Object.fromEntries(read.map(({ key, value }) => [key, value]));
  const facts: Facts = { config: values, env: input.env, interactive: input.interactive ?? false };
  problems.push(...broken(facts, sources, problems));
  if (problems.length > 0) throw new ConfigError(problems, hintFor(command));
  // The table gives both the values and the type; that they agree, the compiler cannot see.
  return Object.freeze(values) as Config<C>;
}

/** From the weakest source to the strongest. */
function gather(command: Command, input: ConfigInput): readonly Gathered[] {
  const flags = fromFlags(command, input.flags, input.positionals ?? []);
  const environment = fromEnvironment(input.env);
  const name = optionsOf(command).some((option) => option.name === 'config')
    ? fileName([environment, flags])
    : undefined;
  const file = name ? [fromFile(name, input.readFile ?? readText)] : [];
  return [...file, environment, flags];
}

function fileName(sources: readonly Gathered[]): FileName | undefined {
  const named = sources.flatMap(({ given }) => given).findLast(({ option }) => option === 'config');
  if (typeof named?.raw !== 'string' || named.raw === '') return undefined;
  return { path: named.raw, source: named.source, where: named.where };
}

function readText(path: string): string {
  return readFileSync(path, 'utf8');
}

interface Read {
  readonly key: string;
  readonly value: unknown;
  readonly problems: readonly Problem[];
}

function readOption(option: NamedOption, command: Command, sources: readonly Gathered[]): Read {
  const given = sources
    .flatMap((source) => source.given)
    .filter((one) => one.option === option.name);
  const values = given.map((one) => ({ one, value: readGiven(option, one) }));
  const problems = values
    .filter(({ value }) => value === undefined)
    .flatMap(({ one }) => refusals(option, one));
  const fallback = option.repeatable ? Object.freeze([]) : defaultValue(option, command);
  // A refused value leaves no trace of a default: rules would then speak of what nobody asked for.
  const value = given.length > 0 ? values.at(-1)?.value : fallback;
  return { key: option.key, value, problems };
}

function defaultValue(option: NamedOption, command: Command): unknown {
  const written = defaultOf(option, command);
  return written === undefined ? undefined : option.kind.parse(written);
}

function readGiven(option: NamedOption, { raw, source, folder }: Given): unknown {
  if (!option.repeatable) return Array.isArray(raw) ? undefined : option.kind.parse(raw, folder);
  const items = listOf(option, raw, source).map((item) => option.kind.parse(item, folder));
  return items.length === 0 || items.includes(undefined) ? undefined : Object.freeze(items);
}

function listOf(option: NamedOption, raw: unknown, source: Source): readonly unknown[] {
  if (Array.isArray(raw)) return raw;
  if (source !== 'environment') return [raw];
  const items = String(raw).split(option.kind.separator ?? '\n');
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

function refusals(option: NamedOption, given: Given): readonly Problem[] {
  const { kind } = option;
  return culprits(option, given).flatMap((culprit) => {
    const faults = kind.faults?.(culprit) ?? [];
    if (faults.length > 0) return faults.map((fault) => faulty(option, given, fault));
    const hint = kind.hint?.(culprit);
    return {
      option: option.name,
      where: given.where,
      source: given.source,
      expected: Array.isArray(culprit) ? `${kind.expected}, once` : kind.expected,
      got: kind.hidden?.(culprit) ? 'one that may hold a secret (not shown)' : shown(culprit),
      ...(hint === undefined ? {} : { hint }),
    };
  });
}

function faulty({ name }: NamedOption, given: Given, { part, got, ...fault }: Fault): Problem {
  const where = given.where.replace(name, () => `${name}.${part}`);
  return { option: name, where, source: given.source, ...fault, got: shown(got) };
}

function culprits(option: NamedOption, { raw, source, folder }: Given): readonly unknown[] {
  const items = option.repeatable ? listOf(option, raw, source) : [raw];
  // An empty list is its own culprit.
  if (items.length === 0) return [undefined];
  return items.filter(
    (item) => Array.isArray(item) || option.kind.parse(item, folder) === undefined,
  );
}

// An option that was refused by itself is not blamed twice.
function broken(
  facts: Facts,
  sources: readonly Gathered[],
  problems: readonly Problem[],
): readonly Problem[] {
  const blamed = new Set(problems.map(({ option }) => option));
  const given = sources.flatMap((source) => source.given);
  return violations(facts)
    .filter(({ option }) => !blamed.has(option))
    .map((violation) => {
      const origin = given.findLast(({ option }) => option === violation.option);
      const where = origin?.where ?? whereOf(violation.option, 'flag');
      return { ...violation, where, source: origin?.source ?? 'flag' };
    });
}

function hintFor(command: Command): string {
  return `\`orgwalk ${command} --help\` for the list of options`;
}
