import { SLICE, untilNone } from '../file/slices.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { forgetHeld } from '../retire.ts';
import type { RunNumbers } from '../run-numbers.ts';
import type { Organisation } from './organisation.ts';
import { type Changes, PlaceWriter } from './places.ts';
import { Problems } from './problems.ts';
import { indexVersions, unindexAfter } from './search.ts';

/** What a run has come to. */
export interface Result {
  readonly organisation: Organisation;
  /** People who are in the directory, were published once, and are linked to nobody. */
  readonly detached: ReadonlySet<number>;
  /** The key of a manager value. */
  readonly keyOf: (value: string) => string;
}

export interface Totals extends Readonly<Changes> {
  readonly findings: number;
  readonly employees: number;
  readonly managers: number;
  readonly depth: number;
}

/**
 * Prepares the state that a run publishes, in slices stamped with its number: nobody sees it until the published
 * number moves. Whatever an earlier preparation left is undone first, so it may be interrupted and begun again.
 */
export async function prepare(
  database: Sqlite,
  numbers: RunNumbers,
  { organisation, detached, keyOf }: Result,
  signal: AbortSignal,
): Promise<Totals> {
  await undoPreparation(database, numbers, signal);
  const changes = await new PlaceWriter(database, numbers, organisation, detached).write(signal);
  const findings = await new Problems(database, numbers, organisation, keyOf).write(
    detached,
    signal,
  );
  await indexVersions(database, numbers, signal);
  return { ...changes, findings, ...measure(organisation) };
}

/**
 * What a preparation that was cut off has put into the search index must go before any of its versions changes or is dropped:
 * the index is told what to take out from what they say now.
 */
export async function undoCutOff(database: Sqlite, signal: AbortSignal): Promise<void> {
  const published = database
    .prepare<unknown[], number>(
      `SELECT p.run FROM _published AS p LEFT JOIN _run AS r ON r.id = abs(p.preparing)
       WHERE p.preparing <> 0 AND r.status IS NOT 'held'`,
    )
    .pluck()
    .get();
  if (published !== undefined) await unindexAfter(database, published, signal);
}

/** Takes back what was stamped with runs that are not published. A run that was held until now cannot be released any more. */
async function undoPreparation(
  database: Sqlite,
  { published, run }: RunNumbers,
  signal: AbortSignal,
): Promise<void> {
  const prepared = database
    .prepare<unknown[], { readonly id: number; readonly status: string | null }>(
      'SELECT p.id, r.status FROM (SELECT abs(preparing) AS id FROM _published) AS p LEFT JOIN _run AS r ON r.id = p.id',
    )
    .get();
  if (prepared !== undefined && prepared.id !== 0) {
    // Below 0: half undone, it must not be released.
    database.prepare('UPDATE _published SET preparing = ?').run(-prepared.id);
    await unindexAfter(database, published, signal);
    for (const step of UNDO) {
      const statement = database.prepare(step);
      await untilNone(() => statement.run(published).changes, signal);
    }
    if (prepared.status === 'held') await forgetHeld(database, prepared.id, signal);
  }
  database.prepare('UPDATE _published SET preparing = ?').run(run);
}

/** Everything behind the published run, in slices. */
const UNDO = [
  `DELETE FROM _place WHERE (pid, from_run) IN (SELECT pid, from_run FROM _place WHERE from_run > ? LIMIT ${SLICE})`,
  `UPDATE _place SET to_run = NULL WHERE (pid, from_run) IN (SELECT pid, from_run FROM _place WHERE to_run > ? LIMIT ${SLICE})`,
  `UPDATE _version SET to_run = NULL WHERE vid IN (SELECT vid FROM _version WHERE to_run > ? LIMIT ${SLICE})`,
  `DELETE FROM _change WHERE (run, pid, kind) IN (SELECT run, pid, kind FROM _change WHERE run > ? LIMIT ${SLICE})`,
  `DELETE FROM _problem WHERE n IN (SELECT n FROM _problem WHERE from_run > ? LIMIT ${SLICE})`,
  `UPDATE _problem SET to_run = NULL WHERE n IN (SELECT n FROM _problem WHERE to_run > ? LIMIT ${SLICE})`,
];

function measure({ pids, forest }: Organisation) {
  let managers = 0;
  let depth = 0;
  for (const span of forest.direct) if (span > 0) managers += 1;
  for (const steps of forest.depth) if (steps > depth) depth = steps;
  return { employees: pids.length, managers, depth };
}
