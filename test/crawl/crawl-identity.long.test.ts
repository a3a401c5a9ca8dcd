// Ids that are shared, hidden, shown again, over three nights: who is who depends on nothing but what the directory held.
import { expect, it } from 'vitest';
import { type Random, randomOf } from '../support/organisation/random.ts';
import { type Company, type Person, person } from './company.ts';
import { type CrawledDatabase, withDatabase } from './crawls.ts';

const SEEDS = 100;
const PEOPLE = 18;

const anId = (random: Random) => `shared${random.between(1, 5)}`;

function hired(random: Random): Company {
  const people = Array.from({ length: PEOPLE }, (_, i): Person => {
    if (i === 0) return person('p0', []);
    const managers = [`p${random.between(0, i - 1)}`];
    if (random.onceIn(5)) managers.push(`p${random.between(0, PEOPLE - 1)}`);
    const shows = random.onceIn(3) ? anId(random) : random.onceIn(5) ? null : `p${i}`;
    return person(`p${i}`, [...new Set(managers)], { shows });
  });
  return { people, roots: ['p0'] };
}

function aNightLater(company: Company, random: Random): Company {
  const people = company.people.flatMap((each, i) => {
    if (i === 0) return each;
    if (random.onceIn(20)) return [];
    if (!random.onceIn(4)) return each;
    return { ...each, shows: random.pick([null, each.id, anId(random)]) };
  });
  return { ...company, people };
}

function shuffled(company: Company, random: Random): Company {
  const people = company.people.map((each) => [random.between(0, 1_000_000), each] as const);
  return { ...company, people: people.toSorted(([a], [b]) => a - b).map(([, each]) => each) };
}

/** Stopped and continued a few times, the answers in another order each time. */
async function stumble(database: CrawledDatabase, company: Company, random: Random) {
  const [batch, workers, pageSize] = [
    random.between(1, 3),
    random.between(1, 3),
    random.between(1, 5),
  ];
  const setup = { batch, workers, pageSize };
  for (let stops = 0; stops < 4; stops += 1) {
    const at = random.between(1, 12);
    if (!(await database.crawlUntil(at, shuffled(company, random), setup))) return;
  }
  await database.crawl(shuffled(company, random), setup);
}

function result(database: CrawledDatabase) {
  const runs = database.read(
    'SELECT joined, "left", moved, changed, returned, employees FROM runs',
  );
  const twice = database.read('SELECT id FROM employees GROUP BY id HAVING count(*) > 1');
  return { digest: database.digest(), runs, twice };
}

it(`three nights end the same however they went, ${SEEDS} times`, async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const random = randomOf(seed, 1);
    const first = hired(random);
    const second = aNightLater(first, random);
    const nights = [first, second, aNightLater(second, random)];
    const expected = await withDatabase(async (database) => {
      for (const night of nights) await database.crawl(night);
      return result(database);
    });
    const found = await withDatabase(async (database) => {
      for (const night of nights) await stumble(database, night, random);
      return result(database);
    });
    expect({ seed, ...found }).toEqual({ seed, ...expected, twice: [] });
  }
});
