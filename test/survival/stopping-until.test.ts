// A crawl that may work until a certain time only, night after night.
import { describe, expect, test } from 'vitest';
import { Silence } from '../../src/simulate/faults.ts';
import {
  expectFinished,
  expectNotBegun,
  expectStopped,
  preload,
  type Scene,
  withScene,
} from './stopping-scene.ts';

const WINDOWS = 5;
/** Searches that a window has time for. */
const EACH = 9;

const clock = (day: number) =>
  preload('wall-clock', {
    at: `2026-11-0${day}T01:00:00`,
    later: `2026-11-0${day}T05:30:20`,
  });

/** The server falls silent after so many requests; then it becomes half past five. */
async function window(scene: Scene, day: number, requests: number) {
  scene.server.setFaults(new Silence({ kind: 'any', from: requests + 1 }));
  const hangs = scene.nth(requests + 1);
  const running = scene.start({ args: ['--until', '05:30'], preload: clock(day) });
  await Promise.race([hangs, running.finished]);
  running.kill('SIGUSR2');
  return running.finished;
}

describe('--until', () => {
  test('a crawl that needs five windows ends in the fifth, as if nothing had happened', async () => {
    await withScene({}, async (scene) => {
      for (let day = 1; day < WINDOWS; day += 1) {
        const outcome = await window(scene, day, EACH);
        expectStopped(outcome, 4, 'it is 05:30');
        if (day > 1) expect(outcome.stderr).toContain('Run 1 continues where it stopped');
      }
      await expectFinished(scene, { args: ['--until', '05:30'], preload: clock(WINDOWS) });
    });
  });

  test('is noticed where the machine has slept through it', async () => {
    await withScene({}, async (scene) => {
      scene.server.setFaults(new Silence({ kind: 'any', from: EACH + 1 }));
      const hangs = scene.nth(EACH + 1);
      const late = preload('wall-clock', {
        at: '2026-11-01T01:00:00',
        later: '2026-11-02T08:12:00',
      });
      const running = scene.start({ args: ['--until', '05:30'], preload: late });
      await Promise.race([hangs, running.finished]);
      running.kill('SIGUSR2');
      expectStopped(await running.finished, 4, 'it is 08:12');
      await expectFinished(scene, { preload: clock(2) });
    });
  });

  test('before the directory has answered ends it with no run begun', async () => {
    await withScene({}, async (scene) => {
      const outcome = await window(scene, 1, 0);
      expectNotBegun(outcome, 4, 'it is 05:30');
      await expectFinished(scene, { resumed: false });
    });
  });

  test('and --deadline: whichever comes first', async () => {
    await withScene({}, async (scene) => {
      scene.server.setFaults(new Silence({ kind: 'any', from: EACH + 1 }));
      const args = ['--until', '05:30', '--deadline', '1s'];
      const outcome = await scene.start({ args, preload: clock(1) }).finished;
      expectStopped(outcome, 4, 'the deadline was reached');
      const rest = ['--until', '05:30', '--deadline', '30d'];
      await expectFinished(scene, { args: rest, preload: clock(2) });
    });
  });

  test('that is no time of day is refused', async () => {
    await withScene({}, async ({ start }) => {
      const { code, stderr } = await start({ args: ['--until', '5.30'] }).finished;
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(
          /^Error: --until: expected a local time of day from 00:00 to 23:59.*got `5.30`/,
        ),
      ]);
    });
  });
});
