// How the batch size goes over the searches of a crawl, on servers with noise, one of which becomes another halfway.
import {
  costOf,
  far,
  type ServerName,
  SIZES,
  sizesOver,
  turnsOf,
  wantedOf,
} from '../crawl/noisy-servers.ts';

export type BatchSeries = {
  readonly server: ServerName;
  /** What it becomes halfway. */
  readonly then: ServerName;
  readonly roundTripMs: number;
  /** Of the logarithm of the answers' times; one answer in a hundred takes twenty times as long besides. */
  readonly sigma: number;
  /** Managers to a search, search by search. */
  readonly sizes: readonly number[];
  /** Changes of direction in the second half of each half. */
  readonly turns: number;
  /** The size that is looked for, before and after the change. */
  readonly wanted: readonly [number, number];
  /** Time per manager in the last quarter, against the best there is. */
  readonly cost: number;
};

export type BatchPlot = readonly BatchSeries[];

const CHANGES: readonly (readonly [ServerName, ServerName])[] = [
  ['openldap', '389'],
  ['389', 'openldap'],
  ['samba', 'openldap'],
];
const ROUND_TRIPS_MS: readonly number[] = [0, 20, 100];
const SIGMAS: readonly number[] = [0.5, 1];
const SEARCHES = 2_000;
const SEED = 1;

export async function measureBatch(): Promise<BatchPlot> {
  return ROUND_TRIPS_MS.flatMap((roundTripMs) =>
    SIGMAS.flatMap((sigma) =>
      CHANGES.map(([server, then]) => seriesOf({ server, then, roundTripMs, sigma })),
    ),
  );
}

function seriesOf(
  given: Pick<BatchSeries, 'server' | 'then' | 'roundTripMs' | 'sigma'>,
): BatchSeries {
  const { server, then, roundTripMs, sigma } = given;
  const half = SEARCHES / 2;
  const at = (n: number) => ({ name: n < half ? server : then, roundTripMs });
  const sizes = sizesOver(at, { sigma, seed: SEED, searches: SEARCHES });
  const before = far({ name: server, roundTripMs });
  const after = far({ name: then, roundTripMs });
  const turns = turnsOf(sizes.slice(half / 2, half)) + turnsOf(sizes.slice(half + half / 2));
  const cost = costOf(sizes.slice(half + half / 2), after);
  return { ...given, sizes, turns, cost, wanted: [wantedOf(before), wantedOf(after)] };
}

const COLUMNS = 80;
const SEARCHES_TO_A_COLUMN = SEARCHES / COLUMNS;

/** A grid for each server and link: sizes upwards, searches to the right. */
export function batchPlotOf(plot: BatchPlot): string {
  return plot.map((series) => `${titleOf(series)}\n${gridOf(series)}`).join('\n\n');
}

function titleOf({ server, then, roundTripMs, sigma, turns, wanted, cost }: BatchSeries): string {
  const what = `${server}, from search ${SEARCHES / 2} on ${then}; ${roundTripMs} ms, σ ${sigma}`;
  const how = `wanted ${wanted.join(' then ')}, ${turns} turns when settled, cost ${cost.toFixed(2)}`;
  return `${what}: ${how}`;
}

function gridOf({ sizes }: BatchSeries): string {
  const columns = Array.from({ length: COLUMNS }, (_, i) =>
    sizes.slice(i * SEARCHES_TO_A_COLUMN, (i + 1) * SEARCHES_TO_A_COLUMN),
  );
  const rows = SIZES.toReversed().map((size) => {
    const marks = columns.map((column) => (column.includes(size) ? '•' : ' '));
    return `${String(size).padStart(4)} │${marks.join('').trimEnd()}`;
  });
  return [...rows, `     └${'─'.repeat(COLUMNS)} ${SEARCHES} searches`].join('\n');
}

const PANEL = { width: 360, height: 150, left: 40, top: 30 } as const;
const TO_A_ROW = CHANGES.length;
const LEGEND = 'font-family="sans-serif" font-size="10" fill="#333"';

/** The same as one picture, a panel for each. */
export function batchSvgOf(plot: BatchPlot): string {
  const rows = Math.ceil(plot.length / TO_A_ROW);
  const width = TO_A_ROW * (PANEL.width + PANEL.left) + PANEL.left;
  const height = rows * (PANEL.height + PANEL.top) + PANEL.top;
  const panels = plot.map((series, i) => {
    const x = PANEL.left + (i % TO_A_ROW) * (PANEL.width + PANEL.left);
    const y = PANEL.top + Math.floor(i / TO_A_ROW) * (PANEL.height + PANEL.top);
    return `<g transform="translate(${x} ${y})">${panelOf(series)}</g>`;
  });
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${panels.join('')}</svg>\n`;
}

function panelOf({ sizes, server, then, roundTripMs, sigma }: BatchSeries): string {
  const title = `${server} → ${then}, ${roundTripMs} ms, σ ${sigma}`;
  const lines = SIZES.map((size) => {
    const y = heightOf(size);
    const label = `<text x="-4" y="${y + 3}" text-anchor="end" ${LEGEND}>${size}</text>`;
    return `<path d="M0 ${y}H${PANEL.width}" stroke="#ddd"/>${label}`;
  });
  const points = sizes.map((size, n) => `${xOf(n)},${heightOf(size)}`);
  const half = `<path d="M${xOf(SEARCHES / 2)} 0V${PANEL.height - 20}" stroke="#c00" stroke-dasharray="3"/>`;
  const curve = `<polyline points="${points.join(' ')}" fill="none" stroke="#06c" stroke-width="1.5"/>`;
  return `<text y="-4" ${LEGEND}>${title}</text>${lines.join('')}${half}${curve}`;
}

function xOf(n: number): number {
  return Math.round((n * PANEL.width) / SEARCHES);
}

/** Each size a step above the one before. */
function heightOf(size: number): number {
  const step = (PANEL.height - 20) / (SIZES.length - 1);
  return Math.round(PANEL.height - 20 - SIZES.indexOf(size) * step);
}
