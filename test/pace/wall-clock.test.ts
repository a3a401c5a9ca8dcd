// The wall clock is set in mid-crawl: the real program, with a preload that sets it for this process alone.
import { beforeAll, describe, expect, test } from 'vitest';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { crawlOf, runOrgwalk, withPlace } from '../cli/orgwalk.ts';
import { withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { withRate } from './busy-servers.ts';
import { crowdedSecond } from './crowded.ts';

const DIRECTORY = syntheticOrganisation({ people: 180, seed: 4 });
const HOUR_MS = 3_600_000;
const RATE = 50;
/** In mid-crawl: one search for each of 180 people. */
const AFTER = 60;
/** What a busy machine delivers late falls together: looked at are stretches of 0.8 s. A limiter let loose would fill them. */
const LAG = 1.25;
/** A limiter that follows the wall clock stands still for an hour; a busy machine does not for this long. */
const STANDSTILL_MS = 10_000;

let undisturbed = '';

beforeAll(async () => {
  undisturbed = (await crawl(0)).digest;
});

describe('a wall clock that is set in mid-crawl', () => {
  test.each([
    ['an hour forward', HOUR_MS],
    ['an hour back', -HOUR_MS],
  ])('%s changes neither the database nor the pace', async (_, step) => {
    const { digest, times, stderr } = await crawl(RATE, step);
    expect(stderr).toContain(`The wall clock was set by ${step} ms`);
    expect(digest).toBe(undisturbed);
    expect(times.length).toBeGreaterThan(2 * AFTER);
    expect(crowdedSecond(times.map((at) => ({ at: at * LAG, rate: RATE })))).toBeUndefined();
    const gaps = times.slice(1).map((at, n) => at - (times[n] ?? at));
    expect(Math.max(...gaps)).toBeLessThan(STANDSTILL_MS);
  });
});

async function crawl(rate: number, step = 0) {
  return withPlace(({ db }) =>
    withServer({ directory: DIRECTORY }, async (server) => {
      const target = { url: server.url, root: DIRECTORY.rootDn };
      const args = crawlOf(target, db, '--batch', '1');
      const preload = new URL(
        `./preload-wall-clock.ts?step=${step}&after=${AFTER}`,
        import.meta.url,
      );
      const outcome = await runOrgwalk(withRate(args, rate), { node: ['--import', preload.href] });
      expect(outcome.code, outcome.stderr).toBe(0);
      const times = server.stats.requestTimes();
      return { digest: digestDatabase(db), times, stderr: outcome.stderr };
    }),
  );
}
