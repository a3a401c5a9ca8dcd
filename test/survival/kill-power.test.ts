// The last commits of a crawl may be lost with the power: data and frontier go together, and nothing is lost for good.
import { test } from 'vitest';
import { randomOf } from '../support/organisation/random.ts';
import { cutPower } from './kill-power.ts';
import { organised, withScene, withStrangers } from './kill-scene.ts';

test('a crawl whose last commits are not on the disk is made up for by the same command', async () => {
  await withScene(withStrangers(await organised(24)), (scene) =>
    cutPower(scene, 3, randomOf(21, 0)),
  );
});
