// A command as the program runs it, in this process: for commands that only read.
import { runCommandLine } from '../../src/cli/command-line.ts';
import type { Io } from '../../src/cli/terminal.ts';
import { OrgwalkError } from '../../src/domain/errors.ts';
import type { Outcome } from './orgwalk.ts';

export interface Seat {
  /** Columns of stdout. */
  readonly columns?: number;
  /** Whether stdout is a terminal. */
  readonly terminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export async function asked(args: readonly string[], seat: Seat = {}): Promise<Outcome> {
  let [stdout, stderr] = ['', ''];
  const io: Io = {
    env: seat.env ?? {},
    out: (text) => {
      stdout += text;
    },
    err: (text) => {
      stderr += text;
    },
    outIsTerminal: seat.terminal ?? false,
    errIsTerminal: false,
    outColumns: seat.columns ?? 100,
    errColumns: 80,
  };
  const code = await runCommandLine(args, io, { debug: false }).catch((error: unknown) => {
    if (!(error instanceof OrgwalkError)) throw error;
    io.err(`Error: ${error.message}\nTry: ${error.hint}\n`);
    return error.exitCode;
  });
  return { code, signal: null, stdout, stderr };
}
