import { describe, expect, it } from 'vitest';
import { hundred, withServer } from '../simulate/servers.ts';
import { crawlInto, withDatabases } from './wired.ts';

const CRAWL = { roots: [hundred().rootDn], batch: 1, pageSize: 3 };

describe('requests in flight', () => {
  it.each([1, 2, 5])('of %i workers are never more than there are workers', async (workers) => {
    await withServer({ latencyMs: 4 }, ({ url, stats }) =>
      withDatabases(async (databases) => {
        const { published } = await crawlInto(databases.next(), url, { ...CRAWL, workers });
        expect(published.employees).toBe(100);
        expect(stats.maxInFlight).toBeLessThanOrEqual(workers);
        expect(stats.maxInFlight).toBeGreaterThanOrEqual(Math.min(workers, 2));
      }),
    );
  });
});
