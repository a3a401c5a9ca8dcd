import stringWidth from 'string-width';

/** One bar, with the cells that stand before it. */
export interface Bar {
  readonly cells: readonly string[];
  readonly value: number;
}

/** Parts of a column, by eighths. */
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const GAP = '   ';
/** A bar is told from its neighbour also where the terminal is narrow. */
const NARROWEST = 8;

/** Bars that share one scale, behind columns of cells under their headings, in lines of at most `columns` columns where that fits. */
export function barChart(
  headings: readonly string[],
  bars: readonly Bar[],
  columns: number,
): readonly string[] {
  const lines = [headings, ...bars.map(({ cells }) => cells)];
  const widths = headings.map((_, i) => Math.max(...lines.map((line) => width(line, i))));
  const before = widths.reduce((total, each) => total + each + GAP.length, 0);
  const room = Math.max(NARROWEST, columns - before);
  const most = Math.max(1, ...bars.map(({ value }) => value));
  return lines.map((line, i) => {
    const cells = widths.map((each, column) => {
      return ' '.repeat(each - width(line, column)) + (line[column] ?? '');
    });
    return [...cells, bar(bars[i - 1]?.value ?? 0, most, room)].join(GAP).trimEnd();
  });
}

/** `room` columns are `most`. Something never looks like nothing. */
function bar(value: number, most: number, room: number): string {
  const eighths = Math.max(Math.round((value / most) * room * 8), value > 0 ? 1 : 0);
  return '█'.repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
}

function width(line: readonly string[], column: number): number {
  return stringWidth(line[column] ?? '');
}
