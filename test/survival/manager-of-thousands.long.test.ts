import { describe, expect, it } from 'vitest';
import { Bandwidth } from '../support/toxics.ts';
import { crawledThrough, withTeam } from './thousands.ts';

const PATIENCE = { killAfterMs: 600_000 };

describe('a manager of 20,000', () => {
  it('is read through a proxy that cuts every connection after 200 KB', async () => {
    await withTeam({ reports: 20_000 }, async (team) => {
      const proxy = { cutAfterBytes: 200_000 };
      const { status, connections } = await crawledThrough(team, proxy, [], PATIENCE);
      expect(status).toBe('published');
      expect(connections).toBeGreaterThan(100);
    });
  });

  it('is read through a narrow way that is cut every 2 s', async () => {
    await withTeam({ reports: 20_000, namelessOneIn: 50 }, async (team) => {
      const proxy = { cutAfterMs: 2_000, toxics: [new Bandwidth(500_000)] };
      const { status, connections } = await crawledThrough(team, proxy, [], PATIENCE);
      expect(status).toBe('published');
      expect(connections).toBeGreaterThan(10);
    });
  });
});
