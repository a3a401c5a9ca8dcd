import { describe, expect, it } from 'vitest';
import { mixesThatDiffer, TOXICS, withTested } from './toxic-mixes.ts';

/** What ends connections: the crawl makes more of them. */
const ENDS = ['down', 'silence', 'reset', 'limited data'];

describe('a crawl of a real slapd', () => {
  it('is the same through each of the eight toxics', async () => {
    await withTested(async ({ undisturbed, through }) => {
      const digests: Record<string, string> = {};
      const disturbed: string[] = [];
      for (const [name, toxics] of Object.entries(TOXICS)) {
        const { digest, connections } = await through(toxics);
        digests[name] = digest;
        if (connections > undisturbed.connections) disturbed.push(name);
      }
      const names = Object.keys(TOXICS);
      expect(digests).toEqual(Object.fromEntries(names.map((name) => [name, undisturbed.digest])));
      expect(disturbed).toEqual(ENDS);
    });
  });

  it('is the same through 5 random mixes of them', async () => {
    await withTested(async (tested) => {
      expect(await mixesThatDiffer(tested, { from: 1, count: 5 })).toEqual([]);
    });
  });
});
