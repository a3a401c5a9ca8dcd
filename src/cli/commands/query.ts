import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { Reader } from '../../store/reader.ts';
import type { Call } from '../command.ts';
import { printRows } from '../rows.ts';
import type { Io } from '../terminal.ts';

export async function run({ config, argument }: Call<'query'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db);
  const { columns, rows } = reader.query(argument);
  printRows(io, config.format, columns, rows);
  return EXIT.ok;
}
