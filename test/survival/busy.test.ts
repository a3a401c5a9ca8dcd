import { describe, expect, it } from 'vitest';
import { ResultCode } from '../../src/simulate/faults.ts';
import { crawlOf, runOrgwalk } from '../cli/orgwalk.ts';
import { digestDatabase } from '../support/digest.ts';
import { companyOfGroups, dataRefused, dataSilent, GROUPS, type Scene, withBusy } from './busy.ts';
import { CEO, dnOf } from './company.ts';
import { everyoneBut, wideCompany, withCulprits } from './culprits.ts';

const BUSY = 51;
const REFUSALS = 10;
/** The rootDSE, whether there are people, the root: a crawl that was refused these has not begun. */
const AT_START = 3;
const SHORT = { outageBudgetMs: 100 };
const INTERRUPTED = { status: 'interrupted: outage', failures: [], attempts: 0 };

/** Crawls the mended server into the same database. */
async function expectMended({ server, crawl, undisturbed }: Scene, db: string): Promise<void> {
  server.setFaults();
  const { status, failures, digest } = await crawl(db);
  expect({ status, failures }).toEqual({ status: 'published, resumed', failures: [] });
  expect(digest).toBe(undisturbed.digest);
}

describe('a server that refuses everyone for ever', () => {
  it.each([
    [51, 1],
    [51, 8],
    [52, 1],
    [52, 8],
    [80, 1],
    [80, 8],
  ])('with %i to %i workers is away, whenever it begins', async (code, workers) => {
    await withBusy({}, { workers }, async (scene) => {
      const total = scene.searches.length;
      for (const from of [AT_START + 1, AT_START + 2, AT_START + 7, Math.floor(total * 0.7)]) {
        scene.server.setFaults(new ResultCode(code, { kind: 'any', from }));
        const db = scene.next();
        const { retries, ...ended } = await scene.crawl(db, SHORT);
        expect(ended).toMatchObject(INTERRUPTED);
        // Whoever was refused just when another was served still.
        expect(retries).toBeLessThanOrEqual(workers);
        await expectMended(scene, db);
      }
    });
  });

  it('is away also where it refuses even binds', async () => {
    const account = { bindDn: 'cn=reader,dc=example,dc=com', password: 'secret' };
    const credentials = {
      kind: 'simple',
      dn: account.bindDn,
      password: account.password,
    } as const;
    await withBusy(account, { credentials }, async (scene) => {
      scene.server.setFaults(new ResultCode(52, { kind: 'any', from: 8 }));
      const db = scene.next();
      expect(await scene.crawl(db, SHORT)).toMatchObject(INTERRUPTED);
      await expectMended(scene, db);
    });
  });
});

describe('a server that refuses everyone for a while', () => {
  it.each([1, 2, 8])(
    'fails nobody while the root is the only branch (%i workers)',
    async (workers) => {
      await withBusy({}, { workers }, async ({ server, next, crawl, undisturbed }) => {
        server.setFaults(new ResultCode(BUSY, { kind: 'any', from: AT_START + 1, times: 60 }));
        expect(await crawl(next())).toEqual({ ...undisturbed, retries: expect.any(Number) });
      });
    },
  );

  it.each([1, 2, 8])('fails nobody while one branch is left (%i workers)', async (workers) => {
    const one = { workers, batch: 1, pageSize: 500 };
    await withBusy(
      { directory: wideCompany(5) },
      one,
      async ({ server, searches, next, crawl, undisturbed }) => {
        const from = searches.findLastIndex(({ managers }) => managers.length > 0) + 1;
        server.setFaults(new ResultCode(BUSY, { from, times: 60 }));
        expect(await crawl(next())).toEqual({ ...undisturbed, retries: expect.any(Number) });
      },
    );
  });
});

describe('a manager whom the server always refuses as too busy, while it serves the others,', () => {
  const WIDTH = 50;
  const retry = { tries: 3, refusals: REFUSALS, delayMs: () => 1 };

  it.each([
    { culprits: [7], workers: 1, batch: 1 },
    { culprits: [7], workers: 1, batch: 50 },
    { culprits: [7], workers: 8, batch: 1 },
    { culprits: [7], workers: 8, batch: 50 },
    { culprits: [7, 33], workers: 1, batch: 1 },
    { culprits: [7, 33], workers: 1, batch: 50 },
    { culprits: [7, 33], workers: 8, batch: 1 },
    { culprits: [7, 33], workers: 8, batch: 50 },
  ])('fails alone: $culprits, $workers workers, batches of $batch', async (given) => {
    const { culprits, workers, batch } = given;
    const dns = culprits.map((number) => dnOf(`p${number}`)).toSorted();
    const faults = dns.map((manager) => new ResultCode(BUSY, { manager }));
    const asked = { width: WIDTH, faults, crawl: { workers, batch, retry } };
    await withCulprits(asked, ({ published, failures, people, searchesFor }) => {
      expect(published.status).toBe('partial');
      expect(failures).toEqual(
        dns.map((dn) => ({ dn, reason: 'timeout', result_code: BUSY, attempts: REFUSALS })),
      );
      expect(people.toSorted()).toEqual(everyoneBut(WIDTH, ...culprits).toSorted());
      // Every refusal, then each halving of the batch.
      const most = REFUSALS + Math.ceil(Math.log2(batch));
      for (const dn of dns) {
        expect(searchesFor(dn)).toBeGreaterThanOrEqual(REFUSALS);
        expect(searchesFor(dn)).toBeLessThanOrEqual(most);
      }
      return Promise.resolve();
    });
  });
});

describe('while settling, a manager value', () => {
  const directory = companyOfGroups();
  const isGroup = ({ base }: { readonly base: string }) => GROUPS.some((dn) => dn === base);
  const retry = { tries: 3, refusals: REFUSALS, delayMs: () => 1 };

  it.each([
    { count: 1, workers: 1 },
    { count: 1, workers: 8 },
    { count: 2, workers: 1 },
    { count: 2, workers: 8 },
  ])(
    'that is always refused puts only its reports in doubt: $count, $workers workers',
    async (given) => {
      const { count, workers } = given;
      await withBusy(
        { directory },
        { workers, retry },
        async ({ server, searches, next, crawl }) => {
          const refused = GROUPS.slice(0, count);
          server.setFaults(...refused.map((base) => new ResultCode(BUSY, { base })));
          const before = searches.length;
          const { status, failures } = await crawl(next());
          const failed = { reason: 'timeout', result_code: BUSY, attempts: REFUSALS };
          expect({ status, failures }).toEqual({
            status: 'partial',
            failures: refused.map((_, at) => ({ dn: dnOf(`g${at + 1}`), ...failed })),
          });
          for (const base of refused) {
            const asked = searches.slice(before).filter((search) => search.base === base);
            expect(asked).toHaveLength(REFUSALS);
          }
        },
      );
    },
  );

  it.each([1, 8])(
    'costs nobody anything while everyone is refused (%i workers)',
    async (workers) => {
      await withBusy({ directory }, { workers, retry }, async (scene) => {
        const { server, searches, next, crawl, undisturbed } = scene;
        const from = searches.findIndex(isGroup) + 1;
        server.setFaults(new ResultCode(BUSY, { from, times: 60 }));
        expect(await crawl(next())).toEqual({ ...undisturbed, retries: expect.any(Number) });
        server.setFaults(new ResultCode(BUSY, { from }));
        const db = next();
        expect(await crawl(db, SHORT)).toMatchObject(INTERRUPTED);
        await expectMended(scene, db);
      });
    },
  );
});

describe('a server that shows its rootDSE, but not its data,', () => {
  const SILENT = { requestTimeoutMs: 100, outageBudgetMs: 300 };

  it.each([1, 2, 8])('is away while it says nothing (%i workers)', async (workers) => {
    await withBusy({}, { workers }, async (scene) => {
      scene.server.setFaults(dataSilent(AT_START + 2));
      const db = scene.next();
      expect(await scene.crawl(db, SILENT)).toMatchObject({ ...INTERRUPTED, retries: 0 });
      await expectMended(scene, db);
    });
  });

  it('is waited for, and nobody loses an attempt', async () => {
    await withBusy({}, {}, async ({ server, next, crawl, undisturbed }) => {
      let outages = 0;
      const outage = () => {
        outages += 1;
      };
      server.setFaults(dataSilent(AT_START + 2, 6));
      const more = { requestTimeoutMs: 100, observe: { outage } };
      expect(await crawl(next(), more)).toEqual(undisturbed);
      expect(outages).toBeGreaterThan(0);
    });
  });

  it.each([51, 52, 80])('is away while it refuses everyone with %i', async (code) => {
    await withBusy({}, {}, async (scene) => {
      scene.server.setFaults(dataRefused(code, AT_START + 2));
      const db = scene.next();
      expect(await scene.crawl(db, SHORT)).toMatchObject(INTERRUPTED);
      await expectMended(scene, db);
    });
  });
});

describe('the program, where everyone', () => {
  it.each([
    ['is refused', () => new ResultCode(52, { kind: 'any', from: AT_START + 2 })],
    ['is refused what is not the rootDSE', () => dataRefused(BUSY, AT_START + 2)],
    ['gets no answer that is not the rootDSE', () => dataSilent(AT_START + 2)],
  ])('%s, ends with exit 4, and the same command then continues', async (_name, fault) => {
    await withBusy({}, {}, async ({ server, next, undisturbed }) => {
      server.setFaults(fault());
      const db = next();
      const brief = ['--outage-budget', '0s', '--request-timeout', '200ms', '--json'];
      const args = crawlOf({ url: server.url, root: CEO }, db, ...brief);
      const { code, stdout, stderr } = await runOrgwalk(args);
      expect(code, stderr).toBe(4);
      expect(JSON.parse(stdout)).toMatchObject({ status: 'interrupted', failedBranches: [] });
      server.setFaults();
      const resumed = await runOrgwalk(args);
      expect([resumed.code, JSON.parse(resumed.stdout).resumed]).toEqual([0, true]);
      expect(digestDatabase(db)).toBe(undisturbed.digest);
    });
  });
});
