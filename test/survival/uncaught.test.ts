import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../cli/orgwalk.ts';
import { expectFinished, preload, withScene } from './stopping-scene.ts';

describe('an exception that nobody catches', () => {
  test.each([9, 15])('at write %i ends the crawl with 1, and the next one continues', async (n) => {
    await withScene({}, async (scene) => {
      const thrown = scene.start({ preload: preload('throw', { write: String(n) }) });
      expectRefusal(await thrown.finished, {
        code: 1,
        error: 'unexpected: nobody\\u{a}catches this',
        hint: /--debug/,
      });
      expect(scene.server.stats.searches).toBeGreaterThan(3);
      await expectFinished(scene);
    });
  });
});
