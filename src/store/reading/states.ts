import { shown } from '../../config/problem.ts';
import { UsageError } from '../../domain/errors.ts';
import type { Sqlite } from '../file/sqlite.ts';

/** What was, is or would be published: everything that holds at one run. */
export interface State {
  readonly run: number;
  /** When readers saw it first; null: not yet. */
  readonly publishedAt: string | null;
  /** Prepared, and held back until somebody releases it. */
  readonly held: boolean;
}

interface Candidate {
  readonly id: number;
  readonly status: string;
  readonly published_at: string | null;
}

interface Marks {
  readonly run: number;
  readonly preparing: number;
  readonly oldest: number;
}

/** The state that readers see; null where nothing is published. */
export function publishedState(database: Sqlite): State | null {
  const row = database
    .prepare<unknown[], { run: number; publishedAt: string | null }>(
      'SELECT r.id AS run, r.published_at AS publishedAt FROM _published AS p JOIN _run AS r ON r.id = p.run',
    )
    .get();
  return row === undefined ? null : { ...row, held: false };
}

/**
 * The state that `asOf` means: the number of a run, published or held; a day (the last run that was published before its end)
 * or a time, both UTC. Throws a `UsageError` where there is none.
 */
export function stateAsOf(database: Sqlite, asOf: string): State {
  const text = asOf.trim();
  // One transaction: what is published may move between two statements.
  return database.transaction(() =>
    /^\d+$/.test(text) ? stateOfRun(database, text) : stateAt(database, text),
  )();
}

function stateOfRun(database: Sqlite, text: string): State {
  const marks = marksOf(database);
  const run = Number(text);
  const found = database
    .prepare<unknown[], Candidate>('SELECT id, status, published_at FROM _run WHERE id = ?')
    .get(run);
  if (found === undefined) throw noState(database, `there is no run ${text}`);
  if (found.status === 'held' && marks.preparing === run)
    return { run, publishedAt: null, held: true };
  if (found.published_at === null || run > marks.run) throw noState(database, notPublished(found));
  if (run < marks.oldest) throw noState(database, `run ${text} was pruned`);
  return { run, publishedAt: found.published_at, held: false };
}

function notPublished({ id, status }: Candidate): string {
  return status === 'held'
    ? `run ${id} was held, and is not kept any more`
    : `run ${id} was not published (${status})`;
}

function stateAt(database: Sqlite, text: string): State {
  const before = endOf(text);
  const found = database
    .prepare<unknown[], Candidate>(
      `SELECT r.id, r.status, r.published_at FROM _run AS r JOIN _published AS p ON r.id <= p.run
       WHERE r.published_at < ? ORDER BY r.id DESC LIMIT 1`,
    )
    .get(before);
  if (found === undefined) throw noState(database, `nothing was published by ${text}`);
  if (found.id < marksOf(database).oldest)
    throw noState(database, `what was published by ${text} was pruned`);
  return { run: found.id, publishedAt: found.published_at, held: false };
}

/** The instant from which on a run was published too late, as text that compares with published_at. */
function endOf(text: string): string {
  const [day, time] = [
    /^\d{4}-\d\d-\d\d$/,
    /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/i,
  ];
  if (day.test(text)) return instant(text, `${text}T00:00:00Z`, 86_400_000);
  if (!time.test(text)) throw notAState(text);
  const zoned = /(Z|[+-]\d\d:?\d\d)$/i.test(text.slice(10)) ? text : `${text}Z`;
  return instant(text, zoned.replace(' ', 'T'), 1);
}

function instant(text: string, iso: string, plusMs: number): string {
  const date = new Date(iso);
  // JavaScript takes 30 February for 1 March.
  const rolled = iso.endsWith('Z') && date.getUTCDate() !== Number(iso.slice(8, 10));
  if (Number.isNaN(date.getTime()) || rolled) throw notAState(text);
  return new Date(date.getTime() + plusMs).toISOString();
}

function notAState(text: string): UsageError {
  return new UsageError(
    `${shown(text)} is neither a run, nor a date, nor a time`,
    'give the number of a run (`orgwalk runs` lists them), a date such as 2026-11-23, or a time such as 2026-11-23T06:00:00Z',
  );
}

function noState(database: Sqlite, what: string): UsageError {
  const kept = database
    .prepare<unknown[], Candidate>(
      `SELECT r.id, r.status, r.published_at FROM _run AS r JOIN _published AS p ON r.id BETWEEN p.oldest AND p.run
       WHERE r.published_at IS NOT NULL ORDER BY r.id`,
    )
    .all();
  const [oldest, newest] = [kept[0], kept.at(-1)];
  if (oldest === undefined || newest === undefined)
    return new UsageError(what, 'finish a crawl first: orgwalk crawl');
  const first = `run ${oldest.id}, published ${oldest.published_at}`;
  const hint =
    oldest.id === newest.id
      ? `there is only ${first}`
      : `there are those from ${first}, to run ${newest.id}, published ${newest.published_at}`;
  return new UsageError(what, hint);
}

function marksOf(database: Sqlite): Marks {
  return database.prepare('SELECT run, preparing, oldest FROM _published').get() as Marks;
}
