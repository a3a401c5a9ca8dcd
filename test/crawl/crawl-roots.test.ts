// Several roots: disjoint trees, trees that meet, one below another.
import { describe, expect, it } from 'vitest';
import { type Company, person } from './company.ts';
import { type CrawledDatabase, withDatabase } from './crawls.ts';

/** Two chiefs, a team each, and somebody who reports to one of each. */
const PEOPLE = [
  person('ada', []),
  person('ada1', ['ada']),
  person('ada11', ['ada1']),
  person('bob', []),
  person('bob1', ['bob']),
  person('both', ['bob1', 'ada']),
  person('below both', ['both']),
];

const company = (...roots: readonly string[]): Company => ({ people: PEOPLE, roots });

function places(database: CrawledDatabase) {
  const rows = database.read<{ id: string; manager_id: string | null; depth: number }>(
    'SELECT id, manager_id, depth FROM employees',
  );
  return Object.fromEntries(rows.map(({ id, manager_id, depth }) => [id, [manager_id, depth]]));
}

async function crawled(roots: readonly string[]) {
  return withDatabase(async (database) => {
    await database.crawl(company(...roots), { workers: 3, batch: 2 });
    return { places: places(database), digest: database.digest() };
  });
}

const BELOW_ADA = {
  ada: [null, 0],
  ada1: ['ada', 1],
  ada11: ['ada1', 2],
  both: ['ada', 1],
  'below both': ['both', 2],
};

describe('several roots', () => {
  it('are the tops of trees that meet: whoever reports into two has the manager of least depth', async () => {
    expect((await crawled(['ada', 'bob'])).places).toEqual({
      ...BELOW_ADA,
      bob: [null, 0],
      bob1: ['bob', 1],
    });
  });

  it('leave out a tree that none of them is the top of', async () => {
    expect((await crawled(['ada'])).places).toEqual(BELOW_ADA);
  });

  it('have depth 0 also one below the other, and every one is kept once', async () => {
    expect((await crawled(['ada', 'ada1', 'both'])).places).toEqual({
      ...BELOW_ADA,
      ada1: [null, 0],
      ada11: ['ada1', 1],
      both: [null, 0],
      'below both': ['both', 1],
    });
  });

  it('may be the same person twice', async () => {
    expect((await crawled(['ada', 'ada'])).places).toEqual(BELOW_ADA);
  });

  it('give the same database in whatever order they are named', async () => {
    const [one, other] = [await crawled(['ada', 'bob']), await crawled(['bob', 'ada'])];
    expect(one.digest).toBe(other.digest);
  });
});
