import { expect, it } from 'vitest';
import { crawlInTheMiddle, expectUndisturbed, flap, withScene } from './outages.ts';

it('a slapd that is killed and restarted all the time is read all the same', async () => {
  await withScene(async (scene) => {
    let restarts = 0;
    for (let seed = 1; seed <= 12; seed += 1) {
      const workers = ['1', '4', '16'][seed % 3] as string;
      const disturbed = await crawlInTheMiddle(scene, '--workers', workers);
      restarts += await flap(scene, disturbed, seed);
      await expectUndisturbed(scene, disturbed);
    }
    expect(restarts).toBeGreaterThan(12);
  });
});
