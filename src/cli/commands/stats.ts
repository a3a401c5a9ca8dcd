import { EXIT, type ExitCode } from '../../domain/errors.ts';
import { type Stats, statsOf } from '../../report/stats.ts';
import { Reader, type State } from '../../store/reader.ts';
import { type Manager, managersOf, placeCounts } from '../../store/reading/stats.ts';
import type { Call } from '../command.ts';
import { printRows } from '../rows.ts';
import { classText, statsText } from '../stats-text.ts';
import type { Io } from '../terminal.ts';
import { assertPublished } from '../who.ts';

const COLUMNS = ['section', 'label', 'value', 'id'];

export async function run({ config }: Call<'stats'>, io: Io): Promise<ExitCode> {
  using reader = new Reader(config.db, config.asOf);
  assertPublished(reader);
  const state = reader.state as State;
  const stats = statsOf({
    placeCounts: () => reader.answer(placeCounts),
    managersOf: (list, most) => reader.answer((db, run) => managersOf(db, run, list, most)),
  });
  if (config.format === 'table') io.out(statsText(stats, state, io));
  else if (config.format === 'json') io.out(`${JSON.stringify(asObject(stats, state), null, 2)}\n`);
  else printRows(io, config.format, COLUMNS, rowsOf(stats));
  return EXIT.ok;
}

function asObject(stats: Stats, { run, publishedAt, held }: State) {
  return { run, published_at: publishedAt, held, ...stats };
}

/** One number a row. */
function rowsOf({ layers, spans, largest, one_report, over_wide, ...totals }: Stats) {
  const { classes, ...measures } = spans;
  return [
    ...Object.entries(totals).map(([label, value]) => row('people', label, value)),
    ...Object.entries(measures).map(([label, value]) => row('spans', label, value)),
    ...layers.map(({ depth, people }) => row('people_by_depth', depth, people)),
    ...layers.map(({ depth, managers }) => row('managers_by_depth', depth, managers)),
    ...classes.map(({ from, to, managers }) =>
      row('managers_by_span', classText(from, to), managers),
    ),
    ...largest.map((each) => managerRow('largest', each, each.total_reports)),
    row('one_report', 'managers', one_report.managers),
    ...one_report.first.map((each) => managerRow('one_report', each, each.total_reports)),
    row('over_wide', 'managers', over_wide.managers),
    ...over_wide.first.map((each) => managerRow('over_wide', each, each.direct_reports)),
  ];
}

function row(section: string, label: string | number, value: number | null, id?: string) {
  return { section, label: String(label), value, id: id ?? null };
}

function managerRow(section: string, { id, name, username }: Manager, value: number) {
  return row(section, name ?? username ?? id, value, id);
}
