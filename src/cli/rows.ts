import { stringify } from 'csv-stringify/sync';
import stringWidth from 'string-width';
import { type Io, printable } from './terminal.ts';

export type Format = 'table' | 'json' | 'ndjson' | 'csv';
export type Row = Readonly<Record<string, unknown>>;

/** Rows in the form that the person asked for. Only the table is made for eyes: the others hold what the database holds. */
export function printRows(
  io: Io,
  format: Format,
  columns: readonly string[],
  rows: Iterable<Row>,
): void {
  PRINTERS[format](io, columns, rows);
}

type Printer = (io: Io, columns: readonly string[], rows: Iterable<Row>) => void;

const PRINTERS: Readonly<Record<Format, Printer>> = {
  table: (io, columns, rows) => io.out(asTable(columns, rows)),
  json: (io, _, rows) => printJson(io, rows),
  ndjson(io, _, rows) {
    for (const row of rows) io.out(`${asJson(row)}\n`);
  },
  csv(io, columns, rows) {
    io.out(csvLine(columns));
    for (const row of rows) io.out(csvLine(columns.map((column) => row[column])));
  },
};

function printJson(io: Io, rows: Iterable<Row>): void {
  let before = '[\n';
  for (const row of rows) {
    io.out(`${before}  ${asJson(row)}`);
    before = ',\n';
  }
  io.out(before === '[\n' ? '[]\n' : '\n]\n');
}

/** Bytes in base64, as in CSV. */
function asJson(row: Row): string {
  const cells = Object.entries(row).map(([name, value]) => {
    return [name, value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value];
  });
  return JSON.stringify(Object.fromEntries(cells));
}

/** A cell that begins like a formula is neutralised: a spreadsheet would run it. */
function csvLine(cells: readonly unknown[]): string {
  return stringify([cells.map(csvCell)], { escape_formulas: true });
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  return value instanceof Uint8Array ? Buffer.from(value).toString('base64') : String(value);
}

const GAP = '   ';

/** Columns are told apart by space alone, so that a table can be read, copied and cut. */
function asTable(columns: readonly string[], rows: Iterable<Row>): string {
  const right = new Set<number>();
  const body = [...rows].map((row) =>
    columns.map((column, i) => {
      const value = row[column];
      if (typeof value === 'number' || typeof value === 'bigint') right.add(i);
      return tableCell(value);
    }),
  );
  const lines = [columns.map(printable), ...body];
  const widths = columns.map((_, i) => widest(lines, i));
  const draw = (cells: readonly string[]) => {
    const padded = cells.map((cell, i) => {
      const blanks = ' '.repeat((widths[i] as number) - stringWidth(cell));
      return right.has(i) ? blanks + cell : cell + blanks;
    });
    return padded.join(GAP).trimEnd();
  };
  return `${lines.map(draw).join('\n')}\n`;
}

function widest(lines: readonly (readonly string[])[], column: number): number {
  let width = 0;
  for (const line of lines) width = Math.max(width, stringWidth(line[column] ?? ''));
  return width;
}

function tableCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Uint8Array) return `(${value.length} bytes)`;
  return printable(String(value));
}
