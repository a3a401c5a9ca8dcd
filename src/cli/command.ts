import type { Config } from '../config/options.ts';
import type { Command } from '../config/spec.ts';
import type { ExitCode } from '../domain/errors.ts';
import type { Io } from './terminal.ts';

export interface Argument {
  readonly name: string;
  readonly help: string;
  /** Several words are taken as one text. */
  readonly words?: boolean;
  /** It may be left out. */
  readonly optional?: boolean;
}

/** One subcommand, as `--help` shows it. */
export interface CommandSpec<C extends Command = Command> {
  readonly command: C;
  readonly summary: string;
  readonly argument?: Argument;
  /** What it cannot do without, as the usage line shows it, with a space behind. */
  readonly needs?: string;
  /** Command lines that a person can copy, with what they do. */
  readonly examples: readonly (readonly [string, string])[];
  /** The command itself: parse, call, print. */
  load(): Promise<{ run(call: Call<C>, io: Io): Promise<ExitCode> }>;
}

export interface Call<C extends Command> {
  readonly config: Config<C>;
  /** The argument, where the command takes one. */
  readonly argument: string;
}
