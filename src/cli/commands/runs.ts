import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { Reader } from '../../store/reader.ts';
import type { Call } from '../command.ts';
import { printRows } from '../rows.ts';
import type { Io } from '../terminal.ts';

const COLUMNS = [
  'id',
  'status',
  'started_at',
  'finished_at',
  'employees',
  'searches',
  'entries',
  'retries',
  'failed_branches',
  'joined',
  'left',
  'moved',
  'changed',
] as const;

export async function run({ config }: Call<'runs'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db);
  const rows = reader.runs().map((run) => ({ ...run }));
  const columns = config.format === 'csv' && rows[0] ? Object.keys(rows[0]) : COLUMNS;
  printRows(io, config.format, columns, rows);
  return EXIT.ok;
}
