import { describe, expect, it } from 'vitest';
import type { Ending } from '../support/proxy/shape.ts';
import type { Direction } from '../support/toxics.ts';
import { cutEverywhere, cutManyTimes, withSession } from './cutting.ts';
import { STUMBLES, stumbleEverywhere, withConversation } from './messages.ts';

describe('a connection that is cut after every byte', () => {
  it.each<[Ending, Direction]>([
    ['fin', 'down'],
    ['rst', 'down'],
    ['fin', 'up'],
    ['rst', 'up'],
  ])('changes nothing (%s, %s)', async (ending, direction) => {
    await withSession(async (session) => {
      const { tried, different } = await cutEverywhere(session, ending, direction, 1);
      expect(different).toEqual([]);
      expect(tried).toBe(session.bytes[direction]);
    });
  });
});

describe('connections that are cut again and again', () => {
  it('change nothing, 500 times two', async () => {
    await withSession(async (session) => {
      const tally = await cutManyTimes(session, { from: 1, count: 500 }, 2);
      expect(tally).toEqual({ tried: 500, told: 0, different: [] });
    });
  });

  it('change nothing or are told, 500 times six', async () => {
    await withSession(async (session) => {
      const { tried, told, different } = await cutManyTimes(session, { from: 1, count: 500 }, 6);
      expect([tried, different]).toEqual([500, []]);
      expect(told).toBeLessThan(25);
    });
  });
});

describe('instead of every answer', () => {
  it.each(Object.entries(STUMBLES))('%s changes nothing', async (_name, stumble) => {
    await withConversation(async (conversation) => {
      const { tried, different } = await stumbleEverywhere(conversation, stumble, 1);
      expect(different).toEqual([]);
      expect(tried).toBeGreaterThanOrEqual(conversation.messages - 1);
    });
  });
});
