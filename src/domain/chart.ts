import type { ChangeKind } from './changes.ts';
/** What `orgwalk chart` writes into its file and the front end in that file reads: people as columns, since names of fields would be most of it. */

/** One value for each person; where `rows` is given, the number of the value in `values`. Empty: the directory tells none. */
export interface ChartColumn {
  readonly values: readonly string[];
  readonly rows?: readonly number[];
}

export const CHART_COLUMNS = [
  ...(['name', 'username', 'title', 'department'] as const),
  ...(['location', 'email', 'phone'] as const),
] as const;
export type ChartColumnName = (typeof CHART_COLUMNS)[number];

/** What differs: a column, its value before and after. Without values: only that it differs. */
export type ChartDifference = readonly [what: string, before?: string, after?: string];

/** `row` is -1 for somebody who is not in the chart (any more). */
export type ChartChange = readonly [
  kind: ChangeKind,
  row: number,
  name: string,
  differences: readonly ChartDifference[],
];

/** People in preorder: whoever reports to somebody stands below them, before anyone of the same level. */
export interface ChartData {
  readonly title: string;
  /** The state that is shown. `publishedAt` is null for a run that is held. */
  readonly run: number;
  readonly publishedAt: string | null;
  /** Names of those above the people shown, from the root down. */
  readonly above: readonly string[];
  /** Of each person: steps below the top. 0 begins another tree. */
  readonly levels: readonly number[];
  readonly columns: Readonly<Record<ChartColumnName, ChartColumn>>;
  /** Rows of disabled accounts. */
  readonly disabled: readonly number[];
  /** Direct reports by all lines, where these are others than the people shown below: [row, number]. */
  readonly direct: readonly (readonly [row: number, direct: number])[];
  /** What this state's run changed; null: it was the first, there is nothing to compare with. */
  readonly changes: {
    readonly counts: Readonly<Record<ChangeKind, number>>;
    /** Not all of them where there are very many. */
    readonly list: readonly ChartChange[];
  } | null;
}
