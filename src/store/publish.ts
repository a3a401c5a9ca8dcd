import { loadOrganisation, type Organisation } from './organisation.ts';
import { type Changes, PlaceWriter } from './places.ts';
import type { RunNumbers } from './run-numbers.ts';
import { SLICE, untilNone } from './slices.ts';
import type { Sqlite } from './sqlite.ts';

export interface Totals extends Readonly<Changes> {
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
  keepUnseen: boolean,
  signal: AbortSignal,
): Promise<Totals> {
  await undoPreparation(database, numbers, signal);
  const organisation = await loadOrganisation(database, numbers, keepUnseen, signal);
  const changes = await new PlaceWriter(database, numbers, organisation).write(signal);
  return { ...changes, ...measure(organisation) };
}

/** Takes back what was stamped with a run that is not published. */
async function undoPreparation(
  database: Sqlite,
  { published, run }: RunNumbers,
  signal: AbortSignal,
): Promise<void> {
  const marker = database.prepare('SELECT preparing FROM _published').pluck();
  if (marker.get() !== 0) {
    const steps = [
      `DELETE FROM _place WHERE (pid, from_run) IN (SELECT pid, from_run FROM _place WHERE from_run > ? LIMIT ${SLICE})`,
      `UPDATE _place SET to_run = NULL WHERE (pid, from_run) IN (SELECT pid, from_run FROM _place WHERE to_run > ? LIMIT ${SLICE})`,
      `UPDATE _version SET to_run = NULL WHERE vid IN (SELECT vid FROM _version WHERE to_run > ? LIMIT ${SLICE})`,
    ];
    for (const step of steps) {
      const statement = database.prepare(step);
      await untilNone(() => statement.run(published).changes, signal);
    }
  }
  database.prepare('UPDATE _published SET preparing = ?').run(run);
}

function measure({ pids, forest }: Organisation) {
  let managers = 0;
  let depth = 0;
  for (const span of forest.direct) if (span > 0) managers += 1;
  for (const steps of forest.depth) if (steps > depth) depth = steps;
  return { employees: pids.length, managers, depth };
}
