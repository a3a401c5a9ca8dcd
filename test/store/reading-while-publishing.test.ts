import { describe, it } from 'vitest';
import { expectWholeStates } from './reading-while-publishing.ts';

describe('whoever reads while runs are published', () => {
  it('sees each state whole, one after the other, and is never blocked', async () => {
    await expectWholeStates(10, 2_000);
  });
});
