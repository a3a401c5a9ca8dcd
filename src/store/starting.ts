import { UsageError } from '../domain/errors.ts';
import type { Question, RunOptions, StartedRun } from '../domain/ports.ts';
import type { Sqlite } from './file/sqlite.ts';
import { inherit } from './inherit.ts';
import { undoCutOff } from './publishing/publish.ts';
import { dropIdIndexOfNobody } from './recording/known-ids.ts';
import { clearRemains, eraseRun } from './retire.ts';
import { numbersOf } from './run-numbers.ts';

export interface StartOptions extends Omit<RunOptions, 'source'> {
  /** Take over what the published run has read, and read only what failed in it. */
  readonly onlyFailed: boolean;
}

/** The state of a branch that has failed where none may: it is listed among the failures until the run goes on. */
const STOPPED_THE_RUN = 3;

interface RunRow {
  readonly id: number;
  readonly question: string;
  readonly committed_at: string;
  readonly inherits: number | null;
  /** The published run that it compares itself with. */
  readonly base: number;
}

type Started = Omit<StartedRun, 'expected'>;

/**
 * Continues the unfinished run, or abandons it and begins a new one. Rejects with the signal's reason at any point:
 * what it leaves is abandoned or begun to its end by the next call.
 */
export async function startRun(
  database: Sqlite,
  options: StartOptions,
  signal: AbortSignal,
): Promise<Started> {
  const question = canonical(options.question);
  if (options.onlyFailed) refuseOtherQuestion(database, question);
  await undoCutOff(database, signal);
  await abandonStale(database, options.dryRun, signal);
  await clearRemains(database, signal);
  const unfinished = unfinishedRun(database, options.dryRun);
  const why = unfinished && whyNotContinued(database, unfinished, question, options);
  const abandoned =
    unfinished && why !== undefined ? await abandon(database, unfinished, why, signal) : null;
  const resumed = unfinished !== undefined && why === undefined;
  const id = resumed
    ? resume(database, unfinished.id, options)
    : begin(database, question, options);
  const retries = options.onlyFailed ? { retries: await takeOver(database, id, signal) } : {};
  const base = publishedRun(database)?.id ?? 0;
  return { id, resumed, base, abandoned, ...retries };
}

/** How many branches failed in the last published run. Throws a `UsageError` where a run that retries them cannot be. */
export function failedBranches(
  database: Sqlite,
  { fresh, dryRun }: Pick<StartOptions, 'fresh' | 'dryRun'>,
): number {
  const published = publishedRun(database);
  if (published === undefined) {
    throw new UsageError(
      'nothing was published yet, so there is nothing to retry',
      'crawl without --retry-failed',
    );
  }
  const unfinished = unfinishedRun(database, dryRun);
  if (unfinished !== undefined && unfinished.inherits === null && !fresh) {
    throw new UsageError(
      `run ${unfinished.id} is unfinished, and reads more than what failed before`,
      'continue it without --retry-failed, or abandon it with --fresh',
    );
  }
  return failuresOf(database, published.id);
}

function refuseOtherQuestion(database: Sqlite, question: string): void {
  const published = publishedRun(database);
  if (published?.question === question) return;
  throw new UsageError(
    'the published run asked another question, so what failed in it cannot be retried',
    'ask the same (base, roots, filter, manager link, mapping), or crawl without --retry-failed',
  );
}

function publishedRun(database: Sqlite): Pick<RunRow, 'id' | 'question'> | undefined {
  return database
    .prepare('SELECT r.id, r.question FROM _published AS p JOIN _run AS r ON r.id = p.run')
    .get() as Pick<RunRow, 'id' | 'question'> | undefined;
}

/** A dry run and one that is none never continue one another. */
function unfinishedRun(database: Sqlite, dryRun: boolean): RunRow | undefined {
  return database
    .prepare(
      `SELECT id, question, committed_at, inherits, base FROM _run
       WHERE status IN ('running', 'interrupted') AND dry = ? ORDER BY id DESC LIMIT 1`,
    )
    .get(dryRun ? 1 : 0) as RunRow | undefined;
}

/** A run of the other sort that compares itself with a state which is not the published one any more. */
async function abandonStale(database: Sqlite, dryRun: boolean, signal: AbortSignal): Promise<void> {
  const other = unfinishedRun(database, !dryRun);
  if (other === undefined || other.base === (publishedRun(database)?.id ?? 0)) return;
  await abandon(database, other, '', signal);
}

function whyNotContinued(
  database: Sqlite,
  run: RunRow,
  question: string,
  options: StartOptions,
): string | undefined {
  if (options.fresh) return 'a fresh start was asked for';
  if (run.base !== (publishedRun(database)?.id ?? 0)) return 'another state was published since';
  if (run.inherits !== null && !options.onlyFailed) return 'it only retried failed branches';
  if (run.question !== question) return 'it asked another question';
  const age = Date.now() - Date.parse(run.committed_at);
  return age > options.resumeWithinMs ? 'its last page is too old' : undefined;
}

async function abandon(database: Sqlite, { id }: RunRow, why: string, signal: AbortSignal) {
  const employees = number(
    database,
    'SELECT count(*) FROM _frontier WHERE run = ? AND seen = 1',
    id,
  );
  database
    .prepare("UPDATE _run SET status = 'abandoned', employees = ? WHERE id = ?")
    .run(employees, id);
  await eraseRun(database, id, signal);
  return { id, employees, why };
}

function resume(database: Sqlite, id: number, { retryFailed = false }: StartOptions): number {
  const go = database.transaction(() => {
    setStatus(database, 'running', id);
    tryAgain(database, id, retryFailed);
  });
  go.immediate();
  return id;
}

/** The branches that stopped the run wait again. @param all whatever else could not be told, too */
function tryAgain(database: Sqlite, run: number, all: boolean): void {
  const failed = `SELECT pid FROM _failure WHERE run = @run AND (
    @all OR pid IN (SELECT pid FROM _frontier WHERE run = @run AND state = ${STOPPED_THE_RUN}))`;
  const steps = [
    `DELETE FROM _answer WHERE run = @run AND kind = 'unreadable' AND EXISTS (
       SELECT 1 FROM _doubt AS d WHERE d.run = @run AND d.key = _answer.key AND d.pid IN (${failed}))`,
    `UPDATE _twin SET answer = NULL WHERE run = @run AND answer = 'unknown' AND pid IN (${failed})`,
    `DELETE FROM _failure WHERE run = @run AND pid IN (${failed})`,
    `UPDATE _frontier SET state = 0, attempts = 0, outages = 0
     WHERE run = @run AND (state = ${STOPPED_THE_RUN} OR (@all AND state = 2))`,
  ];
  for (const step of steps) database.prepare(step).run({ run, all: all ? 1 : 0 });
}

/** @param retryFailed the branches that have failed wait again when the run is continued, whoever does so */
export function interruptRun(database: Sqlite, run: number, retryFailed: boolean): void {
  const mark = `UPDATE _frontier SET state = ${STOPPED_THE_RUN} WHERE run = ? AND state = 2`;
  // What was published stays so, whatever went wrong after it.
  const note = "UPDATE _run SET status = 'interrupted' WHERE id = ? AND status = 'running'";
  const interrupt = database.transaction(() => {
    if (retryFailed) database.prepare(mark).run(run);
    database.prepare(note).run(run);
  });
  interrupt.immediate();
}

function begin(
  database: Sqlite,
  question: string,
  { onlyFailed, dryRun }: Pick<StartOptions, 'onlyFailed' | 'dryRun'>,
): number {
  const now = new Date().toISOString();
  const base = publishedRun(database)?.id ?? 0;
  dropIdIndexOfNobody(database);
  const { lastInsertRowid } = database
    .prepare(
      'INSERT INTO _run (question, started_at, committed_at, base, inherits, dry) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(question, now, now, base, onlyFailed ? base : null, dryRun ? 1 : 0);
  return Number(lastInsertRowid);
}

/** Also when the run is resumed: whoever began it may have been killed in the middle of this. */
async function takeOver(database: Sqlite, id: number, signal: AbortSignal) {
  const numbers = numbersOf(database, id);
  try {
    await inherit(database, numbers, signal);
  } catch (error) {
    if (signal.aborted) setStatus(database, 'interrupted', id);
    throw error;
  }
  const inherited = number(
    database,
    'SELECT count(*) FROM _frontier WHERE run = ? AND seen = 0',
    id,
  );
  return {
    run: numbers.published,
    branches: failuresOf(database, numbers.published),
    employees: inherited,
  };
}

function failuresOf(database: Sqlite, run: number): number {
  return number(database, 'SELECT count(*) FROM _failure WHERE run = ?', run);
}

function setStatus(database: Sqlite, status: string, run: number): void {
  database.prepare('UPDATE _run SET status = ? WHERE id = ?').run(status, run);
}

function number(database: Sqlite, sql: string, run: number): number {
  return database.prepare<unknown[], number>(sql).pluck().get(run) ?? 0;
}

/** Keys in a fixed order, so that equal questions are equal text. */
function canonical(question: Question): string {
  const { base, roots, filter, managerAttribute, managerValue, mapping, idAttribute } = question;
  const sorted = Object.fromEntries(Object.entries(mapping).sort(([a], [b]) => (a < b ? -1 : 1)));
  return JSON.stringify({
    base,
    roots: [...roots].sort(),
    filter,
    managerAttribute,
    managerValue,
    mapping: sorted,
    idAttribute,
  });
}
