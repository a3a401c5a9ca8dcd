import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cyclesOf } from '../../src/domain/cycles.ts';
import { growForest } from '../../src/domain/forest.ts';
import { NONE } from '../../src/domain/lines.ts';
import { type Line, linesOf } from './lines.ts';

function cycles(
  people: number,
  lines: readonly Line[],
  roots: readonly number[] = [],
): readonly (readonly number[])[] {
  const all = linesOf(people, lines);
  return inOrder(cyclesOf(all, growForest(all, roots, () => 0).depth));
}

function inOrder(found: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return found
    .map((cycle) => cycle.toSorted((a, b) => a - b))
    .toSorted(([a = 0], [b = 0]) => a - b);
}

/** By the meaning of the word: whoever comes back to themselves, with everyone whom they reach and who reaches them. */
function naively(people: number, lines: readonly Line[]): readonly (readonly number[])[] {
  const everyone = Array.from({ length: people }, (_, person) => person);
  const above = everyone.map((person) => reached(person, lines));
  const sets = everyone.map((a) => everyone.filter((b) => above[a]?.has(b) && above[b]?.has(a)));
  return sets.filter((set, person) => set.length > 1 && set[0] === person);
}

function reached(from: number, lines: readonly Line[]): ReadonlySet<number> {
  const found = new Set([from]);
  for (const person of found) {
    for (const [employee, manager] of lines) if (employee === person) found.add(manager);
  }
  return found;
}

describe('cycles of managers', () => {
  it.each<[string, readonly Line[], readonly (readonly number[])[]]>([
    [
      'are none in a tree',
      [
        [1, 0],
        [2, 0],
        [3, 1],
      ],
      [],
    ],
    [
      'are none of oneself',
      [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
      [],
    ],
    [
      'are two who report to one another',
      [
        [0, 1],
        [1, 0],
        [2, 1],
      ],
      [[0, 1]],
    ],
    [
      'that share a person are one',
      [
        [0, 1],
        [1, 0],
        [1, 2],
        [2, 1],
      ],
      [[0, 1, 2]],
    ],
    [
      'one below the other are two',
      [
        [0, 1],
        [1, 0],
        [2, 1],
        [2, 3],
        [3, 2],
      ],
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [
      'leave out who only leads in, or is led to',
      [
        [3, 0],
        [0, 1],
        [1, 0],
        [1, 2],
      ],
      [[0, 1]],
    ],
  ])('%s', (_, lines, expected) => {
    expect(cycles(4, lines)).toEqual(expected);
  });

  it('are found whatever the organisation', () => {
    const someone = fc.integer({ min: 0, max: 8 });
    const organisation = fc.array(fc.tuple(someone, someone), { maxLength: 18 });
    fc.assert(
      fc.property(organisation, fc.array(someone, { maxLength: 2 }), (lines, roots) => {
        expect(cycles(9, lines, roots)).toEqual(naively(9, lines));
      }),
      { numRuns: 500 },
    );
  });

  it('of a hundred thousand people need no deep stack', () => {
    const people = 100_000;
    const next = Int32Array.from({ length: people }, (_, person) => (person + 1) % people);
    const unreached = new Int32Array(people).fill(NONE);
    const [cycle, another] = cyclesOf(
      { people, managers: next, further: new Int32Array() },
      unreached,
    );
    expect([cycle?.length, another]).toEqual([people, undefined]);
  });
});
