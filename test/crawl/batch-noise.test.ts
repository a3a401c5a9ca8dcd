import { describe, expect, it } from 'vitest';
import { costOf, far, type ServerName, sizesOver, turnsOf, wantedOf } from './noisy-servers.ts';

const names: readonly ServerName[] = ['openldap', '389', 'samba'];
const SEEDS = Array.from({ length: 10 }, (_, i) => i + 1);
/** Searches within which a size must be found, and then as many in which it must stay. */
const SETTLING = 250;

const links = names.flatMap((name) => [0, 20, 100].map((roundTripMs) => ({ name, roundTripMs })));
const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];

describe.each(links)('on $name over $roundTripMs ms the batch size', ({ name, roundTripMs }) => {
  const server = far({ name, roundTripMs });
  const paths = (sigma: number, drifts = false) =>
    SEEDS.map((seed) =>
      sizesOver(() => ({ name, roundTripMs }), { sigma, seed, searches: 1_000, drifts }),
    );

  it('is the one that is wanted where answers take what they must', () => {
    const [path = []] = paths(0);
    expect(path.at(-1)).toBe(wantedOf(server));
  });

  it.each([
    [0.5, 0, 1.6],
    [1, 4, 2],
  ])('settles and stays under noise of σ %d', (sigma, mostTurns, mostCost) => {
    const settled = paths(sigma).map((path) => path.slice(SETTLING));
    expect(Math.max(...settled.map(turnsOf))).toBeLessThanOrEqual(mostTurns);
    expect(middle(settled.map(turnsOf))).toBe(0);
    expect(middle(settled.map((path) => costOf(path, server)))).toBeLessThanOrEqual(mostCost);
  });

  it.each([0.5, 1])('is as good where managers have ever fewer reports, at σ %d', (sigma) => {
    const settled = paths(sigma, true).map((path) => path.slice(SETTLING));
    expect(middle(settled.map(turnsOf))).toBe(0);
    expect(middle(settled.map((path) => costOf(path, server)))).toBeLessThanOrEqual(2);
  });
});

describe.each([20, 100])('over %i ms, where few searches are what matters', (roundTripMs) => {
  // The others are so slow with large ones that they may cost more than the way, where managers have many reports.
  it.each([
    ['the same', ['openldap', '389'], false],
    ['ever less', ['openldap'], true],
  ] as const)(
    'nearly all batches are large, however noisy, where %s is asked for',
    (_, on, drifts) => {
      const ends = on.flatMap((name) =>
        [0.5, 1].flatMap((sigma) =>
          SEEDS.map((seed) =>
            sizesOver(() => ({ name, roundTripMs }), { sigma, seed, searches: 1_000, drifts }).at(
              -1,
            ),
          ),
        ),
      );
      const small = ends.filter((size = 0) => size < 75);
      expect(small.length).toBeLessThanOrEqual(ends.length / 20);
    },
  );
});

describe('when the server becomes another', () => {
  it.each([
    ['openldap', 0, '389', 0],
    ['openldap', 0, 'samba', 0],
    ['389', 0, 'openldap', 0],
    ['samba', 0, 'openldap', 0],
    ['openldap', 0, 'openldap', 20],
    ['openldap', 20, 'samba', 0],
  ] as const)('from %s at %i ms to %s at %i ms, the size follows', (from, fromMs, to, toMs) => {
    const [before, after] = [
      { name: from, roundTripMs: fromMs },
      { name: to, roundTripMs: toMs },
    ];
    const server = (n: number) => (n < 500 ? before : after);
    for (const sigma of [0, 0.5, 1]) {
      const ends = SEEDS.map((seed) =>
        sizesOver(server, { sigma, seed, searches: 1_500 }).slice(900),
      );
      expect(middle(ends.map((path) => costOf(path, far(after))))).toBeLessThanOrEqual(2);
      expect(middle(ends.map(turnsOf))).toBe(0);
    }
  });
});
