// A dry run: always held, never mixed up with a run that is none.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SearchFailure } from '../../src/domain/errors.ts';
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
} from './held.ts';

const dry: CrawlSetup = { dryRun: true, pageSize: 30 };
const real: CrawlSetup = { pageSize: 30, maxDrop: 1 };
const later = changed(DECIMATED);

const denied: CrawlSetup = {
  search: (ids) => {
    if (ids.includes('p2')) throw new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });
  },
};

let team: PublishedTeam;
/** What a run that is no dry run makes of the second night. */
let whole: readonly string[];

beforeAll(async () => {
  team = await publishedTeam();
  const database = team.copy();
  await database.crawl(later, real);
  whole = told(database);
});
afterAll(() => team.release());

async function expectReleased(database: CrawledDatabase, expected = whole): Promise<void> {
  await releaseHeld(database);
  expect(differing(told(database), expected)).toEqual([]);
}

describe('a dry run', () => {
  it('shows readers nothing, says what it would change, and can be released', async () => {
    const database = team.copy();
    const { published } = await database.crawl(later, dry);
    expect(published).toMatchObject({ status: 'held', heldWhy: 'dry' });
    expect(published).toMatchObject({ joined: 1, left: 21, moved: 1, changed: 1 });
    expect(differing(shown(database), shown(team.original))).toEqual([]);
    expect(heldIn(database)).toBe(2);
    await expectReleased(database);
    expect(database.column('SELECT status FROM runs WHERE id = 2')).toEqual(['published']);
  });

  it('before anything was published shows nobody, and can be the first to be', async () => {
    await withDatabase(async (database) => {
      await database.crawl(TEAM, dry);
      expect(database.column('SELECT count(*) FROM employees')).toEqual([0]);
      await expectReleased(database, told(team.original));
    });
  });

  it('gives way to a second one', async () => {
    const database = team.copy();
    await database.crawl(DECIMATED, dry);
    await database.crawl(later, dry);
    expect(heldIn(database)).toBe(3);
    await expectReleased(database);
  });

  it('is as if it had never been once the real one is published', async () => {
    const database = team.copy();
    await database.crawl(DECIMATED, dry);
    await database.crawl(later, real);
    expect(differing(told(database), whole)).toEqual([]);
    expect(() => heldIn(database)).toThrow('no run is held');
  });

  it('lists the branches that failed, which --retry-failed reads when it is released', async () => {
    const [database, control] = [team.copy(), team.copy()];
    const { published } = await database.crawl(later, { ...dry, ...denied });
    expect(published).toMatchObject({ status: 'held', failedBranches: 1 });
    await control.crawl(later, { ...real, ...denied });
    await expectReleased(database, told(control));
    for (const each of [database, control]) {
      expect(each.column('SELECT status FROM runs WHERE id = 2')).toEqual(['partial']);
      expect(each.column('SELECT reason FROM failures')).toEqual(['denied']);
      await each.crawl(later, { ...real, onlyFailed: true });
    }
    expect(differing(told(database), told(control))).toEqual([]);
    expect(database.column('SELECT count(*) FROM employees')).toEqual([80]);
  });

  it('can be one that reads only what failed', async () => {
    const [database, control] = [team.copy(), team.copy()];
    for (const each of [database, control]) await each.crawl(later, { ...real, ...denied });
    const before = shown(database);
    const { run, published } = await database.crawl(later, { ...dry, onlyFailed: true });
    expect([run.retries?.branches, published.heldWhy]).toEqual([1, 'dry']);
    expect(differing(shown(database), before)).toEqual([]);
    await control.crawl(later, { ...real, onlyFailed: true });
    await expectReleased(database, told(control));
  });

  it('that is killed at any commit and continued is what an undisturbed one is', async () => {
    const database = team.copy();
    const undisturbed = database.copy('undisturbed.db');
    await undisturbed.crawl(later, dry);
    for (let k = 1; ; k += 1) {
      const killed = await database.copy(`dry-${k}.db`).killedAt(k, later, dry);
      if (killed === undefined) break;
      const { run } = await killed.crawl(later, dry);
      expect([k, run.resumed, killed.digest()]).toEqual([k, true, undisturbed.digest()]);
      await expectReleased(killed);
    }
  });
});

describe('a dry run and one that is none', () => {
  const other = { dry: real, real: dry } as const;

  it.each(['dry', 'real'] as const)('that is unfinished is not continued: %s', async (first) => {
    const [one, another] = [first === 'dry' ? dry : real, other[first]];
    const database = team.copy();
    expect(await database.crawlUntil(2, later, one)).toBe(true);
    expect(await database.crawlUntil(2, later, another)).toBe(true);
    const { run } = await database.crawl(later, dry);
    expect(run).toMatchObject({ id: first === 'dry' ? 2 : 3, resumed: true });
    const { run: last } = await database.crawl(later, real);
    expect(last).toMatchObject({ id: first === 'dry' ? 3 : 2, resumed: true });
    expect(differing(told(database), whole)).toEqual([]);
  });

  it('abandons an unfinished one of the other sort once another state is published', async () => {
    const database = team.copy();
    await database.crawlUntil(2, later, dry);
    await database.crawl(later, real);
    const [left, other] = [database.copy('dry next.db'), database.copy('real next.db')];
    const { run } = await left.crawl(later, dry);
    const why = 'another state was published since';
    expect(run).toMatchObject({ resumed: false, abandoned: { id: 2, why } });
    await other.crawl(later, real);
    for (const each of [left, other]) {
      expect(each.column('SELECT status FROM runs WHERE id = 2')).toEqual(['abandoned']);
    }
  });

  it('tells why a real run is begun anew when a dry one was released meanwhile', async () => {
    const database = team.copy();
    await database.crawlUntil(2, later, real);
    await database.crawl(later, dry);
    await releaseHeld(database);
    const { run, published } = await database.crawl(later, real);
    expect(run.abandoned).toMatchObject({ id: 2, why: 'another state was published since' });
    expect(published).toMatchObject({ joined: 0, left: 0, moved: 0, changed: 0 });
    expect(differing(told(database), whole)).toEqual([]);
  });

  it('abandons nothing of the other sort for a fresh start', async () => {
    const database = team.copy();
    await database.crawlUntil(2, later, real);
    await database.crawl(later, { ...dry, fresh: true });
    expect(await database.crawl(later, real)).toMatchObject({ run: { id: 2, resumed: true } });
    expect(differing(told(database), whole)).toEqual([]);
  });
});
