import { expect, it } from 'vitest';
import { mixesThatDiffer, withTested } from './toxic-mixes.ts';

it('a crawl of a real slapd is the same through 300 random mixes of toxics', async () => {
  await withTested(async (tested) => {
    expect(await mixesThatDiffer(tested, { from: 1, count: 300 })).toEqual([]);
  });
});
