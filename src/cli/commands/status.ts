import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { isCrawling } from '../../store/lock.ts';
import { type Failure, Reader, type Run } from '../../store/reader.ts';
import type { Call } from '../command.ts';
import { printRows } from '../rows.ts';
import { type Io, plural, printable } from '../terminal.ts';

/** A crawl that was killed could not say so. */
const KILLED = 'stopped without a word';

export async function run({ config }: Call<'status'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db);
  const run = reader.lastRun();
  if (run === undefined) {
    io.err('No crawl was begun yet.\n');
    return EXIT.ok;
  }
  const unfinished = run.finished_at === null && run.status !== 'abandoned';
  const { employees, waiting } = unfinished
    ? reader.progress(run)
    : { employees: run.employees, waiting: 0 };
  const failures = reader.failures(run.id);
  if (config.format === 'table') {
    const killed = run.status === 'running' && !isCrawling(config.db);
    const status = killed ? KILLED : run.status;
    printForPeople(io, { ...run, status, employees }, waiting, failures);
  } else {
    const row = { ...run, employees, waiting, failures: asCell(failures, config.format) };
    printRows(io, config.format, Object.keys(row), [row]);
  }
  return EXIT.ok;
}

function asCell(failures: readonly Failure[], format: string): unknown {
  return format === 'csv' ? JSON.stringify(failures) : failures;
}

function printForPeople(io: Io, run: Run, waiting: number, failures: readonly Failure[]): void {
  const { id, status, started_at, finished_at, employees, searches } = run;
  io.out(`Run ${id}: ${status}\n`);
  io.out(`  begun ${started_at}${finished_at === null ? '' : `, finished ${finished_at}`}\n`);
  io.out(`  ${plural(employees, 'employee')}, ${plural(searches, 'search', 'searches')}\n`);
  if (waiting > 0) io.out(`  ${plural(waiting, 'branch', 'branches')} waiting\n`);
  if (status === 'interrupted' || status === KILLED)
    io.out('  run the same crawl again to continue\n');
  for (const { employee_id, reason, last_error } of failures) {
    io.out(`  failed: ${printable(employee_id)}  ${reason}: ${printable(last_error)}\n`);
  }
}
