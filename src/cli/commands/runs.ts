import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { Reader } from '../../store/reader.ts';
import { allRuns, type KeptRun } from '../../store/reading/runs.ts';
import type { Call } from '../command.ts';
import { printRows } from '../rows.ts';
import { statusText } from '../run-text.ts';
import type { Io } from '../terminal.ts';

/** What a person looks for; the other forms have every column. */
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
  'detached',
  'returned',
  'moved',
  'changed',
] as const;

export async function run({ config }: Call<'runs'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db);
  const runs = reader.answer(allRuns);
  const rows = runs.map(config.format === 'table' ? forPeople : asData);
  const columns = config.format === 'csv' && rows[0] ? Object.keys(rows[0]) : COLUMNS;
  printRows(io, config.format, columns, rows);
  return EXIT.ok;
}

function forPeople(run: KeptRun) {
  return { ...run, status: statusText(run) };
}

function asData({ releasable, ...run }: KeptRun) {
  return run;
}
