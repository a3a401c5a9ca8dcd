import { describe, expect, it } from 'vitest';
import type { Ending } from '../support/proxy/shape.ts';
import type { Direction } from '../support/toxics.ts';
import { cutEverywhere, cutManyTimes, programCutAfter, withSession } from './cutting.ts';

const EVERY = 97;

describe('a connection that is cut after any byte', () => {
  it.each<[Ending, Direction]>([
    ['fin', 'down'],
    ['rst', 'down'],
    ['fin', 'up'],
    ['rst', 'up'],
  ])(`changes nothing (%s, %s, every ${EVERY}th)`, async (ending, direction) => {
    await withSession(async (session) => {
      const { tried, different } = await cutEverywhere(session, ending, direction, EVERY);
      expect(different).toEqual([]);
      expect(tried).toBeGreaterThan(50);
    });
  });

  it('changes nothing for the program itself', async () => {
    await withSession(async (session) => {
      const { up, down } = session.bytes;
      const cuts = [
        programCutAfter(session, Math.floor(down / 3), 'fin', 'down'),
        programCutAfter(session, Math.floor(up / 2), 'rst', 'up'),
      ];
      for (const cut of cuts) expect(await cut).toEqual({ code: 0, digest: session.digest });
    });
  });
});

describe('connections that are cut again and again', () => {
  it('change nothing, 20 times two', async () => {
    await withSession(async (session) => {
      const tally = await cutManyTimes(session, { from: 1, count: 20 }, 2);
      expect(tally).toEqual({ tried: 20, told: 0, different: [] });
    });
  });
});
