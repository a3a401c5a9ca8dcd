// Medians, quotients, and the tables that people read.

export function median(values: readonly (number | null)[]): number | null {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  const middle = sorted.slice((sorted.length - 1) >> 1, (sorted.length >> 1) + 1);
  if (middle.length === 0) return null;
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}

/** Null where either is unknown, or nothing can be divided by. */
export function quotient(value: number | null, by: number | null, times = 1): number | null {
  return value === null || by === null || by === 0 ? null : (value / by) * times;
}

export function figure(value: number | null, digits = 0): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return value === null ? '–' : value.toLocaleString('en', options);
}

/** A Markdown table, padded so that it also reads in a terminal. The first row is the head, the first column text. */
export function textTableOf(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((row) => row[i]?.length ?? 0), 3),
  );
  const pad = (text: string, i: number) =>
    i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
  const rule = widths.map((width, i) =>
    i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  const [head = [], ...body] = rows.map((row) => row.map(pad));
  return [head, rule, ...body].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

export const say = (text: string) => process.stderr.write(`${text}\n`);
