import { describe, expect, it } from 'vitest';
import { Bandwidth, Silence } from '../support/toxics.ts';
import { crawledThrough, withTeam } from './thousands.ts';

describe('a manager of thousands', () => {
  it('is read through a proxy that cuts every connection after 200 KB', async () => {
    await withTeam({ reports: 4_000 }, async (team) => {
      const { status, connections } = await crawledThrough(team, { cutAfterBytes: 200_000 });
      expect(status).toBe('published');
      expect(connections).toBeGreaterThan(20);
    });
  });

  it('is read through a narrow way that is cut after a while, again and again', async () => {
    await withTeam({ reports: 3_000, namelessOneIn: 10 }, async (team) => {
      const proxy = { cutAfterMs: 300, toxics: [new Bandwidth(1_000_000)] };
      const { status, connections } = await crawledThrough(team, proxy);
      expect(status).toBe('published');
      expect(connections).toBeGreaterThan(10);
    });
  });

  it('is read where every connection falls silent after 100 KB', async () => {
    await withTeam({ reports: 1_000 }, async (team) => {
      const patience = ['--request-timeout', '300ms', '--workers', '2'];
      const { status } = await crawledThrough(team, { toxics: [new Silence(100_000)] }, patience);
      expect(status).toBe('published');
    });
  });
});
