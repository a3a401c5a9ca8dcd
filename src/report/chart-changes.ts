import { CHANGE_KINDS, type ChangeKind } from '../domain/changes.ts';
import type { ChartChange, ChartData, ChartDifference } from '../domain/chart.ts';
import type { Reader } from '../store/reader.ts';

/** What differs is told of this many people; a night that changes more is a migration, and no news of people. */
const MOST_CHANGES = 10_000;

/** Columns whose values are shown, and of the others their names: they would swell the file and tell little. */
const SHOWN = ['name', 'title', 'department', 'location', 'email', 'phone', 'username'] as const;
const NAMED = ['given_name', 'surname', 'employee_number', 'dn', 'attributes'] as const;

interface ChangeRow extends Readonly<Record<string, unknown>> {
  readonly pid: number;
  readonly kind: ChangeKind;
  readonly name: string;
  readonly was_under: number | null;
  readonly manager_before: string | null;
  readonly manager_after: string | null;
}

/**
 * What the run of the reader's state changed for those who stand in `rowOf`, and for those who were among them.
 * Null where the run had nothing to compare itself with: everybody joined.
 */
export function changesOf(
  reader: Reader,
  rowOf: ReadonlyMap<number, number>,
  wholeForest: boolean,
): ChartData['changes'] {
  return reader.answer((database, run) => {
    const base = database.prepare('SELECT base FROM _run WHERE id = ?').pluck().get(run);
    if (typeof base !== 'number' || base === 0) return null;
    const changes = database.prepare<unknown[], ChangeRow>(changesIn(run)).iterate();
    return collected(changes, rowOf, wholeForest);
  });
}

function collected(
  changes: Iterable<ChangeRow>,
  rowOf: ReadonlyMap<number, number>,
  wholeForest: boolean,
): NonNullable<ChartData['changes']> {
  const counts = Object.fromEntries(CHANGE_KINDS.map((kind) => [kind, 0]));
  const list: ChartChange[] = [];
  for (const change of changes) {
    const concerned = rowOf.has(change.pid) || rowOf.has(change.was_under ?? -1);
    if (!concerned && !wholeForest) continue;
    counts[change.kind] = (counts[change.kind] ?? 0) + 1;
    if (list.length < MOST_CHANGES) list.push(told(change, rowOf));
  }
  return { counts: counts as Record<ChangeKind, number>, list };
}

/** A run that is held is in no view yet. */
function changesIn(run: number): string {
  const rank = CHANGE_KINDS.map((kind, i) => `WHEN '${kind}' THEN ${i}`).join(' ');
  const both = [...SHOWN, ...NAMED, 'active'];
  const compared = both.map((name) => `b.${name} AS ${name}_before, a.${name} AS ${name}_after`);
  const before = (place: string) =>
    `${place}.from_run < ${run} AND (${place}.to_run IS NULL OR ${place}.to_run >= ${run})`;
  const after = (place: string) =>
    `${place}.from_run <= ${run} AND (${place}.to_run IS NULL OR ${place}.to_run > ${run})`;
  return `
    SELECT c.pid, c.kind, coalesce(a.name, a.username, a.id, b.name, b.username, b.id, '') AS name,
      bp.manager AS was_under, coalesce(bm.name, bm.username, bm.id) AS manager_before,
      coalesce(am.name, am.username, am.id) AS manager_after, ${compared.join(', ')}
    FROM _change AS c
    LEFT JOIN _version AS b ON b.vid = c.before
    LEFT JOIN _version AS a ON a.vid = c.after
    LEFT JOIN _place AS bp ON bp.pid = c.pid AND ${before('bp')}
    LEFT JOIN _place AS bmp ON bmp.pid = bp.manager AND ${before('bmp')}
    LEFT JOIN _version AS bm ON bm.vid = bmp.vid
    LEFT JOIN _place AS ap ON ap.pid = c.pid AND ${after('ap')}
    LEFT JOIN _place AS amp ON amp.pid = ap.manager AND ${after('amp')}
    LEFT JOIN _version AS am ON am.vid = amp.vid
    WHERE c.run = ${run}
    ORDER BY CASE c.kind ${rank} END, name, c.pid`;
}

function told(change: ChangeRow, rowOf: ReadonlyMap<number, number>): ChartChange {
  return [change.kind, rowOf.get(change.pid) ?? -1, change.name, differencesOf(change)];
}

function differencesOf(change: ChangeRow): readonly ChartDifference[] {
  const { kind, manager_before: before, manager_after: after } = change;
  if (kind === 'changed') return contentDifferences(change);
  // With several managers another line than the primary one may have moved.
  if (kind === 'moved' && before === after) return [['other reporting lines']];
  return [['manager', before ?? '', after ?? '']];
}

function contentDifferences(change: ChangeRow): readonly ChartDifference[] {
  const differs = (name: string) => change[`${name}_before`] !== change[`${name}_after`];
  const text = (value: unknown) => (value === null ? '' : String(value));
  const account = (value: unknown) => (value === 0 ? 'disabled' : 'active');
  const shown = SHOWN.filter(differs).map((name): ChartDifference => {
    return [name, text(change[`${name}_before`]), text(change[`${name}_after`])];
  });
  const active: readonly ChartDifference[] = differs('active')
    ? [['account', account(change['active_before']), account(change['active_after'])]]
    : [];
  return [...shown, ...active, ...NAMED.filter(differs).map((name): ChartDifference => [name])];
}
