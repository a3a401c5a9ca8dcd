import { describe, expect, it } from 'vitest';
import { median, quotient, textTableOf } from './report.ts';
import { extrapolated, type SizeLine, sizeTableOf } from './ten-million.ts';

describe('a report', () => {
  it('takes the middle one, or what lies between the two in the middle, of what is known', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, null, 2, 3])).toBe(2.5);
    expect(median([null])).toBeNull();
  });

  it('divides only what is known', () => {
    expect(quotient(3, 2)).toBe(1.5);
    expect(quotient(3, null)).toBeNull();
    expect(quotient(3, 0)).toBeNull();
  });

  it('is a Markdown table', () => {
    expect(
      textTableOf([
        ['', 'wall s'],
        ['one', '2'],
      ]),
    ).toBe('|     | wall s |\n| --- | -----: |\n| one |      2 |');
  });
});

describe('a size that was not crawled', () => {
  const sized = (employees: number, seconds: number): SizeLine => ({
    ...{ employees, seconds, searches: employees / 100, fileBytes: employees * 500 },
    ...{ peakRssBytes: 1e8, serverRssBytes: null, extrapolated: false },
  });

  it('lies on the line through the two largest that were, and says so', () => {
    const line = extrapolated(4_000, sized(1_000, 2), sized(2_000, 3));
    expect(line).toMatchObject({ seconds: 5, searches: 40, fileBytes: 2e6, peakRssBytes: 1e8 });
    expect(sizeTableOf([line])).toContain('extrapolated');
  });

  it('never takes less than a smaller one', () => {
    expect(extrapolated(4_000, sized(1_000, 3), sized(2_000, 2)).seconds).toBe(2);
  });
});
