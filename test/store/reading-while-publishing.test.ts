import { describe, expect, it } from 'vitest';
import { seenAt } from './nightly-company.ts';
import { readWhilePublishing } from './reading-while-publishing.ts';

const NIGHTS = 10;
const PEOPLE = 2_000;

describe('whoever reads while runs are published', () => {
  it('sees each state whole, one after the other, and is never blocked', async () => {
    const { seen, slow } = await readWhilePublishing(NIGHTS, PEOPLE);
    expect(seen).toEqual(Array.from({ length: NIGHTS }, (_, i) => seenAt(i + 1, PEOPLE)));
    expect(slow.map(({ root, people }) => [root, people])).toEqual(
      Array.from({ length: NIGHTS - 1 }, (_, i) => [`night ${i + 1}`, PEOPLE]),
    );
    for (const { root, titles } of slow) {
      const nights = [...titles].map((title) => Number(title.split(' ')[1]));
      expect(Math.max(...nights)).toBe(Number(root.split(' ')[1]));
    }
  });
});
