// Killed at any of many instants, the same command again ends with the database of an undisturbed crawl.
import { afterAll, describe, expect, test } from 'vitest';
import { randomOf } from '../support/organisation/random.ts';
import { expectLittleWaste, killCrawls, newTally, summaryOf } from './kill-harness.ts';
import {
  changed,
  organised,
  publishing,
  type Scene,
  undisturbed,
  withScene,
  withSlapdScene,
  withStrangers,
} from './kill-scene.ts';

const PEOPLE = 200;
const tally = newTally();

async function kill(scene: Scene, kills: number, seed: number): Promise<void> {
  const wanted = tally.kills + kills;
  const random = randomOf(seed, 0);
  await killCrawls(scene, await undisturbed(scene), { kills, random, tally });
  expect(tally.kills).toBe(wanted);
}

afterAll(() => {
  process.stdout.write(`${summaryOf(tally)}\n`);
});

describe('a crawl that is killed at random instants, again and again, and run again until it ends', () => {
  test('leaves the database of an undisturbed one: 250 kills', async () => {
    await withScene(withStrangers(await organised(PEOPLE)), (scene) => kill(scene, 250, 11));
    expectLittleWaste(tally);
  });

  test('leaves it also over a published state: 200 kills', async () => {
    const first = await organised(PEOPLE);
    await withScene(changed(first), (scene) => kill(scene, 200, 12), publishing(first));
    expectLittleWaste(tally);
  });

  test('leaves it also where a real OpenLDAP is asked: 100 kills', async () => {
    await withSlapdScene(PEOPLE, (scene) => kill(scene, 100, 13));
  });
});
