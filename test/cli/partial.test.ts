// A crawl that could not read everything, and what a person can do about it.
import { describe, expect, test } from 'vitest';
import { DeniedBranch, Silence } from '../../src/simulate/faults.ts';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { SimulatedServer } from '../../src/simulate/server.ts';
import { digestDatabase } from '../support/digest.ts';
import {
  crawlOf,
  expectRefusal,
  type Place,
  runOrgwalk,
  startOrgwalk,
  withPlace,
} from './orgwalk.ts';

const DIRECTORY = syntheticOrganisation({ people: 200, seed: 3 });
const CULPRIT = DIRECTORY.person(2).dn;

interface Scene extends Place {
  readonly server: SimulatedServer;
  crawl(...more: readonly string[]): ReturnType<typeof runOrgwalk>;
  /** The rows of a query. */
  ask(sql: string): Promise<readonly Record<string, unknown>[]>;
  /** Resolves when the n-th search from now on arrives. */
  nthSearch(n: number): Promise<void>;
}

/** `whole`: one crawl has read everything. The next one finds a branch that is denied. */
async function withScene(whole: boolean, use: (scene: Scene) => Promise<void>): Promise<void> {
  let onSearch = (): void => {};
  const listening = { directory: DIRECTORY, onSearch: () => onSearch() };
  await using server = await SimulatedServer.listen(listening);
  const nthSearch = (n: number) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let left = n;
    onSearch = () => {
      left -= 1;
      if (left === 0) resolve();
    };
    return promise;
  };
  await withPlace(async (place) => {
    const crawl = (...more: readonly string[]) =>
      runOrgwalk(crawlOf({ url: server.url, root: DIRECTORY.rootDn }, place.db, ...more));
    const ask = async (sql: string) => {
      const { stdout } = await runOrgwalk(['query', sql, '--db', place.db, '--format', 'json']);
      return JSON.parse(stdout);
    };
    if (whole) expect((await crawl()).code).toBe(0);
    server.setFaults(new DeniedBranch(CULPRIT));
    await use({ ...place, server, crawl, ask, nthSearch });
  });
}

describe('a crawl that could not read everything', () => {
  test('says in a first crawl that those below are not known, and how to read them', async () => {
    await withScene(false, async ({ crawl }) => {
      const { code, stderr } = await crawl();
      expect(code).toBe(3);
      expect(stderr).toMatch(
        /^ {2}1 branch could not be read; whoever is below is not known yet:\n {4}[0-9a-f-]{36} {2}denied: .*\n {2}once the cause is mended, read them with --retry-failed$/m,
      );
      expect(stderr).not.toContain('stays as they were');
    });
  });

  test('says in a later one that those below stay as they were, and they do', async () => {
    await withScene(true, async ({ crawl, ask, db }) => {
      const before = await ask('SELECT id, manager_id, depth FROM employees ORDER BY id');
      const { code, stderr } = await crawl();
      expect([code, stderr]).toEqual([
        3,
        expect.stringMatching(/1 branch could not be read; whoever is below stays as they were:/),
      ]);
      expect(await ask('SELECT id, manager_id, depth FROM employees ORDER BY id')).toEqual(before);
      const runs = await runOrgwalk(['runs', '--db', db]);
      expect(runs.stdout).toMatch(/^ *2 +partial .* +200 /m);
    });
  });
});

describe('--retry-failed', () => {
  test('reads what had failed, tells so, and ends with 0', async () => {
    await withScene(false, async ({ crawl, server, ask }) => {
      await crawl();
      server.setFaults();
      const { code, stderr } = await crawl('--retry-failed');
      expect([code, stderr]).toEqual([
        0,
        expect.stringMatching(
          /^Run 2 reads the 1 branch that failed in run 1, and what lies below\nRun 2 published: what had failed was read; the rest is as run 1 found it\n {2}200 employees, .*; \d+ of them now, in /,
        ),
      ]);
      const [{ employees }] = (await ask('SELECT count(*) AS employees FROM employees')) as [
        { employees: number },
      ];
      expect(employees).toBe(200);
    });
  });

  test('counts as found whom it found, not whom it took over', async () => {
    await withScene(false, async ({ crawl, server }) => {
      const first = JSON.parse((await crawl('--json')).stdout);
      server.setFaults();
      const { stdout } = await crawl('--retry-failed', '--json');
      const retry = JSON.parse(stdout);
      const found = 200 - first.employees;
      expect(retry).toMatchObject({ runId: 2, employees: 200, resumed: false, joined: found });
      expect((retry.employeesPerSecond * retry.seconds) / found).toBeCloseTo(1, 1);
      expect(retry.searchesPerThousandEmployees).toBeCloseTo((retry.searches * 1_000) / found, 2);
    });
  });

  test('that fails again ends with 3, and names the branch', async () => {
    await withScene(true, async ({ crawl }) => {
      await crawl();
      const { code, stdout } = await crawl('--retry-failed', '--json');
      const { status, runId, failedBranches } = JSON.parse(stdout);
      expect({ code, status, runId }).toEqual({ code: 3, status: 'partial', runId: 3 });
      expect(failedBranches).toEqual([expect.objectContaining({ reason: 'denied' })]);
    });
  });

  test('has nothing to do where nothing failed: exit 0, no new run', async () => {
    await withScene(true, async ({ crawl, ask }) => {
      const told = await crawl('--retry-failed');
      expect(told).toMatchObject({ code: 0, stderr: 'Nothing failed in the published run.\n' });
      expect(await ask('SELECT count(*) AS runs FROM runs')).toEqual([{ runs: 1 }]);
    });
  });

  test('with nothing to do prints every field of the summary, for scripts that read them', async () => {
    await withScene(true, async ({ crawl, server }) => {
      server.setFaults();
      const whole = JSON.parse((await crawl('--json')).stdout);
      const { code, stdout } = await crawl('--retry-failed', '--json');
      const nothing = JSON.parse(stdout);
      expect({ code, keys: Object.keys(nothing), load: Object.keys(nothing.load) }).toEqual({
        ...{ code: 0, keys: Object.keys(whole), load: Object.keys(whole.load) },
      });
      const { peakRssBytes, ...fields } = nothing;
      expect(peakRssBytes).toBeGreaterThan(0);
      const counts = ['searches', 'pages', 'entries', 'retries', 'reconnects', 'splits'];
      const changes = ['joined', 'left', 'detached', 'returned', 'moved', 'changed', 'findings'];
      const times = ['seconds', 'employeesPerSecond', 'searchesPerThousandEmployees'];
      expect(fields).toEqual({
        ...{ runId: null, status: 'nothing_to_retry', resumed: false },
        ...{ employees: 200, managers: null, depth: null, failedBranches: [] },
        ...Object.fromEntries([...counts, ...changes, ...times].map((name) => [name, 0])),
        load: {
          ...{ maxInFlight: 0, requestsPerSecond: 0, p50Ms: 0, p95Ms: 0 },
          ...{ throttledSeconds: 0, refused: 0, slowestRate: null },
        },
      });
    });
  });

  test('is refused before anything was published, and leaves no run', async () => {
    await withScene(false, async ({ crawl, ask, server, db }) => {
      await runOrgwalk(crawlOf({ url: server.url, root: '(uid=nobody)' }, db));
      expectRefusal(await crawl('--retry-failed'), {
        ...{ code: 2, error: /nothing was published yet/ },
        hint: /^crawl without --retry-failed$/,
      });
      expect(await ask('SELECT count(*) AS runs FROM runs')).toEqual([{ runs: 0 }]);
    });
  });

  test('is refused for another question than that of the published run', async () => {
    await withScene(true, async ({ crawl, db }) => {
      await crawl();
      const before = digestDatabase(db);
      const outcome = await crawl('--retry-failed', '--filter', '(uid=*)');
      expectRefusal(outcome, { code: 2, error: /^the published run asked another question/ });
      expect(digestDatabase(db)).toBe(before);
    });
  });

  test('continues itself, gives way to a crawl of everything, and does not end one', async () => {
    await withScene(true, async ({ crawl, server, db, nthSearch }) => {
      await crawl();
      const stopAt = async (...more: readonly string[]) => {
        server.setFaults(new Silence({ kind: 'any', from: 6 }));
        const patient = ['--request-timeout', '1h', '--workers', '1', '--batch', '1', ...more];
        const target = { url: server.url, root: DIRECTORY.rootDn };
        const asked = nthSearch(6);
        const running = startOrgwalk(crawlOf(target, db, ...patient));
        await Promise.race([asked, running.finished]);
        running.kill('SIGTERM');
        const outcome = await running.finished;
        server.setFaults();
        return outcome;
      };
      const stopped = await stopAt('--retry-failed');
      expect([stopped.code, stopped.stderr]).toEqual([
        143,
        expect.stringContaining('Run 3 stopped'),
      ]);
      const again = await stopAt('--retry-failed');
      expect(again.stderr).toContain('Run 3 continues where it stopped');
      const whole = await stopAt();
      expect(whole.stderr).toMatch(
        /^Run 3 was abandoned: it only retried failed branches; it had read \d+ employees?$/m,
      );
      expectRefusal(await crawl('--retry-failed'), {
        ...{ code: 2, error: /^run 4 is unfinished, and reads more than what failed before$/ },
        hint: /^continue it without --retry-failed, or abandon it with --fresh$/,
      });
      const fresh = await crawl('--retry-failed', '--fresh');
      expect([fresh.code, fresh.stderr]).toEqual([
        0,
        expect.stringMatching(/^Run 4 was abandoned: a fresh start was asked for; .*\nRun 5 reads/),
      ]);
    });
  });
});
