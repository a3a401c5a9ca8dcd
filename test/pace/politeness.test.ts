import { describe, expect, test } from 'vitest';
import { Politeness } from '../../src/pace/politeness.ts';
import { VirtualClock } from './virtual-clock.ts';

describe('a refusal', () => {
  test('cuts the rate to 0.7', () => {
    const { politeness } = crowdAt(100);
    refuse(politeness, 0, 100);
    expect(politeness.rate).toBeCloseTo(70);
  });

  test('cuts it at most once a second', () => {
    const { politeness } = crowdAt(100);
    for (const now of [0, 1, 500, 999]) refuse(politeness, now, 100);
    expect(politeness.rate).toBeCloseTo(70);
    refuse(politeness, 1_000, 70);
    expect(politeness.rate).toBeCloseTo(49);
  });

  test('cuts what was in use, where that was less than what was allowed', () => {
    const { politeness } = crowdAt(1_000);
    refuse(politeness, 0, 40);
    expect(politeness.rate).toBeCloseTo(28);
  });

  test('sets a limit where there was none', () => {
    const { politeness } = crowdAt(0);
    refuse(politeness, 0, 200);
    expect(politeness.rate).toBeCloseTo(140);
  });

  test('of a crawl that just began does not cut to next to nothing', () => {
    const { politeness } = crowdAt(100);
    refuse(politeness, 0, 1);
    expect(politeness.rate).toBeCloseTo(7);
  });

  test('by silence cuts what was allowed: what leaves now is not to blame', () => {
    const { politeness } = crowdAt(100);
    politeness.refused('silent', 0, () => 1);
    expect(politeness.rate).toBeCloseTo(70);
  });

  test('never cuts below one request a second, or what is configured if that is less', () => {
    for (const [configured, least] of [
      [100, 1],
      [0.5, 0.5],
    ] as const) {
      const { politeness } = crowdAt(configured);
      for (let now = 0; now < 60_000; now += 1_000) refuse(politeness, now, 100);
      expect(politeness.rate).toBe(least);
    }
  });

  test('counts for nothing while nobody is served: an outage does not tell how much is too much', () => {
    const { politeness } = crowdAt(100);
    for (let now = 0; now < 60_000; now += 1_000) politeness.refused('silent', now, () => 1);
    expect(politeness.rate).toBeCloseTo(70);
    expect(politeness.slowest).toBeCloseTo(70);
  });

  test('is told as the slowest rate, which stays when the rate rises again', async () => {
    const { politeness, serveFor } = crowdAt(100);
    expect(politeness.slowest).toBeNull();
    refuse(politeness, 0, 100);
    await serveFor(60_000);
    expect([politeness.rate, politeness.slowest]).toEqual([100, 70]);
  });
});

describe('success', () => {
  test('raises the rate quickly to nine tenths of where it was refused, and then gently', async () => {
    const { politeness, serveFor } = crowdAt(1_000);
    refuse(politeness, 0, 200);
    await serveFor(3_000);
    expect(politeness.rate).toBeGreaterThanOrEqual(180);
    expect(politeness.rate).toBeLessThan(185);
    const before = politeness.rate;
    await serveFor(5_000);
    expect(politeness.rate - before).toBeCloseTo(10, 0);
  });

  test('raises it ever faster once the former limit has proved to be borne, by a fiftieth of what is configured a second at most', async () => {
    const { politeness, serveFor } = crowdAt(1_000);
    refuse(politeness, 0, 100);
    await serveFor(20_000);
    const rises = [];
    for (let n = 0; n < 40; n += 1) {
      const before = politeness.rate;
      await serveFor(1_000);
      rises.push(politeness.rate - before);
    }
    expect(Math.max(...rises)).toBeCloseTo(20);
  });

  test('never raises it above what is configured', async () => {
    const { politeness, serveFor } = crowdAt(100);
    refuse(politeness, 0, 100);
    await serveFor(600_000);
    expect(politeness.rate).toBe(100);
  });

  test('lifts a limit that nobody had asked for', async () => {
    const { politeness, serveFor } = crowdAt(0);
    refuse(politeness, 0, 60);
    await serveFor(5_000);
    expect(politeness.rate).toBeGreaterThan(0);
    await serveFor(120_000);
    expect(politeness.rate).toBe(0);
  });

  test('raises nothing in the second after a cut: it was asked for before', async () => {
    const { politeness, serveFor } = crowdAt(100);
    refuse(politeness, 0, 100);
    await serveFor(900);
    expect(politeness.rate).toBeCloseTo(70);
  });

  test('at a rate that nobody makes use of proves nothing', async () => {
    const { politeness, serveFor } = crowdAt(1_000);
    refuse(politeness, 0, 200);
    await serveFor(60_000, () => 10);
    expect(politeness.rate).toBe(180);
  });

  test('after a long silence counts for a second of it', async () => {
    const { politeness, clock } = crowdAt(100);
    refuse(politeness, 0, 50);
    await clock.advance(3_600_000);
    politeness.served(clock.now(), () => 0);
    expect(politeness.rate).toBeCloseTo(45);
  });
});

/** Someone is served before each refusal, as by a server that bears something. */
function refuse(politeness: Politeness, now: number, sent: number): void {
  politeness.served(now, () => 0);
  politeness.refused('busy', now, () => sent);
}

function crowdAt(configured: number) {
  const politeness = new Politeness(configured);
  const clock = new VirtualClock();
  const serveFor = async (ms: number, sent = () => politeness.rate) => {
    const until = clock.now() + ms;
    while (clock.now() < until) {
      await clock.advance(Math.min(50, until - clock.now()));
      politeness.served(clock.now(), sent);
    }
  };
  return { politeness, clock, serveFor };
}
