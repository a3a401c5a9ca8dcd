// What crawls make of a directory that changes while they run, fails, and interrupts them, over several nights.
import { describe, expect, it } from 'vitest';
import { checkNights } from './nights/check.ts';
import { KNOWN } from './nights/known.ts';
import { play } from './nights/nights.ts';

/** What scenarios must reach, or they prove little. */
const WANTED = [
  ...['left', 'detached', 'returned', 'moved', 'changed', 'joined', 'failed'],
  ...['interrupted', 'running', 'partial', 'held: dry', 'released'],
];

describe('nobody leaves by silence', () => {
  it('over nights of all kinds', async () => {
    const seen = await checkNights({ seed: 1, numRuns: 24 });
    expect(WANTED.filter((what) => (seen.get(what) ?? 0) === 0)).toEqual([]);
  });

  it('over nights that nobody has tried before', async () => {
    await checkNights({ numRuns: 8 });
  });

  it.each(Object.entries(KNOWN))('where %s', async (_, scenario) => {
    const { complaints } = await play(scenario);
    expect(complaints).toEqual([]);
  });
});
