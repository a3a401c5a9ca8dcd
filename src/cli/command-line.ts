import yargs, { type Argv } from 'yargs';
import { version } from '../app/version.ts';
import { loadConfig } from '../config/load.ts';
import { optionTable } from '../config/options.ts';
import { type Problem, shown } from '../config/problem.ts';
import { nearest } from '../config/suggest.ts';
import { EXIT, type ExitCode, UsageError } from '../domain/errors.ts';
import type { CommandSpec } from './command.ts';
import { COMMAND_SPECS } from './commands.ts';
import { helpOf, helpOfAll } from './help.ts';
import type { Io } from './terminal.ts';

type Flags = Readonly<Record<string, unknown>>;

/** What the command line may change in how errors are told. */
export interface Settings {
  debug: boolean;
}

/** Finds the command, reads its configuration, runs it. Rejects with what is to be told to the person. */
export async function runCommandLine(
  argv: readonly string[],
  io: Io,
  settings: Settings,
): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const { rest, switches } = writtenSwitches(argv);
  refuseInherited(rest);
  const parser = commandLine(async (spec, flags) => {
    code = await call(spec, { ...flags, ...switches }, io, settings);
  });
  let printed = '';
  await parser.parseAsync([...rest], (error: Error | undefined, _: unknown, output: string) => {
    if (error) throw error;
    printed = output;
  });
  if (printed !== '') io.out(`${printed}\n`);
  return code;
}

/** `--fresh=yes`: yargs would take it for false, so such values go to the option table as they came. */
function writtenSwitches(argv: readonly string[]) {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const isWritten = (arg: string, at: number) => at < end && SWITCH_WITH_VALUE.test(arg);
  const switches = argv.filter(isWritten).map((arg) => {
    const [, name = '', value = ''] = SWITCH_WITH_VALUE.exec(arg) ?? [];
    return [name, value] as const;
  });
  const rest = argv.filter((arg, at) => !isWritten(arg, at));
  return { rest: withDashes(rest), switches: Object.fromEntries(switches) };
}

/** `--out -`: yargs would take the dash, which is the usual name of stdout, for an argument. */
function withDashes(argv: readonly string[]): readonly string[] {
  const joined: string[] = [];
  for (const arg of argv) {
    if (arg === '-' && /^--[^=]+$/.test(joined.at(-1) ?? '')) joined.push(`${joined.pop()}=-`);
    else joined.push(arg);
  }
  return joined;
}

const SWITCHES = COMMAND_SPECS.flatMap(({ command }) => optionTable(command))
  .filter(({ placeholder }) => placeholder === '')
  .map(({ flag }) => flag.slice(2));
const SWITCH_WITH_VALUE = new RegExp(`^--(${[...new Set(SWITCHES)].join('|')})=(.*)$`, 's');

/** yargs looks names up in plain objects, and stumbles over what these inherit. */
function refuseInherited(argv: readonly string[]): void {
  const names = argv.map((arg) => /^--?([^=]*)/.exec(arg)?.[1] ?? '');
  const inherited = names.find((name) => name in {});
  if (inherited !== undefined) throw new UsageError(`there is no option --${inherited}`, LIST_ALL);
}

type Handler = (spec: CommandSpec | undefined, flags: Flags) => Promise<void>;

function commandLine(handler: Handler): Argv {
  const parser = yargs()
    .scriptName('orgwalk')
    .version(version())
    .help(false)
    .option('help', { alias: 'h', type: 'boolean' })
    // Values are read by the option table alone, which tells what was expected: the parser must not guess types.
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'boolean-negation': false,
    })
    .exitProcess(false)
    .fail((message, error) => {
      throw message ? new UsageError(message, LIST_ALL, { cause: error }) : error;
    });
  for (const spec of COMMAND_SPECS) addCommand(parser, spec, handler);
  return parser.command('*', false, {}, (flags) => handler(undefined, flags));
}

const LIST_ALL = '`orgwalk --help` lists every command';

/** What the option needs is not asked here: the option table tells it, with everything else that is wrong. */
function addCommand(parser: Argv, spec: CommandSpec, handler: Handler): void {
  const { command, argument } = spec;
  const usage =
    argument === undefined ? command : `${command} [${argument.name}${argument.words ? '..' : ''}]`;
  parser.command(
    usage,
    spec.summary,
    (sub) => {
      if (argument) sub.positional(argument.name, { type: 'string' });
      for (const { flag, placeholder } of optionTable(command)) {
        sub.option(flag.slice(2), { type: placeholder === '' ? 'boolean' : 'string' });
      }
      return sub;
    },
    (flags) => handler(spec, flags),
  );
}

async function call(
  spec: CommandSpec | undefined,
  flags: Flags,
  io: Io,
  settings: Settings,
): Promise<ExitCode> {
  const [name, about] = flags['_'] as readonly unknown[];
  if (flags['help'] === true || name === 'help') {
    const topic = spec ?? COMMAND_SPECS.find(({ command }) => command === about);
    io.out(topic ? helpOf(topic, io.outColumns) : helpOfAll(COMMAND_SPECS, io.outColumns));
    return EXIT.ok;
  }
  if (spec === undefined) throw noSuchCommand(flags, io);
  const { command, argument } = spec;
  const text = argumentText(spec, flags);
  const config = loadConfig(command, {
    flags,
    positionals: argument === undefined ? [] : [argument.name],
    env: io.env,
    interactive: io.prompt !== undefined,
    problems: argumentProblems(spec, flags, text),
  });
  settings.debug ||= config.debug;
  const { run } = await spec.load();
  return run({ config, argument: text }, io);
}

function noSuchCommand(flags: Flags, io: Io): UsageError {
  const [name] = flags['_'] as readonly unknown[];
  if (name === undefined) {
    io.err(`${helpOfAll(COMMAND_SPECS, io.errColumns)}\n`);
    return new UsageError('no command was given', 'orgwalk demo');
  }
  const near = nearest(
    String(name),
    COMMAND_SPECS.map(({ command }) => command),
  );
  const hint = near === undefined ? LIST_ALL : `orgwalk ${near}`;
  return new UsageError(`there is no command ${shown(name)}`, hint);
}

/** What stands behind `--` is meant as it is, also where it begins with a dash. */
function argumentText({ argument }: CommandSpec, flags: Flags): string {
  if (argument === undefined) return '';
  const [, ...behind] = flags['_'] as readonly unknown[];
  return [flags[argument.name] ?? [], behind].flat().join(' ').trim();
}

function argumentProblems(
  { command, argument }: CommandSpec,
  flags: Flags,
  text: string,
): readonly Problem[] {
  if (argument === undefined) {
    const [, ...surplus] = flags['_'] as readonly unknown[];
    const expected = `none after \`orgwalk ${command}\``;
    const where = { option: '', where: 'argument', source: 'flag' } as const;
    return surplus.map((one) => ({ ...where, expected, got: shown(one) }));
  }
  if (text !== '' || argument.optional) return [];
  const { name, help } = argument;
  const expected = `${help[0]?.toLowerCase()}${help.slice(1)}`;
  return [{ option: name, where: `<${name}>`, source: 'flag', expected, got: 'nothing' }];
}
