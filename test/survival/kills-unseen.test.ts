// Killed while those are looked up whom it has not seen, the same command again does not look up again who is known to be gone.
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  changed,
  crawlToEnd,
  freshDatabase,
  organised,
  publishing,
  type Scene,
  startCrawl,
  WORKERS,
  withScene,
} from './kill-scene.ts';

/** DNs that were read one by one, but for that of the root. */
function lookedUp({ simulated, root }: Scene, from = 0): readonly string[] {
  const searches = simulated?.searches.slice(from) ?? [];
  return searches.flatMap(({ scope, base }) => {
    return scope === 'base' && base !== '' && base !== root ? base : [];
  });
}

/** Kills a crawl when the server has been asked for the `n`-th of them. Returns which they were. */
async function killedAtLookUp(scene: Scene, db: string, n: number): Promise<readonly string[]> {
  const from = scene.simulated?.searches.length ?? 0;
  const running = startCrawl(scene, db);
  while (lookedUp(scene, from).length < n) await setImmediate();
  running.kill('SIGKILL');
  expect((await running.finished).signal).toBe('SIGKILL');
  while (scene.simulated?.server.stats.openConnections) await setImmediate();
  return lookedUp(scene, from);
}

test('a crawl that is killed while it looks for 22 people looks for no more than one of them a worker again', async () => {
  const first = await organised(200);
  await withScene(
    changed(first),
    async (scene) => {
      const from = scene.simulated?.searches.length ?? 0;
      await crawlToEnd(scene, await freshDatabase(scene, 'whole'));
      const all = lookedUp(scene, from).length;
      // Those who are gone come last.
      for (const left of [5, 13]) {
        const db = await freshDatabase(scene, `killed${left}`);
        const before = await killedAtLookUp(scene, db, all - left);
        const resumed = scene.simulated?.searches.length ?? 0;
        await crawlToEnd(scene, db);
        const again = new Set(before).intersection(new Set(lookedUp(scene, resumed)));
        expect(again.size).toBeLessThanOrEqual(WORKERS);
      }
    },
    publishing(first),
  );
});
