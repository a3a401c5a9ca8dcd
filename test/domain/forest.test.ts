import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { growForest } from '../../src/domain/forest.ts';
import { NONE } from '../../src/domain/lines.ts';
import { byNumbers, type Line, linesOf, listOf } from './lines.ts';

/** As plain arrays. Ties go to the lower number, unless told otherwise. */
function grow(
  people: number,
  roots: readonly number[],
  lines: readonly Line[],
  compare: (a: number, b: number) => number = (a, b) => a - b,
) {
  const { manager, depth, direct, total } = growForest(linesOf(people, lines), roots, compare);
  return {
    manager: Array.from(depth, (_, person) => manager(person)),
    depth: [...depth],
    direct: [...direct],
    total: [...total],
  };
}

describe('a forest', () => {
  it('is derived from reporting lines', () => {
    const lines: Line[] = [
      [1, 0],
      [2, 0],
      [3, 1],
      [4, 1],
      [5, 3],
    ];
    expect(grow(6, [0], lines)).toEqual({
      manager: [NONE, 0, 0, 1, 1, 3],
      depth: [0, 1, 1, 2, 2, 3],
      direct: [2, 2, 0, 1, 0, 0],
      total: [5, 3, 0, 1, 0, 0],
    });
  });

  it('gives the primary manager of least depth, whoever else there is', () => {
    const lines: Line[] = [
      [1, 0],
      [2, 1],
      [3, 2],
      [3, 1],
      [3, 0],
    ];
    const { manager, direct, total } = grow(4, [0], lines);
    expect(manager[3]).toBe(0);
    expect(direct).toEqual([2, 2, 1, 0]); // every line counts
    expect(total).toEqual([3, 1, 0, 0]); // primary lines only
  });

  it('asks for the order of two managers at a tie only, whichever line comes first', () => {
    const lines: Line[] = [
      [1, 0],
      [2, 0],
      [3, 1],
      [3, 2],
    ];
    const asked: Line[] = [];
    const higher = (a: number, b: number) => {
      asked.push([a, b]);
      return b - a;
    };
    expect(grow(4, [0], lines, higher).manager[3]).toBe(2);
    expect(grow(4, [0], lines.toReversed(), higher).manager[3]).toBe(2);
    expect(asked).toHaveLength(2);
  });

  it('counts nobody as their own manager or report', () => {
    const lines: Line[] = [
      [0, 0],
      [1, 0],
      [1, 1],
    ];
    expect(grow(2, [0], lines)).toEqual({
      manager: [NONE, 0],
      depth: [0, 1],
      direct: [1, 0],
      total: [1, 0],
    });
  });

  it('counts a line that is there twice once', () => {
    const lines: Line[] = [
      [1, 0],
      [1, 0],
    ];
    expect(grow(2, [0], lines)).toMatchObject({ direct: [1, 0], total: [1, 0] });
  });

  it('gives a root depth 0 and no manager, below another root and in a cycle', () => {
    const lines: Line[] = [
      [1, 0],
      [2, 1],
      [0, 2],
    ];
    expect(grow(3, [0, 1], lines)).toEqual({
      manager: [NONE, NONE, 1],
      depth: [0, 0, 1],
      direct: [1, 1, 1],
      total: [0, 1, 0],
    });
  });

  it('leaves those whom no root reaches without depth and manager, but counts their lines', () => {
    const lines: Line[] = [
      [1, 2],
      [2, 1],
      [3, 2],
    ];
    expect(grow(4, [0], lines)).toEqual({
      manager: [NONE, NONE, NONE, NONE],
      depth: [0, NONE, NONE, NONE],
      direct: [0, 1, 2, 0],
      total: [0, 0, 0, 0],
    });
  });

  it('may be empty', () => {
    expect(grow(0, [], [])).toEqual({ manager: [], depth: [], direct: [], total: [] });
  });

  it('may be a chain of a million', () => {
    const count = 1_000_000;
    const managers = Int32Array.from({ length: count }, (_, i) => (i === 0 ? NONE : i - 1));
    const lines = { people: count, managers, further: new Int32Array() };
    const forest = growForest(lines, [0], () => 0);
    expect(forest.depth[count - 1]).toBe(count - 1);
    expect(forest.total[0]).toBe(count - 1);
  });
});

const graphs = fc.integer({ min: 1, max: 14 }).chain((people) =>
  fc.record({
    people: fc.constant(people),
    roots: fc.uniqueArray(fc.nat(people - 1), { maxLength: 3 }),
    lines: fc.array(fc.tuple(fc.nat(people - 1), fc.nat(people - 1)), { maxLength: 40 }),
    ranks: fc.array(fc.nat(3), { minLength: people, maxLength: people }),
  }),
);

interface Graph {
  readonly people: number;
  readonly roots: readonly number[];
  readonly lines: readonly Line[];
  readonly ranks: readonly number[];
}

/** The same by definition, one person at a time, without regard to time. */
function naive({ people, roots, lines, ranks }: Graph) {
  const everyone = Array.from({ length: people }, (_, i) => i);
  const depth = depths(people, roots, lines);
  const managersOf = (e: number) => lines.filter(([each]) => each === e).map(([, m]) => m);
  const manager = everyone.map((e) => {
    if (roots.includes(e) || depth[e] === NONE) return NONE;
    const known = managersOf(e).filter((m) => m !== e && depth[m] !== NONE);
    const [best] = known.toSorted(
      (a, b) =>
        (depth[a] as number) - (depth[b] as number) ||
        (ranks[a] as number) - (ranks[b] as number) ||
        a - b,
    );
    return best ?? NONE;
  });
  const direct = everyone.map(
    (m) => new Set(lines.filter(([e, of]) => of === m && e !== m).map(([e]) => e)).size,
  );
  const isBelow = (e: number, m: number): boolean => {
    const above = manager[e] as number;
    return above === m || (above !== NONE && isBelow(above, m));
  };
  const total = everyone.map((m) => everyone.filter((e) => isBelow(e, m)).length);
  return { manager, depth, direct, total };
}

/** By relaxation until nothing changes. */
function depths(people: number, roots: readonly number[], lines: readonly Line[]): number[] {
  const depth: number[] = Array.from({ length: people }, () => NONE);
  for (const root of roots) depth[root] = 0;
  for (let changed = true; changed; ) {
    changed = false;
    for (const [e, m] of lines) {
      const through = depth[m] as number;
      if (through === NONE || (depth[e] !== NONE && (depth[e] as number) <= through + 1)) continue;
      depth[e] = through + 1;
      changed = true;
    }
  }
  return depth;
}

describe('the forest of any graph', () => {
  it('is the one that the definition gives', () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const { people, roots, lines, ranks } = graph;
        const byRank = (a: number, b: number) =>
          (ranks[a] as number) - (ranks[b] as number) || a - b;
        expect(grow(people, roots, lines, byRank)).toEqual(naive(graph));
      }),
      { numRuns: 2_000 },
    );
  });

  it('has everyone with a primary manager in a line to them first, and all lines still', () => {
    fc.assert(
      fc.property(graphs, ({ people, roots, lines }) => {
        const grown = linesOf(people, lines);
        const { manager, depth } = growForest(grown, roots, (a, b) => a - b);
        for (const [person, steps] of depth.entries()) {
          if (steps > 0) expect(grown.managers[person]).toBe(manager(person));
        }
        expect(listOf(grown)).toEqual(lines.toSorted(byNumbers));
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order of the lines or of the roots', () => {
    fc.assert(
      fc.property(graphs, ({ people, roots, lines }) => {
        const turned = grow(people, roots.toReversed(), lines.toReversed());
        expect(turned).toEqual(grow(people, roots, lines));
      }),
      { numRuns: 500 },
    );
  });
});
