import yargs, { type Argv } from 'yargs';
import { loadConfig } from '../config/load.ts';
import { flagOf, optionsOf, optionTable } from '../config/options.ts';
import { promptSecret } from '../config/prompt.ts';
import { EXIT, type ExitCode, OrgwalkError, UsageError } from '../domain/errors.ts';
import type { CommandSpec } from './command.ts';
import { COMMAND_SPECS } from './commands.ts';
import { type Io, printable } from './terminal.ts';
import { version } from './version.ts';

/** Runs one command line. Nothing else ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  closeQuietly(process.stdout);
  closeQuietly(process.stderr);
  const io = processIo();
  try {
    process.exitCode = await run(argv, io);
  } catch (error) {
    process.exitCode = tell(error, io, argv.includes('--debug'));
  }
}

/** Whoever reads us may stop reading: `orgwalk tree ceo | head` is no error. */
function closeQuietly(stream: NodeJS.WriteStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.usage;
  const parser = commandLine(async (spec, argv) => {
    code = await call(spec, argv, io);
  });
  if (argv.length === 0) {
    io.err(`${await parser.getHelp()}\n`);
    return EXIT.usage;
  }
  let printed = '';
  await parser.parseAsync([...argv], (error: Error | undefined, _: unknown, output: string) => {
    if (error) throw error;
    printed = output;
  });
  if (printed === '') return code;
  io.out(`${printed}\n`);
  return EXIT.ok;
}

type Handler = (spec: CommandSpec, flags: Readonly<Record<string, unknown>>) => Promise<void>;

function commandLine(handler: Handler): Argv {
  const parser = yargs()
    .scriptName('orgwalk')
    .usage(
      '$0 <command> [options]\n\nWalks the org chart in an LDAP directory into a SQLite database.',
    )
    .version(version())
    .help()
    .alias({ help: 'h' })
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    // Values are read by the option table alone, which tells what was expected: the parser must not guess types.
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'dot-notation': false,
      'boolean-negation': false,
    })
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageError(message, '`orgwalk --help` lists every command');
    })
    .demandCommand(1, 'no command was given')
    .epilogue('`orgwalk <command> --help` tells more. First steps: orgwalk demo');
  for (const spec of COMMAND_SPECS) addCommand(parser, spec, handler);
  return parser.command('*', false, {}, (flags) => {
    const [name = ''] = flags._;
    throw new UsageError(
      `there is no command ${printable(String(name))}`,
      '`orgwalk --help` lists every command',
    );
  });
}

function addCommand(parser: Argv, spec: CommandSpec, handler: Handler): void {
  const { command, argument, summary, examples } = spec;
  const usage =
    argument === undefined ? command : `${command} <${argument.name}${argument.words ? '..' : ''}>`;
  parser.command(
    usage,
    summary,
    (sub) => {
      if (argument) sub.positional(argument.name, { type: 'string', describe: argument.help });
      for (const row of optionsOf(command)) addOption(sub, spec, row.name);
      for (const [line, what] of examples) sub.example(line, what);
      return sub.epilogue('');
    },
    (flags) => handler(spec, flags),
  );
}

function addOption(sub: Argv, { command }: CommandSpec, name: string): void {
  const row = optionTable(command).find(({ flag }) => flag === flagOf(name));
  if (row === undefined) return;
  const isFlag = row.placeholder === '';
  sub.option(row.flag.slice(2), {
    type: isFlag ? 'boolean' : 'string',
    describe: row.help,
    group: `${row.group}:`,
    requiresArg: !isFlag,
    ...(row.default === '' || isFlag ? {} : { defaultDescription: row.default }),
  });
}

async function call(
  spec: CommandSpec,
  flags: Readonly<Record<string, unknown>>,
  io: Io,
): Promise<ExitCode> {
  const { command, argument } = spec;
  const positionals = argument === undefined ? [] : [argument.name];
  const extra = flags['_'] as readonly unknown[];
  if (extra.length > 1) {
    throw new UsageError(
      `unexpected argument ${printable(String(extra[1]))}`,
      `\`orgwalk ${command} --help\` tells what it takes`,
    );
  }
  const config = loadConfig(command, {
    flags,
    positionals,
    env: io.env,
    interactive: io.prompt !== undefined,
  });
  const words = argument === undefined ? [] : [flags[argument.name]].flat();
  const { run } = await spec.load();
  return run({ config, argument: words.join(' ') }, io);
}

/** Two lines: what happened, and what to do. */
function tell(error: unknown, io: Io, debug: boolean): ExitCode {
  if (error instanceof OrgwalkError) {
    io.err(`Error: ${error.message}\nTry: ${error.hint}\n`);
    if (debug) io.err(`${error.stack}\n${String(error.cause ?? '')}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? error.message : String(error);
  io.err(`Error: unexpected: ${text}\nTry: run it again with --debug and report what it prints\n`);
  if (debug && error instanceof Error) io.err(`${error.stack}\n`);
  return EXIT.bug;
}

function processIo(): Io {
  const { stdin, stdout, stderr } = process;
  const io: Io = {
    env: process.env,
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
    errColumns: stderr.columns ?? 80,
  };
  if (stdin.isTTY !== true || stderr.isTTY !== true) return io;
  const interrupt = () => process.kill(process.pid, 'SIGINT');
  return {
    ...io,
    prompt: (question) => promptSecret(question, { input: stdin, output: stderr, interrupt }),
  };
}
