import type { ExitCode } from '../../domain/errors.ts';
import type { Call } from '../command.ts';
import type { Io } from '../terminal.ts';

export async function run(_call: Call<'findings'>, _io: Io): Promise<ExitCode> {
  throw new Error('not built yet');
}
