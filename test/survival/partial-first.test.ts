// What failed in the published run comes first in the next one.
import { describe, expect, it } from 'vitest';
import { withDatabase } from '../crawl/crawls.ts';
import { COMPANY, denied, recording } from './partial-nights.ts';

/** In the order in which a crawl by itself asks about them. */
const IN_TURN = COMPANY.people.map(({ id }) => id);

describe('branches that failed in the published run', () => {
  it('are asked about as soon as they are found, before all others', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY, denied('p12', 'p2', 'p31'));
      const { asked, setup } = recording();
      await database.crawl(COMPANY, setup);
      expect(asked.slice(0, 7)).toEqual(['p0', 'p2', 'p1', 'p3', 'p12', 'p7', 'p8']);
      expect(asked.indexOf('p31')).toBe(asked.indexOf('p10') + 1);
      expect(asked.toSorted()).toEqual(IN_TURN.toSorted());
      const next = recording();
      await database.crawl(COMPANY, next.setup);
      expect(next.asked).toEqual(IN_TURN);
    });
  });

  it('are asked about first when a run is continued, too', async () => {
    await withDatabase(async (database) => {
      await database.crawl(COMPANY, denied('p12'));
      // Stopped when p12 has been found and not yet read.
      const stopped = recording();
      expect(await database.crawlUntil(4, COMPANY, stopped.setup)).toBe(true);
      expect(stopped.asked).toEqual(['p0', 'p1', 'p2', 'p3']);
      const { asked, setup } = recording();
      const { run } = await database.crawl(COMPANY, setup);
      expect(run.resumed).toBe(true);
      expect(asked[0]).toBe('p12');
      expect([...stopped.asked, ...asked].toSorted()).toEqual(IN_TURN.toSorted());
    });
  });

  it('are asked about once each, however many there are and however large the searches', async () => {
    await withDatabase(async (database) => {
      const failed = IN_TURN.filter((_, i) => i % 2 === 1);
      await database.crawl(COMPANY, denied(...failed));
      for (const batch of [1, 2, 7, 200]) {
        const { asked, setup } = recording(...failed);
        const { published } = await database
          .copy(`${batch}.db`)
          .crawl(COMPANY, { ...setup, batch, workers: 3, search: setup.search });
        expect(published.failedBranches).toBe(6);
        expect(new Set(asked).size).toBeLessThan(41);
      }
      const { asked, setup } = recording();
      await database.crawl(COMPANY, { ...setup, batch: 4, workers: 3 });
      expect(asked.toSorted()).toEqual(IN_TURN.toSorted());
    });
  });
});
