import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal, type Hold, hold } from '../cli/orgwalk.ts';
import { digestDatabase } from '../support/digest.ts';
import { withProxy } from '../support/proxy.ts';
import { Down } from '../support/toxics.ts';
import {
  AWAY,
  BACK,
  crawlInTheMiddle,
  expectUndisturbed,
  lossesIn,
  type Scene,
  withScene,
} from './outages.ts';

let held: Hold<Scene>;

beforeAll(async () => {
  held = await hold(withScene);
});

afterAll(() => held.release());

describe('a slapd that goes away in the middle of a crawl', () => {
  it('is waited for, in words, and costs nobody anything when it is killed and comes back', async () => {
    const { server } = held.value;
    const disturbed = await crawlInTheMiddle(held.value, '--progress', 'none');
    await server.kill('SIGKILL');
    await disturbed.running.says(AWAY);
    await server.restart();
    await disturbed.running.says(BACK);
    expect((await expectUndisturbed(held.value, disturbed)).retries).toBe(0);
  });

  it('is waited for when it is stopped and continues (SIGSTOP, SIGCONT)', async () => {
    const { server } = held.value;
    const disturbed = await crawlInTheMiddle(held.value, '--progress', 'log');
    server.pause();
    await disturbed.running.says(AWAY).finally(() => server.resume());
    await disturbed.running.says(BACK);
    expect((await expectUndisturbed(held.value, disturbed)).retries).toBe(0);
  });

  it('for longer than the outage budget ends the run for now: exit 4, and the next one continues', async () => {
    const { server, start, digest } = held.value;
    const disturbed = await crawlInTheMiddle(held.value, '--outage-budget', '1s');
    await server.kill('SIGKILL');
    const { code, stdout, stderr } = await disturbed.running.finished;
    await server.restart();
    expect([code, JSON.parse(stdout).status]).toEqual([4, 'interrupted']);
    expect(stderr).toMatch(/does not answer: waiting for it, 1\.0 s at most\n/);
    expect(lossesIn(disturbed)).toEqual([
      { status: 'interrupted', failed_branches: 0, retries: 0, attempts: 0 },
    ]);
    const resumed = await start(disturbed.db, '--rate', '0').finished;
    expect([resumed.code, JSON.parse(resumed.stdout).resumed]).toEqual([0, true]);
    expect(digestDatabase(disturbed.db)).toBe(digest);
  });
});

describe('a server that is away from the start', () => {
  it('is given up after a short time: exit 6 and two lines, with no database begun', async () => {
    const { server, start, databases } = held.value;
    await server.kill('SIGKILL');
    const outcome = await start(databases.next(), '--outage-budget', '500ms').finished;
    await server.restart();
    expectRefusal(outcome, { code: 6, error: /^the connection was refused: .*ECONNREFUSED/ });
  });

  it('is tried again for a moment', async () => {
    const { server, startAt, databases, digest } = held.value;
    const toxics = [new Down({ to: 2 })];
    await withProxy({ to: server.port, toxics }, async (proxy) => {
      const db = databases.next();
      const { code, stderr } = await startAt(proxy.url, db, '--rate', '0').finished;
      expect(code, stderr).toBe(0);
      expect(proxy.accepted).toBeGreaterThan(2);
      expect(digestDatabase(db)).toBe(digest);
    });
  });
});
