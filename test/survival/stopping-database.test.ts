// A stop that comes in the middle of work on the database ends it at the next slice.
import { describe, expect, test } from 'vitest';
import { Silence } from '../../src/simulate/faults.ts';
import { digestDatabase } from '../support/digest.ts';
import {
  expectFinished,
  expectStopped,
  MID_CRAWL,
  preload,
  stopped,
  TERM,
  undisturbed,
  withScene,
} from './stopping-scene.ts';

describe('a stop that comes while the database is at work', () => {
  const BUSY = [
    ['it prepares to publish', 'INSERT INTO _place'],
    ['it settles manager values', 'FROM _doubt AS d WHERE run'],
    ['it writes what was settled', 'FROM _doubt AS d JOIN _answer'],
    ['it makes an index', '_version_link ON _version'],
    ['it commits a page', 'INSERT INTO _frontier'],
  ] as const;

  test.each(BUSY)('while %s', async (_what, before) => {
    await withScene({}, async (scene) => {
      const outcome = await scene.start({ preload: preload('signal', { before }) }).finished;
      expectStopped(outcome, 143, TERM);
      await expectFinished(scene);
    });
  });

  test('when the switch was made: it is published', async () => {
    await withScene({}, async (scene) => {
      const before = 'UPDATE _published SET run';
      const outcome = await scene.start({ preload: preload('signal', { before }) }).finished;
      expect([outcome.code, outcome.stderr]).toEqual([
        0,
        expect.stringContaining('Run 1 complete and published'),
      ]);
      expect(digestDatabase(scene.db)).toBe(await undisturbed());
    });
  });

  test('while an unfinished run is abandoned', async () => {
    await withScene({ faults: [new Silence({ kind: 'any', from: MID_CRAWL })] }, async (scene) => {
      const hangs = scene.arrived((_, n) => n === MID_CRAWL);
      await stopped(scene.start(), hangs);
      scene.server.setFaults();
      const before = 'DELETE FROM _version';
      const fresh = scene.start({ args: ['--fresh'], preload: preload('signal', { before }) });
      expect((await fresh.finished).code).toBe(143);
      const { code, stdout } = await scene.start({ args: ['--json'] }).finished;
      expect([code, JSON.parse(stdout).status]).toEqual([0, 'published']);
    });
  });

  test.each([
    ['checked', 'quick_check'],
    ['brought up to date', 'CREATE TABLE _run'],
  ])('while the database is %s', async (_what, before) => {
    await withScene({}, async (scene) => {
      if (before === 'quick_check') await scene.start().finished;
      const outcome = await scene.start({ preload: preload('signal', { before }) }).finished;
      expect([outcome.code, outcome.signal]).toEqual([null, 'SIGTERM']);
      const { code, stdout } = await scene.start({ args: ['--json'] }).finished;
      expect([code, JSON.parse(stdout).status]).toEqual([0, 'published']);
    });
  });
});
