// What crawls make of a directory that changes while they run, fails, and interrupts them, over several nights.
import { describe, expect, it } from 'vitest';
import { checkNights } from './nights/check.ts';

describe('nobody leaves by silence', () => {
  it('over nights of all kinds', async () => {
    const seen = await checkNights({ seed: 1, numRuns: 30 });
    for (const what of [
      'left',
      'detached',
      'returned',
      'moved',
      'failed',
      'interrupted',
      'released',
    ])
      expect(seen.get(what), what).toBeGreaterThan(0);
  });

  it('over nights that nobody has tried before', async () => {
    await checkNights({ numRuns: 10 });
  });
});
