import { describe, expect, it } from 'vitest';
import { crawlOf, runOrgwalk } from '../cli/orgwalk.ts';
import { CEO, dnOf } from './company.ts';
import { withCrashing } from './crashes.ts';
import { everyoneBut, readBack, wideCompany } from './culprits.ts';
import { crawlInto, withDatabases } from './wired.ts';

const WIDTH = 120;
const CULPRIT = dnOf('p77');
/**
 * Three until whoever is in flight is suspected, and three tries of the one who is. A server that is back before the
 * probe looks alive: then it is found by halving.
 */
const mostCrashes = (batch: number) => 3 + 3 + Math.ceil(Math.log2(batch));

const read = everyoneBut(WIDTH, 77).toSorted();
const crashing = { directory: wideCompany(WIDTH), culprit: CULPRIT };

describe('a search that brings the server down each time', () => {
  it.each([
    { workers: 1, batch: 1, downMs: 50 },
    { workers: 1, batch: 50, downMs: 50 },
    { workers: 8, batch: 1, downMs: 50 },
    { workers: 8, batch: 50, downMs: 50 },
    { workers: 1, batch: 50, downMs: 0 },
    { workers: 8, batch: 50, downMs: 0 },
  ])('is found by name ($workers workers, batches of $batch, down for $downMs ms)', async (how) => {
    const { downMs, ...options } = how;
    await withCrashing({ ...crashing, downMs }, (server) =>
      withDatabases(async (databases) => {
        const db = databases.next();
        const retry = { tries: 3, refusals: 10, delayMs: () => 10 };
        const { published } = await crawlInto(db, server.url, { ...options, retry, pageSize: 500 });
        expect(published).toMatchObject({ status: 'partial', failedBranches: 1 });
        const { failures, people } = readBack(db);
        expect(failures).toMatchObject([{ dn: CULPRIT, reason: 'poison', result_code: null }]);
        expect(people.toSorted()).toEqual(read);
        expect(server.crashes).toBeLessThanOrEqual(mostCrashes(options.batch));
      }),
    );
  });

  it('is found by the program, which ends with 3 and names it', async () => {
    await withCrashing({ ...crashing, downMs: 200 }, (server) =>
      withDatabases(async (databases) => {
        const db = databases.next();
        const args = crawlOf({ url: server.url, root: CEO }, db, '--batch', '50', '--json');
        const { code, stdout, stderr } = await runOrgwalk(args);
        expect(code, stderr).toBe(3);
        expect(JSON.parse(stdout).failedBranches).toMatchObject([{ reason: 'poison' }]);
        expect(readBack(db).people.toSorted()).toEqual(read);
        expect(server.crashes).toBeLessThanOrEqual(mostCrashes(50));
        expect(stderr).toContain('answers again');
      }),
    );
  });
});
