import type { Manager, ManagerList, PlaceCount } from '../store/reading/stats.ts';

/** More direct reports than this are over-wide: the two last classes of spans. */
export const WIDE = 20;
/** How many managers a list names. */
const LISTED = 10;

/** Classes of spans by their least number of direct reports; each ends where the next begins. */
const CLASSES = [1, 2, 5, 8, 13, WIDE + 1, 51] as const;

export interface Layer {
  readonly depth: number;
  readonly people: number;
  readonly managers: number;
}

export interface SpanClass {
  readonly from: number;
  /** Null: no upper end. */
  readonly to: number | null;
  readonly managers: number;
}

export interface Spans {
  /** Null where there are no managers. */
  readonly median: number | null;
  readonly mean: number | null;
  readonly widest: number | null;
  readonly classes: readonly SpanClass[];
}

/** A number of managers, and who goes first among them. */
export interface Listed {
  readonly managers: number;
  readonly first: readonly Manager[];
}

export interface Stats {
  readonly people: number;
  readonly active: number;
  readonly disabled: number;
  readonly managers: number;
  /** People whom no line leads from a root to. */
  readonly without_place: number;
  readonly layers: readonly Layer[];
  readonly spans: Spans;
  readonly largest: readonly Manager[];
  readonly one_report: Listed;
  readonly over_wide: Listed & { readonly more_than: number };
}

/** What statistics are made of. */
export interface Counted {
  placeCounts(): readonly PlaceCount[];
  managersOf(list: ManagerList, most: number): readonly Manager[];
}

/** The shape of one state: layers, spans of control, the largest organisations below the roots. */
export function statsOf(state: Counted): Stats {
  const counts = state.placeCounts();
  const wide = sum(counts.filter(({ direct_reports }) => direct_reports > WIDE));
  const people = sum(counts);
  const active = sum(counts.filter((each) => each.active === 1));
  return {
    ...{ people, active, disabled: people - active },
    managers: sum(counts.filter(manages)),
    without_place: sum(counts.filter(({ depth }) => depth === null)),
    layers: layersOf(counts),
    spans: spansOf(counts.filter(manages)),
    largest: state.managersOf('largest', LISTED),
    one_report: {
      managers: sum(counts.filter(({ direct_reports }) => direct_reports === 1)),
      first: state.managersOf('oneReport', LISTED),
    },
    over_wide: {
      more_than: WIDE,
      managers: wide,
      first: state.managersOf('widest', Math.min(wide, LISTED)),
    },
  };
}

function layersOf(counts: readonly PlaceCount[]): readonly Layer[] {
  const layers = Map.groupBy(
    counts.filter(({ depth }) => depth !== null),
    ({ depth }) => depth as number,
  );
  return [...layers]
    .map(([depth, at]) => ({ depth, people: sum(at), managers: sum(at.filter(manages)) }))
    .sort((a, b) => a.depth - b.depth);
}

function spansOf(managers: readonly PlaceCount[]): Spans {
  const bySpan = managers.toSorted((a, b) => a.direct_reports - b.direct_reports);
  const all = sum(bySpan);
  const lines = bySpan.reduce((total, each) => total + each.direct_reports * each.people, 0);
  const classes = CLASSES.map((from, i): SpanClass => {
    const to = (CLASSES[i + 1] ?? Number.POSITIVE_INFINITY) - 1;
    const within = bySpan.filter(
      (each) => each.direct_reports >= from && each.direct_reports <= to,
    );
    return { from, to: Number.isFinite(to) ? to : null, managers: sum(within) };
  });
  if (all === 0) return { median: null, mean: null, widest: null, classes };
  const median = (spanAt(bySpan, (all - 1) >> 1) + spanAt(bySpan, all >> 1)) / 2;
  const mean = Math.round((lines / all) * 100) / 100;
  return { median, mean, widest: spanAt(bySpan, all - 1), classes };
}

/** The span of the manager at `index`, counted from 0, of all in order of their spans. */
function spanAt(bySpan: readonly PlaceCount[], index: number): number {
  let before = 0;
  for (const { direct_reports, people } of bySpan) {
    before += people;
    if (index < before) return direct_reports;
  }
  return 0;
}

function manages({ direct_reports }: PlaceCount): boolean {
  return direct_reports > 0;
}

function sum(counts: readonly PlaceCount[]): number {
  return counts.reduce((total, { people }) => total + people, 0);
}
