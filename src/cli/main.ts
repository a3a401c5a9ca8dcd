import { createInterface } from 'node:readline/promises';
import { promptSecret } from '../config/prompt.ts';
import { EXIT, type ExitCode, OrgwalkError, UsageError } from '../domain/errors.ts';
import { runCommandLine } from './command-line.ts';
import { type Io, printable } from './terminal.ts';

/** How long what a command has left behind may keep the process: a name that is being resolved, a socket that lingers. */
const LINGER_MS = 2_000;

/** Runs one command line. Nothing else ends the process. */
export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', refuseUnwritable);
  // Talk that nobody can hear, be it a full disk or a terminal that is gone, is no reason to stop.
  process.stderr.on('error', () => {});
  const io = processIo();
  const settings = { debug: argv.includes('--debug') };
  process.on('uncaughtException', (error) => process.exit(tell(error, io, settings.debug)));
  try {
    process.exitCode = await runCommandLine(argv, io, settings);
  } catch (error) {
    process.exitCode = tell(error, io, settings.debug);
  }
  setInterval(exitWhenSaid, LINGER_MS).unref();
}

function exitWhenSaid(): void {
  if (process.stdout.writableLength === 0) process.exit();
}

/** Whoever reads us may stop reading: `orgwalk tree ceo | head` is no error. A result that is lost is one. */
function refuseUnwritable(cause: NodeJS.ErrnoException): void {
  if (cause.code === 'EPIPE') return;
  throw new OrgwalkError(
    'output',
    `the result cannot be written to stdout (${cause.code})`,
    'look at where stdout goes, then ask again; what was crawled is in the database all the same',
    { cause },
  );
}

/** Two lines: what happened, and what to do. */
function tell(error: unknown, io: Io, debug: boolean): ExitCode {
  if (error instanceof OrgwalkError) {
    io.err(twoLines(error));
    if (debug) io.err(`${error.stack}\n${String(error.cause ?? '')}\n`);
    return error.exitCode;
  }
  const text = error instanceof Error ? error.message : String(error);
  io.err(
    `Error: unexpected: ${printable(text)}\nTry: run it again with --debug and report what it prints\n`,
  );
  if (debug && error instanceof Error) io.err(`${error.stack}\n`);
  return EXIT.bug;
}

/** Errors of usage list things line by line and escape them themselves; what others quote may come from the directory. */
function twoLines(error: OrgwalkError): string {
  const safe = error instanceof UsageError ? String : printable;
  return `Error: ${safe(error.message)}\nTry: ${safe(error.hint)}\n`;
}

function processIo(): Io {
  const { stdin, stdout, stderr } = process;
  const io: Io = {
    env: process.env,
    out: (text) => void stdout.write(text),
    // Which error it was, stdout's listener is told as well.
    outInTurn: (text) => new Promise((done) => stdout.write(text, (error) => done(!error))),
    err: (text) => void stderr.write(text),
    outIsTerminal: stdout.isTTY === true,
    errIsTerminal: stderr.isTTY === true,
    outColumns: stdout.columns || 100,
    errColumns: stderr.columns || 80,
  };
  if (stdin.isTTY !== true || stderr.isTTY !== true) return io;
  const interrupt = () => process.kill(process.pid, 'SIGINT');
  return {
    ...io,
    prompt: (question) => promptSecret(question, { input: stdin, output: stderr, interrupt }),
    confirm: (question) => confirmed(question),
  };
}

/** Whatever is no clear yes is a no. */
async function confirmed(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
