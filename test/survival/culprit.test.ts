import { describe, expect, it } from 'vitest';
import { DeniedBranch, PoisonSearch, ResultCode, Silence } from '../../src/simulate/faults.ts';
import type { SimulatedServer } from '../../src/simulate/server.ts';
import { crawlOf, runOrgwalk } from '../cli/orgwalk.ts';
import { withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { CEO, dnOf } from './company.ts';
import { everyoneBut, readBack, wideCompany, withCulprits } from './culprits.ts';
import { crawlInto, withDatabases } from './wired.ts';

const TRIES = 3;
const BRIEF = { requestTimeoutMs: 150 };

/** In how many searches a culprit may be named: each halving of its batch, and its tries when it stands alone. */
const bound = (width: number) => Math.ceil(Math.log2(width)) + TRIES;
/** What is cut, not silent, is tried once more: a smaller page might have passed. */
const ANOTHER_PAGE_SIZE = 1;

describe('a manager about whom the server never answers', () => {
  it.each([1, 2, 50, 200])('in a batch of %i is isolated by halving', async (width) => {
    const culprit = Math.ceil(width / 3);
    const dn = dnOf(`p${culprit}`);
    const asked = { width, faults: [new Silence({ manager: dn })], crawl: BRIEF };
    await withCulprits(asked, async ({ published, failures, people, searchesFor }) => {
      expect(published.status).toBe('partial');
      expect(failures).toEqual([{ dn, reason: 'timeout', result_code: null, attempts: TRIES }]);
      expect(people.toSorted()).toEqual(everyoneBut(width, culprit).toSorted());
      expect(searchesFor(dn)).toBeGreaterThanOrEqual(TRIES);
      expect(searchesFor(dn)).toBeLessThanOrEqual(bound(width));
    });
  });

  it('is isolated by 8 workers as well', async () => {
    const dn = dnOf('p7');
    const crawl = { ...BRIEF, workers: 8, batch: 50 };
    const asked = { width: 200, faults: [new Silence({ manager: dn })], crawl };
    await withCulprits(asked, async ({ failures, people, searchesFor }) => {
      expect(failures).toMatchObject([{ dn, reason: 'timeout' }]);
      expect(people.toSorted()).toEqual(everyoneBut(200, 7).toSorted());
      expect(searchesFor(dn)).toBeLessThanOrEqual(bound(50));
    });
  });
});

describe('a manager who cannot be read', () => {
  it.each([
    ['denied', 50, (dn: string) => new DeniedBranch(dn), 1],
    ['poison', null, (dn: string) => new PoisonSearch(dn), TRIES],
    ['poison', 34, (dn: string) => new ResultCode(34, { manager: dn }), 1],
    ['unknown_code', 123, (dn: string) => new ResultCode(123, { manager: dn }), 1],
  ] as const)('costs only that branch: %s, %s', async (reason, code, faultFor, attempts) => {
    const dn = dnOf('p33');
    await withCulprits({ width: 50, faults: [faultFor(dn)] }, async (told) => {
      expect(told.failures).toEqual([{ dn, reason, result_code: code, attempts }]);
      expect(told.people.toSorted()).toEqual(everyoneBut(50, 33).toSorted());
      expect(told.published).toMatchObject({ status: 'partial', failedBranches: 1 });
      expect(told.searchesFor(dn)).toBeLessThanOrEqual(bound(50) + ANOTHER_PAGE_SIZE);
    });
  });

  it('costs no more where there are several in one batch, for several reasons', async () => {
    const [silent, denied, poison] = [dnOf('p3'), dnOf('p4'), dnOf('p40')];
    const faults = [
      new Silence({ manager: silent }),
      new DeniedBranch(denied),
      new PoisonSearch(poison),
    ];
    await withCulprits({ width: 50, faults, crawl: BRIEF }, async (told) => {
      expect(told.failures).toMatchObject([
        { dn: silent, reason: 'timeout' },
        { dn: denied, reason: 'denied' },
        { dn: poison, reason: 'poison' },
      ]);
      expect(told.people.toSorted()).toEqual(everyoneBut(50, 3, 4, 40).toSorted());
      for (const dn of [silent, denied, poison]) {
        expect(told.searchesFor(dn)).toBeLessThanOrEqual(bound(50) + ANOTHER_PAGE_SIZE);
      }
    });
  });
});

describe('with --on-failure abort', () => {
  it('the first branch that cannot be read ends the run for now, and the next one continues', async () => {
    const crawl = (server: SimulatedServer, db: string) =>
      runOrgwalk(crawlOf({ url: server.url, root: CEO }, db, '--on-failure', 'abort', '--json'));
    const faults = [new DeniedBranch(dnOf('p3')), new DeniedBranch(dnOf('p9'))];
    await withServer({ directory: wideCompany(12), faults }, (server) =>
      withDatabases(async (databases) => {
        const db = databases.next();
        for (const runs of [1, 2]) {
          const { code, stdout } = await crawl(server, db);
          expect([code, JSON.parse(stdout).status, runs]).toEqual([4, 'interrupted', runs]);
          expect(readBack(db).failures).toMatchObject([{ reason: 'denied' }]);
        }
        server.setFaults();
        const { code, stdout } = await crawl(server, db);
        expect([code, JSON.parse(stdout).resumed]).toEqual([0, true]);
        expect(readBack(db).failures).toEqual([]);
        expect(digestDatabase(db)).toBe(
          await databases.digestOf((other) => crawlInto(other, server.url)),
        );
      }),
    );
  });
});
