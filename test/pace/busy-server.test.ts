import { expect, test } from 'vitest';
import { ResultCode } from '../../src/simulate/faults.ts';
import { crawlOf, runOrgwalk, withPlace } from '../cli/orgwalk.ts';
import { hundred, withServer } from '../simulate/servers.ts';
import { crawlBusy, settledFrom, withRate } from './busy-servers.ts';

/** By then the rate has been found. */
const SETTLED_S = 5;

test('a server that refuses above a hidden rate is crawled completely, and refuses next to nothing once that is found', async () => {
  const { code, summary, seconds, isComplete } = await crawlBusy({
    hidden: 40,
    configured: 1_000,
    people: 380,
  });
  expect([code, summary.status, summary.employees]).toEqual([0, 'published', 380]);
  expect([summary.failedBranches, isComplete]).toEqual([[], true]);
  expect(seconds.length).toBeGreaterThan(SETTLED_S + 2);
  expect(settledFrom(seconds, SETTLED_S).refusedShare).toBeLessThan(0.02);
  const refused = seconds.reduce((sum, second) => sum + second.refused, 0);
  expect(summary.load.refused).toBe(refused);
  expect(summary.load.slowestRate).toBeGreaterThan(0);
  expect(summary.load.slowestRate).toBeLessThan(40);
});

test('a person is told how often the server refused, and how slow the crawl became', async () => {
  const directory = hundred();
  const faults = [new ResultCode(51, { kind: 'any', nth: 6 })];
  const { code, stderr } = await withServer({ directory, faults }, ({ url }) =>
    withPlace(({ db }) => runOrgwalk(withRate(crawlOf({ url }, db), 100))),
  );
  expect(code).toBe(0);
  const line =
    / {2}the server was too busy for 1 request, or silent: slowed down to \d+\.\d requests\/s$/m;
  expect(stderr).toMatch(line);
});

test('nobody is told of a server that refused nothing', async () => {
  const { code, stderr } = await withServer({}, ({ url }) =>
    withPlace(({ db }) => runOrgwalk(crawlOf({ url }, db))),
  );
  expect([code, stderr]).toEqual([0, expect.not.stringContaining('too busy')]);
});
