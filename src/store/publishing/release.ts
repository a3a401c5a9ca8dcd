import { UsageError } from '../../domain/errors.ts';
import type { HeldWhy } from '../../domain/ports.ts';
import { withKept } from '../file/keeping.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { applyRespelling } from '../recording/respelling.ts';
import type { RunNumbers } from '../run-numbers.ts';
import type { Totals } from './publish.ts';

export interface Finished extends Totals {
  readonly failedBranches: number;
}

/** Moves the one row that readers see by. Durable before it is reported. */
export function finish(
  database: Sqlite,
  { run, inherits }: RunNumbers,
  totals: Finished,
  status: 'published' | 'partial',
): void {
  durably(database, () => {
    const now = new Date().toISOString();
    note(database, run, totals, status);
    database.prepare('UPDATE _run SET published_at = ? WHERE id = ?').run(now, run);
    moveReaders(database, run, inherits);
  });
}

/** Finished, and prepared, but readers keep the state before. */
export function hold(database: Sqlite, { run }: RunNumbers, totals: Finished, why: HeldWhy): void {
  durably(database, () => {
    note(database, run, totals, 'held');
    database.prepare('UPDATE _run SET held = ? WHERE id = ?').run(why, run);
  });
}

/** A run that is held and can be released. */
export interface HeldRun {
  readonly id: number;
  readonly why: HeldWhy;
  readonly failedBranches: number;
}

/** The newest held run, as long as nothing newer was published or prepared. Throws a `UsageError` where there is none. */
export function heldRun(database: Sqlite): HeldRun {
  const held = database
    .prepare<unknown[], HeldRun>(
      `SELECT r.id, r.held AS why, r.failed_branches AS failedBranches
       FROM _published AS p JOIN _run AS r ON r.id = p.preparing WHERE r.status = 'held'`,
    )
    .get();
  if (held !== undefined) return held;
  const later = database
    .prepare<unknown[], number>(
      `SELECT r.id FROM _run AS r, _published AS p WHERE r.status = 'held' AND r.id > p.run ORDER BY r.id DESC LIMIT 1`,
    )
    .pluck()
    .get();
  if (later === undefined) {
    throw new UsageError('no run is held', '`orgwalk runs` lists them all');
  }
  throw new UsageError(
    `run ${later} was held, but a newer crawl has taken its place`,
    'run the same crawl again: it continues, or begins anew',
  );
}

/** Makes the held run what readers see, behind the crawler's lock. @param expected the run that was looked at */
export async function release(path: string, expected: number, signal: AbortSignal): Promise<void> {
  await withKept(path, async (database) => {
    const held = heldRun(database);
    if (held.id !== expected) {
      throw new UsageError(`run ${held.id} is held now, not run ${expected}`, 'look at it first');
    }
    await moveTo(database, held, signal);
  });
}

async function moveTo(
  database: Sqlite,
  { id, failedBranches }: HeldRun,
  signal: AbortSignal,
): Promise<void> {
  durably(database, () => {
    const inherits =
      database.prepare('SELECT inherits FROM _run WHERE id = ?').pluck().get(id) !== null;
    database
      .prepare('UPDATE _run SET status = ?, held = NULL, published_at = ? WHERE id = ?')
      .run(failedBranches > 0 ? 'partial' : 'published', new Date().toISOString(), id);
    moveReaders(database, id, inherits);
  });
  await applyRespelling(database, id, signal);
}

function note(database: Sqlite, run: number, totals: Finished, status: string): void {
  database
    .prepare(
      `UPDATE _run SET status = @status, finished_at = @now, employees = @employees, failed_branches = @failedBranches,
       joined = @joined, "left" = @left, detached = @detached, returned = @returned, moved = @moved, changed = @changed
       WHERE id = @run`,
    )
    .run({ ...totals, status, run, now: new Date().toISOString() });
}

function moveReaders(database: Sqlite, run: number, inherits: boolean): void {
  database
    .prepare(
      `UPDATE _published SET run = @run, whole = iif(@inherits, whole, @run), preparing = 0,
       oldest = iif(oldest = 0, @run, oldest)`,
    )
    .run({ run, inherits: inherits ? 1 : 0 });
}

function durably(database: Sqlite, write: () => void): void {
  database.pragma('synchronous = full');
  database.transaction(write).immediate();
  database.pragma('synchronous = normal');
}
