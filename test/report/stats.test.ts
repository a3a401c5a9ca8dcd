// Statistics of places that are counted by depth and span.
import { describe, expect, test } from 'vitest';
import { type Stats, statsOf, WIDE } from '../../src/report/stats.ts';
import type { ManagerList, PlaceCount } from '../../src/store/reading/stats.ts';

type Place = Partial<PlaceCount>;

function statsFor(...places: readonly Place[]): Stats {
  const one: PlaceCount = { depth: 1, direct_reports: 0, active: 1, people: 1 };
  const counts = places.map((place) => ({ ...one, ...place }));
  return statsOf({ placeCounts: () => counts, managersOf: () => [] });
}

const spans = (...numbers: readonly number[]) =>
  numbers.map((direct_reports) => ({ direct_reports }));

describe('people', () => {
  test('are counted by whether they are disabled, manage, and stand under a root', () => {
    const { people, active, disabled, managers, without_place } = statsFor(
      { depth: 0, direct_reports: 3 },
      { people: 3 },
      { active: 0, people: 2, direct_reports: 1 },
      { depth: null, people: 4 },
    );
    expect({ people, active, disabled, managers, without_place }).toEqual({
      ...{ people: 10, active: 8, disabled: 2, managers: 3, without_place: 4 },
    });
  });

  test('stand in layers, from the top, whoever has no place in none', () => {
    const { layers } = statsFor(
      { depth: 10, people: 5 },
      { depth: 2, people: 2, direct_reports: 7 },
      { depth: 2, people: 3 },
      { depth: 0, direct_reports: 2 },
      { depth: null },
    );
    expect(layers).toEqual([
      { depth: 0, people: 1, managers: 1 },
      { depth: 2, people: 5, managers: 2 },
      { depth: 10, people: 5, managers: 0 },
    ]);
  });

  test('may be nobody at all', () => {
    const { people, layers, spans } = statsFor();
    expect({ people, layers }).toEqual({ people: 0, layers: [] });
    expect(spans).toMatchObject({ median: null, mean: null, widest: null });
  });
});

describe('spans', () => {
  test('fall into one class each, whichever they are', () => {
    const { spans: told } = statsFor(...spans(0, 1, 2, 4, 5, 7, 8, 12, 13, 20, 21, 50, 51, 9_999));
    const classes = told.classes.map(({ from, to, managers }) => [from, to, managers]);
    expect(classes).toEqual([
      [1, 1, 1],
      [2, 4, 2],
      [5, 7, 2],
      [8, 12, 2],
      [13, 20, 2],
      [21, 50, 2],
      [51, null, 2],
    ]);
  });

  test.each([
    { what: 'of one manager', of: spans(5), median: 5, mean: 5 },
    { what: 'of an odd number', of: spans(1, 9, 2), median: 2, mean: 4 },
    { what: 'of an even number', of: spans(1, 2, 5, 100), median: 3.5, mean: 27 },
    { what: 'rounded', of: spans(1, 1, 2), median: 1, mean: 1.33 },
    {
      what: 'counted for many at once',
      of: [
        { direct_reports: 3, people: 99 },
        { direct_reports: 7, people: 1 },
      ],
      ...{ median: 3, mean: 3.04 },
    },
    { what: 'of managers only', of: [{ people: 500 }, ...spans(4)], median: 4, mean: 4 },
  ])('have a median and a mean, $what', ({ of, median, mean }) => {
    expect(statsFor(...of).spans).toMatchObject({ median, mean });
  });

  test(`are over-wide above ${WIDE}, and only such managers are listed`, () => {
    const asked: [ManagerList, number][] = [];
    const over = [20, 21, 30].map((direct_reports) => {
      return { depth: 1, direct_reports, active: 1, people: 1 };
    });
    const { over_wide } = statsOf({
      placeCounts: () => over,
      managersOf: (list, most) => {
        asked.push([list, most]);
        return [];
      },
    });
    expect(over_wide).toMatchObject({ more_than: 20, managers: 2 });
    expect(asked).toContainEqual(['widest', 2]);
  });
});
