// Scenarios without number, and those that were once played wrongly.
import fc from 'fast-check';
import { play } from './nights.ts';
import { scenarios } from './scenario.ts';

/** Without a seed it is another one each time; a failure tells which. */
export type Sampling = Pick<
  fc.Parameters,
  'numRuns' | 'seed' | 'interruptAfterTimeLimit' | 'markInterruptAsFailure'
>;

/** Rejects with the smallest scenario that fails, its seed, and what is wrong. */
export async function checkNights(sampling: Sampling): Promise<ReadonlyMap<string, number>> {
  const seen = new Map<string, number>();
  const property = fc.asyncProperty(scenarios, async (scenario) => {
    const played = await play(scenario);
    for (const [what, times] of played.seen) seen.set(what, (seen.get(what) ?? 0) + times);
    if (played.complaints.length > 0) throw new Error(played.complaints.join('\n'));
  });
  await fc.assert(property, sampling);
  return seen;
}
