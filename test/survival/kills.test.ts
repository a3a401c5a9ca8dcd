// Killed at any instant, the same command again ends with the database of an undisturbed crawl, and little is done twice.
import { describe, expect, test } from 'vitest';
import { randomOf } from '../support/organisation/random.ts';
import { expectLittleWaste, killCrawls, newTally } from './kill-harness.ts';
import {
  changed,
  organised,
  publishing,
  undisturbed,
  withScene,
  withSlapdScene,
  withStrangers,
} from './kill-scene.ts';

describe('a crawl that is killed at random instants, again and again, and run again until it ends', () => {
  test('leaves the database of an undisturbed one', async () => {
    const tally = newTally();
    await withScene(withStrangers(await organised(200)), async (scene) => {
      const random = randomOf(1, 0);
      await killCrawls(scene, await undisturbed(scene), { kills: 12, random, tally });
    });
    expect(tally.kills).toBe(12);
    expectLittleWaste(tally);
  });

  test('leaves it also over a published state', async () => {
    const tally = newTally();
    const first = await organised(200);
    await withScene(
      changed(first),
      async (scene) => {
        const random = randomOf(2, 0);
        await killCrawls(scene, await undisturbed(scene), { kills: 8, random, tally });
      },
      publishing(first),
    );
    expect(tally.kills).toBe(8);
    expectLittleWaste(tally);
  });

  test('leaves it also where a real OpenLDAP is asked', async () => {
    const tally = newTally();
    await withSlapdScene(200, async (scene) => {
      const random = randomOf(3, 0);
      await killCrawls(scene, await undisturbed(scene), { kills: 5, random, tally });
    });
    expect(tally.kills).toBe(5);
  });
});
