import { EXIT, type ExitCode, UsageError } from '../../domain/errors.ts';
import { Reader } from '../../store/reader.ts';
import type { Call } from '../command.ts';
import { printRows } from '../rows.ts';
import type { Io } from '../terminal.ts';

export async function run({ config, argument }: Call<'query'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db);
  try {
    const { columns, rows } = reader.query(argument);
    printRows(io, config.format, columns, rows);
  } catch (cause) {
    throw refused(cause);
  }
  return EXIT.ok;
}

/** What is wrong with the statement is for its writer; anything else is not ours to explain. */
function refused(cause: unknown): unknown {
  if (!(cause instanceof Error)) return cause;
  const isSql = 'code' in cause && /^SQLITE_(ERROR|READONLY|AUTH)/.test(String(cause.code));
  if (!isSql && !(cause instanceof TypeError || cause instanceof RangeError)) return cause;
  const hint =
    'one SELECT over the views employees, reporting_lines, runs, failures, crawl_employees';
  return new UsageError(`the SQL was refused: ${cause.message}`, hint, { cause });
}
