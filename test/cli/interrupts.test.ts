// Whatever stops a crawl, the same command again ends with the database of an undisturbed run.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeniedBranch, ResultCode, Silence } from '../../src/simulate/faults.ts';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { SimulatedServer } from '../../src/simulate/server.ts';
import { digestDatabase } from '../support/digest.ts';
import {
  crawlOf,
  type Place,
  type Running,
  runOrgwalk,
  startOrgwalk,
  withPlace,
} from './orgwalk.ts';

const DIRECTORY = syntheticOrganisation({ people: 400, seed: 3 });
/** rootDSE, people, root: a crawl has begun to walk by then. */
const MID_CRAWL = 12;

let undisturbed = '';

function crawl({ url }: { readonly url: string }, db: string, ...more: readonly string[]) {
  const small = ['--workers', '2', '--batch', '4'];
  return crawlOf({ url, root: DIRECTORY.rootDn }, db, ...small, ...more);
}

interface Held extends Place {
  readonly server: SimulatedServer;
  readonly running: Running;
  /** Lets the server answer so many requests more and fall silent; resolves when it keeps someone waiting. */
  holdAfter(requests: number): Promise<void>;
}

/** A crawl whose server has fallen silent in its middle: nothing moves until `use` does something about it. */
async function withHeldCrawl(
  options:
    | readonly string[]
    | { readonly args?: readonly string[]; readonly node?: readonly string[] },
  use: (held: Held) => Promise<void>,
): Promise<void> {
  const { args = [], node = [] } = 'length' in options ? { args: options } : options;
  let arrived = (): void => {};
  const onSearch = () => arrived();
  await using server = await SimulatedServer.listen({ directory: DIRECTORY, onSearch });
  const holdAfter = (requests: number) => {
    server.setFaults(new Silence({ kind: 'any', from: requests + 1 }));
    const { promise, resolve } = Promise.withResolvers<void>();
    let left = requests;
    arrived = () => {
      if (left-- === 0) resolve();
    };
    return promise;
  };
  await withPlace(async (place) => {
    const held = holdAfter(MID_CRAWL);
    const running = startOrgwalk(crawl(server, place.db, ...args), { node });
    await Promise.race([held, running.finished]);
    await use({ ...place, server, running, holdAfter });
  });
}

/** The same command again, on a server that answers, is a continuation and ends as if nothing had happened. */
async function expectContinuation(
  { server, db }: Pick<Held, 'server' | 'db'>,
  ...more: readonly string[]
): Promise<void> {
  server.setFaults();
  const { code, stdout } = await runOrgwalk(crawl(server, db, '--json', ...more));
  const { resumed, runId, status, employees } = JSON.parse(stdout);
  expect({ code, resumed, runId, status, employees }).toEqual({
    code: 0,
    resumed: true,
    runId: 1,
    status: 'published',
    employees: 400,
  });
  expect(digestDatabase(db)).toBe(undisturbed);
}

async function statusOf(db: string) {
  const { stdout } = await runOrgwalk(['status', '--db', db, '--format', 'json']);
  return JSON.parse(stdout)[0];
}

beforeAll(async () => {
  await using server = await SimulatedServer.listen({ directory: DIRECTORY });
  undisturbed = await withPlace(async ({ db }) => {
    expect((await runOrgwalk(crawl(server, db))).code).toBe(0);
    return digestDatabase(db);
  });
});

describe('a signal in mid-crawl', () => {
  test.each([
    { signal: 'SIGINT', code: 130 },
    { signal: 'SIGTERM', code: 143 },
    { signal: 'SIGHUP', code: 129 },
  ] as const)('$signal ends it with $code, resumable', async ({ signal, code }) => {
    await withHeldCrawl([], async (held) => {
      held.running.kill(signal);
      const outcome = await held.running.finished;
      expect(outcome).toMatchObject({ code, stdout: '' });
      expect(outcome.stderr).toMatch(new RegExp(`^${signal} was received: stopping`, 'm'));
      expect(outcome.stderr).toMatch(/^Run 1 stopped: /m);
      expect(outcome.stderr).toMatch(/everything read so far is kept.*run the same command again/);
      const { status, employees, waiting } = await statusOf(held.db);
      expect(status).toBe('interrupted');
      expect(employees).toBeGreaterThan(1);
      expect(waiting).toBeGreaterThan(0);
      await expectContinuation(held);
    });
  });

  test('leaves readers with nothing until it is complete, and crawl_employees with what was read', async () => {
    await withHeldCrawl([], async ({ running, db }) => {
      running.kill('SIGINT');
      await running.finished;
      const sql =
        'SELECT (SELECT count(*) FROM employees) AS a, (SELECT count(*) > 1 FROM crawl_employees) AS b';
      const { stdout } = await runOrgwalk(['query', sql, '--db', db, '--format', 'ndjson']);
      expect(stdout).toBe('{"a":0,"b":1}\n');
      const tree = await runOrgwalk(['tree', 'x', '--db', db]);
      expect([tree.code, tree.stderr]).toEqual([
        2,
        expect.stringMatching(/^Error: no crawl was published.*\nTry: .*\n$/),
      ]);
    });
  });

  test('is told by status to people, with what to do', async () => {
    await withHeldCrawl([], async ({ running, db }) => {
      running.kill('SIGINT');
      await running.finished;
      const { code, stdout } = await runOrgwalk(['status', '--db', db]);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^Run 1: interrupted\n/);
      expect(stdout).toMatch(/branches waiting\n.*run the same crawl again to continue\n$/);
    });
  });

  test('still prints the JSON that was asked for', async () => {
    await withHeldCrawl(['--json'], async ({ running }) => {
      running.kill('SIGTERM');
      const { code, stdout } = await running.finished;
      const { status, resumed, managers, depth } = JSON.parse(stdout);
      expect({ code, status, resumed, managers, depth }).toEqual({
        code: 143,
        status: 'interrupted',
        resumed: false,
        managers: null,
        depth: null,
      });
    });
  });

  test('a second one ends it now, also where the first one did not help', async () => {
    // A crawl that cannot be called off any more.
    const deaf = 'data:text/javascript,AbortController.prototype.abort = () => {};';
    await withHeldCrawl({ node: ['--import', deaf] }, async (held) => {
      held.running.kill('SIGINT');
      await held.running.says(/SIGINT was received: .*once more to exit now/);
      held.running.kill('SIGTERM');
      const { code, stderr } = await held.running.finished;
      expect([code, stderr]).toEqual([143, expect.not.stringContaining('Run 1 stopped')]);
      await expectContinuation(held);
    });
  });

  test('before the directory has answered ends it with no run begun', async () => {
    await using server = await SimulatedServer.listen({
      directory: DIRECTORY,
      faults: [new Silence()],
      onSearch: () => running.kill('SIGINT'),
    });
    let running: Running = { kill: () => {} } as unknown as Running;
    await withPlace(async ({ db }) => {
      running = startOrgwalk(crawl(server, db));
      const { code, stderr } = await running.finished;
      expect([code, stderr]).toEqual([
        130,
        expect.stringMatching(/Error: SIGINT was received\nTry: run the same command again/),
      ]);
      expect((await runOrgwalk(['status', '--db', db])).stderr).toBe('No crawl was begun yet.\n');
    });
  });
});

describe('a kill in mid-crawl', () => {
  test('is survived: the same command continues', async () => {
    await withHeldCrawl([], async (held) => {
      const atWork = await runOrgwalk(['status', '--db', held.db]);
      expect(atWork.stdout).toMatch(/^Run 1: running\n(?!.*run the same crawl)/s);
      held.running.kill('SIGKILL');
      expect(await held.running.finished).toMatchObject({ code: null, signal: 'SIGKILL' });
      const { stdout } = await runOrgwalk(['status', '--db', held.db]);
      expect(stdout).toMatch(/^Run 1: stopped without a word\n.*run the same crawl again/s);
      await expectContinuation(held);
    });
  });

  test('again and again is survived as well', async () => {
    await withHeldCrawl([], async (held) => {
      held.running.kill('SIGKILL');
      await held.running.finished;
      for (const requests of [8, 10]) {
        const silent = held.holdAfter(requests);
        const running = startOrgwalk(crawl(held.server, held.db));
        await Promise.race([silent, running.finished]);
        running.kill('SIGKILL');
        expect((await running.finished).signal).toBe('SIGKILL');
      }
      await expectContinuation(held);
    });
  });
});

describe('a crawl that stops by itself', () => {
  test('at its deadline ends with 4 and can be continued', async () => {
    await withHeldCrawl(['--deadline', '2s'], async (held) => {
      const { code, stderr } = await held.running.finished;
      expect([code, stderr]).toEqual([
        4,
        expect.stringMatching(/^Run 1 stopped: the deadline was reached$/m),
      ]);
      expect((await statusOf(held.db)).status).toBe('interrupted');
      await expectContinuation(held);
    });
  });

  test('at the end of the outage budget ends with 4 and can be continued', async () => {
    const impatient = ['--request-timeout', '1s', '--outage-budget', '0s'];
    await withHeldCrawl(impatient, async (held) => {
      const { code, stderr } = await held.running.finished;
      expect([code, stderr]).toEqual([
        4,
        expect.stringMatching(/^Run 1 stopped: the directory did not come back/m),
      ]);
      await expectContinuation(held);
    });
  });

  test('at the first failed branch with --on-failure abort ends with 4 and can be continued', async () => {
    const denied = new DeniedBranch(DIRECTORY.person(2).dn);
    await using server = await SimulatedServer.listen({ directory: DIRECTORY, faults: [denied] });
    await withPlace(async ({ db }) => {
      const { code, stderr } = await runOrgwalk(crawl(server, db, '--on-failure', 'abort'));
      const told = /^Run 1 stopped: a branch could not be read \(denied: access denied \(50\)\)$/m;
      expect([code, stderr]).toEqual([4, expect.stringMatching(told)]);
      expect((await statusOf(db)).status).toBe('interrupted');
      const again = await runOrgwalk(crawl(server, db, '--on-failure', 'abort'));
      expect([again.code, again.stderr]).toEqual([4, expect.stringMatching(told)]);
      await expectContinuation({ server, db }, '--on-failure', 'abort');
    });
  });

  test('because the password is refused in its middle ends with 6 and can be continued', async () => {
    await withPlace(async ({ db }) => {
      const refused = new ResultCode(49, { from: MID_CRAWL });
      await using server = await SimulatedServer.listen({
        directory: DIRECTORY,
        faults: [refused],
      });
      const outcome = await runOrgwalk(crawl(server, db));
      expect([outcome.code, outcome.stderr]).toEqual([
        6,
        expect.stringMatching(/^Error: the directory refused the credentials \(49\)\nTry: .*\n$/),
      ]);
      await expectContinuation({ server, db });
    });
  });
});

describe('a branch that cannot be read', () => {
  const culprit = DIRECTORY.person(2).dn;
  let server: SimulatedServer;
  beforeAll(async () => {
    server = await SimulatedServer.listen({
      directory: DIRECTORY,
      faults: [new DeniedBranch(culprit)],
    });
  });
  afterAll(() => server.close());

  test('is listed in the JSON, in status and in the view; the rest is published: exit 3', async () => {
    await withPlace(async ({ db }) => {
      const { code, stdout, stderr } = await runOrgwalk(crawl(server, db, '--json'));
      const { status, failedBranches } = JSON.parse(stdout);
      expect({ code, status, stderr }).toEqual({ code: 3, status: 'partial', stderr: '' });
      expect(failedBranches).toEqual([
        {
          employeeId: expect.stringMatching(/^[0-9a-f-]{36}$/),
          reason: 'denied',
          resultCode: 50,
          attempts: 1,
          lastError: 'access denied (50)',
        },
      ]);
      const told = await statusOf(db);
      expect([told.status, told.failures.length, told.failed_branches]).toEqual(['partial', 1, 1]);
      const query = ['query', 'SELECT dn, reason FROM failures', '--db', db, '--format', 'ndjson'];
      const view = await runOrgwalk(query);
      expect(JSON.parse(view.stdout)).toEqual({ dn: culprit, reason: 'denied' });
    });
  });

  test('is told to people by id, not by name or DN', async () => {
    await withPlace(async ({ db }) => {
      const { code, stdout, stderr } = await runOrgwalk(crawl(server, db));
      expect([code, stdout]).toEqual([3, '']);
      expect(stderr).toMatch(/^Run 1 published, but not complete$/m);
      expect(stderr).toMatch(/1 branch could not be read/);
      expect(stderr).not.toContain(culprit);
      const status = await runOrgwalk(['status', '--db', db]);
      expect(status.stdout).toMatch(/failed: [0-9a-f-]{36} {2}denied: access denied \(50\)/);
    });
  });
});
