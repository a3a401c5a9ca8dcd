// A full or failing disk, here at some of its writes: exit 7, nothing half-written, and the same command goes on afterwards.
import { describe, expect, test } from 'vitest';
import { undisturbed } from './kill-scene.ts';
import {
  CRAWLS,
  type Ending,
  endAtEach,
  IO_ERROR,
  NO_GROWTH,
  NO_ROOM,
  type Points,
} from './storage-full.ts';

type Sample = readonly [Ending, Points];

const SAMPLES: Readonly<Record<string, readonly Sample[]>> = {
  'of a first crawl': [
    [NO_ROOM, { first: 2, every: 10 }],
    [NO_GROWTH, { first: 5, every: 60 }],
  ],
  'over a published state': [
    [NO_ROOM, { first: 1, every: 4 }],
    [IO_ERROR, { first: 2, every: 250 }],
  ],
};

describe('a disk that is full, lets no file grow or cannot be read', () => {
  test.each(Object.entries(SAMPLES))('%s ends it with 7, and it goes on', async (name, samples) => {
    await CRAWLS[name]?.(async (scene) => {
      const expected = await undisturbed(scene);
      for (const [ending, points] of samples) {
        expect(await endAtEach(scene, expected, ending, points)).toBeGreaterThan(0);
      }
    });
  });
});
