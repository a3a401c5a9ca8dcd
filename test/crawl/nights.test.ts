import fc from 'fast-check';
import { expect, it } from 'vitest';
import { play } from './nights/nights.ts';
import { scenarios } from './nights/scenario.ts';

it('nobody leaves by silence', async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const { complaints } = await play(scenario);
      expect(complaints).toEqual([]);
    }),
    { numRuns: 50 },
  );
});
