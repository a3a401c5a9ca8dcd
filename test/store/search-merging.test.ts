// How the search index grows with the nights.
import { expect, it } from 'vitest';
import { evenCompany } from '../crawl/company.ts';
import { type CrawledDatabase, withDatabase } from '../crawl/crawls.ts';

/** FTS5 merges at this many of a size, whatever it was told of smaller numbers (sqlite.org/fts5.html). */
const CRISIS = 16;
const COMPANY = evenCompany(9, 3);

/** The rowids of its pages tell what stands by itself in the index; those of its own records are small. */
function segments(database: CrawledDatabase): number {
  const [count = 0] = database.column<number>(
    'SELECT count(DISTINCT id >> 37) FROM _search_data WHERE id >= 1 << 37',
  );
  return count;
}

it('the search index stays in few pieces, however many nights bring something new', async () => {
  await withDatabase(async (database) => {
    for (let night = 0; night < CRISIS + 2; night += 1) {
      const people = COMPANY.people.map((one) => ({ ...one, name: `${one.name} ${night}` }));
      await database.crawl({ ...COMPANY, people });
    }
    expect(segments(database)).toBeGreaterThan(0);
    expect(segments(database)).toBeLessThan(CRISIS);
    expect(database.column("SELECT v FROM _search_config WHERE k = 'automerge'")).toEqual([4]);
  });
});
