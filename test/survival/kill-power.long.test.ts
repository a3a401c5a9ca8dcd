// The last commits of a crawl may be lost with the power, at any byte of the WAL.
import { test } from 'vitest';
import { randomOf } from '../support/organisation/random.ts';
import { cutPower } from './kill-power.ts';
import { changed, organised, publishing, withScene, withStrangers } from './kill-scene.ts';

test('60 first crawls whose last commits are not on the disk are made up for', async () => {
  await withScene(withStrangers(await organised(24)), (scene) =>
    cutPower(scene, 60, randomOf(22, 0)),
  );
});

test('60 crawls over a published state whose last commits are not on the disk are made up for', async () => {
  const first = await organised(24);
  const cut = (scene: Parameters<typeof cutPower>[0]) => cutPower(scene, 60, randomOf(23, 0));
  await withScene(changed(first), cut, publishing(first));
});
