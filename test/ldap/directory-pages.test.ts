// Pages that are asked for otherwise than at first: too large, or by a server that does not page after all.
import { describe, expect, it } from 'vitest';
import { ResultCode } from '../../src/simulate/faults.ts';
import type { ObservedSearch } from '../../src/simulate/server.ts';
import { person, SUFFIX, team } from '../simulate/servers.ts';
import { branch, expand, failureIn, P1, withOpen } from './directories.ts';

/** More than 8 MiB are kept of 300 of them. */
const LARGE = Array.from({ length: 300 }, (_, n) =>
  person(`r${n}`, { title: ['x'.repeat(40_000)] }),
);

const P2 = `uid=p2,${SUFFIX}`;

function pageSizesOf(searches: readonly ObservedSearch[]): readonly (number | undefined)[] {
  const first = searches.filter(({ managers, continues }) => managers.length > 0 && !continues);
  return first.map(({ pageSize }) => pageSize);
}

describe('a page of which more than 8 MiB would be kept', () => {
  it('is asked for at half the size, on a new connection, and so are all from then on', async () => {
    await withOpen({ directory: team(2, LARGE) }, {}, async ({ directory, searches }) => {
      const { pages, found, error } = await expand(directory, [branch('p1')]);
      expect([error, new Set(found).size]).toEqual([undefined, 302]);
      expect(pageSizesOf(searches)).toEqual([500, 250, 125]);
      expect(Math.max(...pages.map(({ page }) => page.employees.length))).toBe(125);
      const asking = searches.filter(({ managers }) => managers.length > 0);
      expect(new Set(asking.map(({ connection }) => connection)).size).toBe(3);
      await expand(directory, [branch('p2')]);
      expect(pageSizesOf(searches).at(-1)).toBe(125);
    });
  });

  it('is no reason to divide a batch', async () => {
    await withOpen({ directory: team(2, LARGE) }, {}, async ({ directory }) => {
      const { found, completed, error } = await expand(directory, [branch('p1'), branch('p2')]);
      expect([error, completed, new Set(found).size]).toEqual([undefined, true, 302]);
    });
  });

  it('is one where a batch cannot be paged; a lone manager is read whatever it takes', async () => {
    const options = { pageSize: 0 };
    await withOpen({ directory: team(2, LARGE) }, options, async ({ directory }) => {
      const batch = await expand(directory, [branch('p1'), branch('p2')]);
      expect(failureIn(batch)).toEqual({ remedy: 'split', reason: 'limit', resultCode: null });
      expect((await expand(directory, [branch('p1')])).found.length).toBe(302);
    });
  });

  it('is taken where it is a single entry', async () => {
    const huge = person('r', {
      title: Array.from({ length: 200 }, (_, n) => `${n}${'x'.repeat(60_000)}`),
    });
    const options = { pageSize: 2 };
    await withOpen({ directory: team(1, [huge]) }, options, async ({ directory, searches }) => {
      expect((await expand(directory, [branch('p1')])).found).toEqual(['p1', 'r']);
      expect(pageSizesOf(searches)).toEqual([2, 1]);
    });
  });

  it('counts what is kept, not what came: of a long value 64 KiB', async () => {
    const long = Array.from({ length: 12 }, (_, n) =>
      person(`r${n}`, { title: ['x'.repeat(1_000_000)] }),
    );
    await withOpen({ directory: team(1, long) }, {}, async ({ directory, searches }) => {
      expect((await expand(directory, [branch('p1')])).found.length).toBe(13);
      expect(pageSizesOf(searches)).toEqual([500]);
    });
  });
});

describe('a server that refuses the paging control (12)', () => {
  const refusing = () => [new ResultCode(12, { manager: P1, page: 1 })];

  it('is asked without it, on a new connection, from then on', async () => {
    await withOpen({ faults: refusing() }, {}, async ({ directory, searches }) => {
      const { found, completed } = await expand(directory, [branch('p1')]);
      expect([found, completed]).toEqual([['p1', 'p2', 'p3'], true]);
      const [paged, plain] = searches.filter(({ managers }) => managers.includes(P1));
      expect([paged?.pageSize, plain?.pageSize]).toEqual([500, undefined]);
      expect(plain?.connection).not.toBe(paged?.connection);
      await expand(directory, [branch('p2')]);
      expect(searches.at(-1)).toMatchObject({ managers: [P2], pageSize: undefined });
    });
  });

  it('has failed where it refuses all the same', async () => {
    const faults = [new ResultCode(12, { manager: P1 })];
    await withOpen({ faults }, {}, async ({ directory }) => {
      const outcome = await expand(directory, [branch('p1')]);
      expect(failureIn(outcome)).toEqual({ remedy: 'fail', reason: 'limit', resultCode: 12 });
    });
  });
});
