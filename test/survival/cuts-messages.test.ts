import { describe, expect, it } from 'vitest';
import { STUMBLES, stumbleEverywhere, withConversation } from './messages.ts';

const EVERY = 4;

describe(`instead of every ${EVERY}th answer`, () => {
  it.each(Object.entries(STUMBLES))('%s changes nothing', async (_name, stumble) => {
    await withConversation(async (conversation) => {
      const { tried, different } = await stumbleEverywhere(conversation, stumble, EVERY);
      expect(different).toEqual([]);
      expect(tried).toBeGreaterThan(4);
    });
  });
});
