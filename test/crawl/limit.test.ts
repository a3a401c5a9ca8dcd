import { describe, expect, it } from 'vitest';
import { LIMIT_RATES, LIMIT_TOLERANCE, limitsOf, ROUND_TRIPS_MS, SHAPES } from '../bench/limit.ts';
import { type Link, walkFar } from './virtual-walks.ts';

const links = ROUND_TRIPS_MS.flatMap((roundTripMs) =>
  LIMIT_RATES.map((rate) => ({ roundTripMs, rate })),
);

describe.each(Object.keys(SHAPES))('a crawl of an organisation of the shape: %s', (shape) => {
  it.each(links)(
    'takes what it must, over $roundTripMs ms at $rate requests/s (0: no limit), with 1, 8 and 32 workers',
    async (link) => {
      for (const line of await limitsOf(shape, link)) {
        expect(line.people).toBe(SHAPES[shape]?.people);
        // A second holds one request more than there are gaps between them.
        expect(line.ratio).toBeGreaterThan(0.99);
        expect(line.ratio).toBeLessThanOrEqual(LIMIT_TOLERANCE);
        if (line.limitedBy !== 'rate') continue;
        expect(line.requestsRatio).toBeLessThanOrEqual(LIMIT_TOLERANCE);
      }
    },
  );
});

describe('searches per 1,000 employees', () => {
  const { typical } = SHAPES;
  const perThousand = async (link: Link) => {
    if (typical === undefined) throw new Error('there is a typical organisation');
    const { requests, people } = await walkFar(typical, link);
    return (requests * 1_000) / people;
  };

  it.each([
    ['without a rate', { roundTripMs: 1, rate: 0, workers: 8 }, 20],
    ['at the default rate', { roundTripMs: 1, rate: 100, workers: 8 }, 8],
    ['over 20 ms', { roundTripMs: 20, rate: 0, workers: 8 }, 8],
    ['with leaf knowledge', { roundTripMs: 1, rate: 100, workers: 8, tellsLeaves: true }, 4],
  ] as const)('%s, are few', async (_, link, most) => {
    expect(await perThousand(link)).toBeLessThanOrEqual(most);
  });
});
