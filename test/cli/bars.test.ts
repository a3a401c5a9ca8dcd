// Bars of a chart in text.
import { describe, expect, test } from 'vitest';
import { barChart } from '../../src/cli/bars.ts';

const bars = (...values: readonly number[]) =>
  values.map((value, i) => ({ cells: [`row ${i}`, String(value)], value }));
const widths = (lines: readonly string[]) => lines.map((line) => [...line].length);

describe('a bar chart', () => {
  test('stands under its headings, aligned to the right', () => {
    expect(barChart(['what', 'people'], bars(1_000, 5), 26)).toEqual([
      ' what   people',
      'row 0     1000   █████████',
      'row 1        5   ▏',
    ]);
  });

  test('fills the columns that there are, and no more', () => {
    for (const columns of [30, 80, 200]) {
      expect(Math.max(...widths(barChart(['a', 'b'], bars(7, 6, 1), columns)))).toBe(columns);
    }
  });

  test('is still told apart where there is no room', () => {
    const [, most = '', half = ''] = barChart(['a', 'b'], bars(100, 50), 5);
    expect([most.endsWith('████████'), half.endsWith(' ████')]).toEqual([true, true]);
  });

  test('shows nothing for nothing, and something for the least', () => {
    const [, none, least] = barChart(['a', 'b'], bars(0, 1, 1_000_000), 60);
    expect(none).toMatch(/0$/);
    expect(least).toMatch(/1 {3}▏$/);
  });

  test('has no scale where all is nothing', () => {
    expect(barChart(['a', 'b'], bars(0), 60).join('')).not.toMatch(/[█▏]/);
  });
});
