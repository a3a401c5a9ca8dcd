// Thousands of the nights of which npm test plays a sample.
import { it } from 'vitest';
import { checkNights } from './nights/check.ts';

const BATCHES = 30;
const SCENARIOS = 100;
/** A batch takes a minute; a failure is made smaller until then. */
const AT_MOST_MS = 600_000;

it.each(Array.from({ length: BATCHES }, (_, i) => i + 1))(
  'nobody leaves by silence, over other nights of all kinds (%i)',
  async () => {
    await checkNights({
      numRuns: SCENARIOS,
      interruptAfterTimeLimit: AT_MOST_MS,
      markInterruptAsFailure: true,
    });
  },
);
