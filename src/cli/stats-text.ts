import type { Listed, Spans, Stats } from '../report/stats.ts';
import type { State } from '../store/reader.ts';
import type { Manager } from '../store/reading/stats.ts';
import { barChart } from './bars.ts';
import { PersonLines } from './person-line.ts';
import { count, type Io, plural } from './terminal.ts';

/** Statistics for a person: bars as wide as what they are printed on. */
export function statsText(stats: Stats, state: State, io: Io): string {
  const { largest, spans, one_report, over_wide } = stats;
  const columns = io.outColumns - INDENT.length;
  const drawn = new PersonLines({ ...io, outColumns: columns });
  const parts = [
    summaryLines(stats, state),
    layerLines(stats, columns),
    spanLines(spans, columns),
    ['The largest organisations below the roots', ...managerLines(largest, drawn)],
    listLines('with one direct report', one_report, drawn),
    listLines(`with more than ${over_wide.more_than} direct reports`, over_wide, drawn),
  ];
  const shown = parts.map(([title, ...lines]) => [title, ...lines.map((line) => INDENT + line)]);
  return `${shown.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const INDENT = '  ';

function summaryLines(stats: Stats, { run, publishedAt, held }: State): readonly string[] {
  const { people, active, disabled, managers, without_place } = stats;
  const { mean, median, widest } = stats.spans;
  const placeless = `${plural(without_place, 'person', 'people')} under no root`;
  return [
    `Run ${run}, ${held ? 'held' : `published ${publishedAt}`}`,
    `${plural(people, 'person', 'people')}: ${count(active)} active, ${count(disabled)} disabled`,
    plural(managers, 'manager') +
      (mean === null
        ? ''
        : `, ${mean} direct reports on average, median ${median}, most ${widest}`),
    plural(stats.layers.length, 'layer'),
    ...(without_place === 0 ? [] : [placeless]),
  ];
}

function layerLines({ layers }: Stats, columns: number): readonly string[] {
  const bars = layers.map(({ depth, people, managers }) => {
    return { cells: [String(depth), count(people), count(managers)], value: people };
  });
  return ['Layers', ...barChart(['depth', 'people', 'managers'], bars, columns)];
}

function spanLines({ classes }: Spans, columns: number): readonly string[] {
  const bars = classes.map(({ from, to, managers }) => {
    return { cells: [classText(from, to), count(managers)], value: managers };
  });
  return ['Spans of control', ...barChart(['direct reports', 'managers'], bars, columns)];
}

/** "1", "2–4", "51 or more" */
export function classText(from: number, to: number | null): string {
  if (to === null) return `${from} or more`;
  return from === to ? String(from) : `${from}–${to}`;
}

function listLines(what: string, { managers, first }: Listed, drawn: PersonLines) {
  const more = managers - first.length;
  const lines = [`${plural(managers, 'manager')} ${what}`, ...managerLines(first, drawn)];
  return more === 0 ? lines : [...lines, drawn.others('', `… and ${count(more)} more`)];
}

function managerLines(managers: readonly Manager[], drawn: PersonLines): readonly string[] {
  if (managers.length === 0) return [];
  const lines = managers.map((manager) => drawn.person('', manager));
  return drawn.heading === '' ? lines : [drawn.heading, ...lines];
}
