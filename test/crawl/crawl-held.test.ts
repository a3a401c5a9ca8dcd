// When a run is held back from readers, and what they see meanwhile.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SearchFailure } from '../../src/domain/errors.ts';
import type { Question } from '../../src/domain/ports.ts';
import { type Company, dnOf, evenCompany, person } from './company.ts';
import { type CrawledDatabase, type CrawlSetup, withDatabase } from './crawls.ts';
import {
  changed,
  DECIMATED,
  differing,
  heldIn,
  type PublishedTeam,
  publishedTeam,
  releaseHeld,
  shown,
  TEAM,
  told,
  without,
} from './held.ts';

/** As many as the versions that `changed` brings. */
const JOINERS = Array.from({ length: 9 }, (_, i) => person(`joiner${i}`, ['p1']));

let team: PublishedTeam;

beforeAll(async () => {
  team = await publishedTeam();
});
afterAll(() => team.release());

/** Why the second of two nights is held; null: readers see it. */
async function second(company: Company, setup: CrawlSetup = {}) {
  const database = team.copy();
  const before = shown(database);
  const outcome = await database.crawl(company, setup);
  const { status, heldWhy } = outcome.published;
  expect(status).toBe(heldWhy === null ? 'published' : 'held');
  if (heldWhy !== null) expect(differing(shown(database), before)).toEqual([]);
  return heldWhy;
}

describe('a run is held where too many would leave', () => {
  it.each([
    [20, 0.2, 'exactly the share that may', null],
    [21, 0.2, 'one more', 'drop'],
    [29, 0.29, 'exactly a share that no binary fraction is', null],
    [10, 0, 'ten are few', null],
    [11, 0, 'eleven are not', 'drop'],
    [60, 1, 'everybody may', null],
  ])('%i of a hundred, with %d: %s', async (leave, maxDrop, _, expected) => {
    expect(await second(without(TEAM, leave), { maxDrop })).toBe(expected);
  });

  it('or be detached', async () => {
    const people = TEAM.people.map((each, i) => (i >= 89 ? person(each.id, []) : each));
    const company = without({ ...TEAM, people }, 5);
    const database = team.copy();
    const outcome = await database.crawl(company, { maxDrop: 0.1 });
    expect(outcome.published).toMatchObject({ heldWhy: 'drop', left: 5, detached: 6 });
  });
});

describe('a run is held where the root that had reports has none', () => {
  it('however few they were, and whatever share may leave', async () => {
    await withDatabase(async (database) => {
      await database.crawl(evenCompany(3, 3));
      const { published } = await database.crawl(evenCompany(1, 3), { maxDrop: 1 });
      expect(published.heldWhy).toBe('root');
    });
  });
});

describe('a run with another question', () => {
  const others: Partial<Question>[] = [
    { base: `ou=people,${dnOf('x')}` },
    { filter: '(objectClass=inetOrgPerson)' },
    { managerAttribute: 'boss' },
    { roots: ['p0', 'p1'] },
  ];

  it.each(others)('is held where somebody would leave: %o', async (ask) => {
    expect(await second(without(TEAM, 1), { ask, maxDrop: 1 })).toBe('question');
  });

  it.each(others.slice(-1))('is published where nobody would: %o', async (ask) => {
    expect(await second(TEAM, { ask })).toBeNull();
  });

  it('is held where it begins below those who were published', async () => {
    expect(await second({ ...TEAM, roots: ['p1'] }, { maxDrop: 1 })).toBe('question');
  });

  it('is published where only the mapping is another', async () => {
    const ask = { mapping: { name: ['displayName'] } };
    expect(await second(without(TEAM, 3), { ask })).toBeNull();
  });

  it('is held again, and published when it is asked again after its release', async () => {
    const database = team.copy();
    const below = { ...TEAM, roots: ['p1'] };
    const why = async () => (await database.crawl(below)).published.heldWhy;
    expect([await why(), await why()]).toEqual(['question', 'question']);
    await releaseHeld(database);
    expect(await why()).toBeNull();
    expect(database.column('SELECT count(*) FROM employees')).toEqual([41]);
  });
});

describe('the first run', () => {
  it('is never held, whatever may leave', async () => {
    await withDatabase(async (database) => {
      const { published } = await database.crawl(evenCompany(1, 1), { maxDrop: 0 });
      expect(published).toMatchObject({ status: 'published', heldWhy: null });
    });
  });
});

describe('a held run', () => {
  it('is, when released, what it would have been had it been published', async () => {
    const [held, whole] = [team.copy(), team.copy()];
    await whole.crawl(changed(DECIMATED), { maxDrop: 1 });
    await held.crawl(changed(DECIMATED));
    expect(differing(shown(held), shown(team.original))).toEqual([]);
    await releaseHeld(held);
    expect(differing(told(held), told(whole))).toEqual([]);
    expect(held.digest()).toBe(whole.digest());
    // And so is whatever follows.
    for (const each of [held, whole]) await each.crawl(TEAM);
    expect(held.digest()).toBe(whole.digest());
  });

  it('can be released once', async () => {
    const database = team.copy();
    await database.crawl(DECIMATED);
    await releaseHeld(database);
    expect(() => heldIn(database)).toThrow('no run is held');
  });

  it('gives way to a newer one that is published', async () => {
    const [database, whole] = [team.copy(), team.copy()];
    await database.crawl(changed(DECIMATED));
    await database.crawl(changed(TEAM));
    await whole.crawl(changed(TEAM));
    expect(() => heldIn(database)).toThrow('no run is held');
    expect(differing(told(database), told(whole))).toEqual([]);
  });

  it('gives way to a newer one that is held: the newest counts', async () => {
    const [database, whole] = [team.copy(), team.copy()];
    await database.crawl(changed(DECIMATED));
    await database.crawl(without(DECIMATED, 2));
    expect(heldIn(database)).toBe(3);
    await releaseHeld(database);
    await whole.crawl(without(DECIMATED, 2), { maxDrop: 1 });
    expect(differing(told(database), told(whole))).toEqual([]);
  });

  it('stays where a newer one has not come to its end, which is then begun anew', async () => {
    const database = team.copy();
    await database.crawl(DECIMATED);
    expect(await database.crawlUntil(2, TEAM, { batch: 1, pageSize: 5 })).toBe(true);
    expect(heldIn(database)).toBe(2);
    await releaseHeld(database);
    const { run, published } = await database.crawl(TEAM);
    const why = 'another state was published since';
    expect(run).toMatchObject({ id: 4, resumed: false, abandoned: { id: 3, why } });
    expect(published).toMatchObject({ returned: 21, status: 'published' });
  });

  it('that was replaced names nobody else as a branch that failed', async () => {
    const search = (ids: readonly string[]) => {
      if (ids.includes('new')) throw new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });
    };
    const database = team.copy();
    await database.crawl(changed(DECIMATED), { search });
    expect(database.column('SELECT employee_id FROM failures')).toEqual(['new']);
    await database.crawl(TEAM);
    await database.crawl({ ...TEAM, people: [...TEAM.people, ...JOINERS] });
    expect(database.read('SELECT * FROM failures')).toEqual([]);
  });

  it('leaves the next run the published state to compare with', async () => {
    const database = team.copy();
    await database.crawl(DECIMATED);
    const { run, published } = await database.crawl(TEAM);
    expect(run).toMatchObject({ base: 1, expected: 100 });
    expect(published).toMatchObject({ joined: 0, returned: 0, left: 0 });
  });
});

describe('a run after a held one', () => {
  const setup = { pageSize: 30 };

  it('that is killed at any commit ends, run again, with the same', async () => {
    const [database, whole] = [team.copy(), team.copy()];
    await database.crawl(changed(DECIMATED));
    await whole.crawl(changed(TEAM), setup);
    for (let k = 1; ; k += 1) {
      const killed = await database.copy(`k${k}.db`).killedAt(k, changed(TEAM), setup);
      if (killed === undefined) break;
      expect(heldIn(killed)).toBe(2);
      await killed.crawl(changed(TEAM), setup);
      expect([k, ...differing(told(killed), told(whole))]).toEqual([k]);
    }
  });

  it('that is killed while it is prepared leaves no half of the held one to be released', async () => {
    const [database, whole] = [team.copy(), team.copy()];
    await database.crawl(changed(DECIMATED));
    await whole.crawl(changed(TEAM));
    const killed: CrawledDatabase[] = [];
    await database.crawlWatchingPublication(changed(TEAM), (turn) => {
      killed.push(database.copy(`turn-${turn}.db`));
    });
    expect(killed.length).toBeGreaterThan(10);
    for (const [turn, copy] of killed.entries()) {
      expect(() => heldIn(copy)).toThrow(/has taken its place|no run is held/);
      await copy.crawl(changed(TEAM));
      expect([turn, ...differing(told(copy), told(whole))]).toEqual([turn]);
    }
  });
});
