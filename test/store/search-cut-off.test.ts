// What a publication that was cut off has put into the search index.
import { describe, expect, it } from 'vitest';
import { type Company, evenCompany } from '../crawl/company.ts';
import { type CrawledDatabase, withDatabase } from '../crawl/crawls.ts';

const COMPANY = evenCompany(30, 5);

function found(database: CrawledDatabase, text: string): readonly string[] {
  return database.column<string>(
    `SELECT v.id FROM _search AS s JOIN _version AS v ON v.vid = s.rowid
     JOIN _place AS p ON p.vid = v.vid AND p.pid = v.pid JOIN _published AS now ON p.from_run <= now.run
     WHERE (p.to_run IS NULL OR p.to_run > now.run) AND _search MATCH '"${text}"' ORDER BY 1`,
  );
}

/** The database as it is at each turn of a publication, as a process that is killed there leaves it. */
async function cutOff(database: CrawledDatabase, company: Company) {
  const copies: CrawledDatabase[] = [];
  await database.crawlWatchingPublication(company, (turn) => {
    copies.push(database.copy(`cut-off-${turn}.db`));
  });
  expect(copies.length).toBeGreaterThan(1);
  return copies;
}

function named(name: string): Company {
  const [root, ...others] = COMPANY.people;
  return { ...COMPANY, people: [...(root ? [{ ...root, name }] : []), ...others] };
}

describe('a publication that was cut off anywhere', () => {
  it('leaves no word of whoever is called otherwise when the run is continued', async () => {
    await withDatabase(async (database) => {
      await database.crawl(evenCompany(25, 5));
      for (const copy of await cutOff(database, named('Former'))) {
        await copy.crawl(named('Later'));
        expect([found(copy, 'former'), found(copy, 'later')]).toEqual([[], ['p0']]);
      }
    });
  });

  it('leaves nobody to be found by the words of another when a fresh one is begun', async () => {
    await withDatabase(async (database) => {
      const [root, ...others] = COMPANY.people;
      const reversed = { ...COMPANY, people: [...(root ? [root] : []), ...others.reverse()] };
      for (const copy of await cutOff(database, COMPANY)) {
        await copy.crawl(reversed, { fresh: true });
        for (const { id, name } of COMPANY.people) expect(found(copy, name)).toEqual([id]);
      }
    });
  });
});
