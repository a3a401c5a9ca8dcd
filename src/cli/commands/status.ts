import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { isCrawling } from '../../store/file/lock.ts';
import { type Failure, Reader } from '../../store/reader.ts';
import { allRuns, type KeptRun, walBytes } from '../../store/reading/runs.ts';
import type { Call } from '../command.ts';
import { printRows } from '../rows.ts';
import { KILLED, largeWalText, statusLines } from '../run-text.ts';
import type { Io } from '../terminal.ts';

export async function run({ config }: Call<'status'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db);
  const wal = walBytes(config.db);
  io.err(largeWalText(config.db, wal));
  const [run, ...others] = reader.answer(allRuns);
  if (run === undefined) {
    io.err('No crawl was begun yet.\n');
    return EXIT.ok;
  }
  const { employees, waiting } = isUnfinished(run)
    ? reader.progress(run)
    : { employees: run.employees, waiting: 0 };
  const failures = reader.failures(run.id);
  if (config.format === 'table') {
    const killed = run.status === 'running' && !isCrawling(config.db);
    const told = { ...run, employees, status: killed ? KILLED : run.status };
    const open = others.filter((other) => other.releasable === 1 || isUnfinished(other));
    const published = reader.state?.run ?? 0;
    io.out(`${statusLines(told, { waiting, failures, open, published }).join('\n')}\n`);
  } else {
    const { releasable, ...last } = run;
    const shown = { employees, waiting, wal_bytes: wal, failures: cell(failures, config.format) };
    const row = { ...last, ...shown };
    printRows(io, config.format, Object.keys(row), [row]);
  }
  return EXIT.ok;
}

function isUnfinished({ finished_at, status }: KeptRun): boolean {
  return finished_at === null && status !== 'abandoned';
}

function cell(failures: readonly Failure[], format: string): unknown {
  return format === 'csv' ? JSON.stringify(failures) : failures;
}
