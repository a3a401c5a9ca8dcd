// What a crawl says, and to whom: data on stdout, talk on stderr, nobody's name in either.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Silence } from '../../src/simulate/faults.ts';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { hundred, withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { crawlOf, runOrgwalk, startOrgwalk, withPlace } from './orgwalk.ts';

/** People script against these. */
const SUMMARY = [
  'runId',
  'status',
  'resumed',
  'employees',
  'managers',
  'depth',
  'searches',
  'pages',
  'entries',
  'retries',
  'reconnects',
  'splits',
  'failedBranches',
  'joined',
  'left',
  'detached',
  'returned',
  'moved',
  'changed',
  'findings',
  'seconds',
  'employeesPerSecond',
  'searchesPerThousandEmployees',
  'peakRssBytes',
  'load',
];
const LATENCIES = ['maxInFlight', 'requestsPerSecond', 'p50Ms', 'p95Ms'];
const LOAD = [...LATENCIES, 'throttledSeconds', 'refused', 'slowestRate'];

const PEOPLE = Array.from({ length: 100 }, (_, person) => hundred().person(person));

describe('crawl --json', () => {
  test('prints exactly the documented fields, and the organisation that there is', async () => {
    await withPlace(({ db }) =>
      withServer({}, async (server) => {
        const { code, stdout, stderr } = await runOrgwalk(crawlOf(server, db, '--json'));
        const summary = JSON.parse(stdout);
        expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
        expect(Object.keys(summary)).toEqual(SUMMARY);
        expect(Object.keys(summary.load)).toEqual(LOAD);
        const managers = PEOPLE.filter((_, at) => hundred().reportsOf(at).count > 0).length;
        const depth = Math.max(...PEOPLE.map((_, at) => hundred().depthOf(at)));
        const { stats } = server;
        expect(summary).toMatchObject({
          runId: 1,
          status: 'published',
          resumed: false,
          employees: 100,
          managers,
          depth,
          searches: stats.searches,
          failedBranches: [],
          // Nobody joins before there is a former state to join.
          joined: 0,
        });
      }),
    );
  });

  test('is the only thing on stdout although a bar is shown', async () => {
    await withPlace(({ db }) =>
      withServer({ latencyMs: 150 }, async (server) => {
        const args = crawlOf(server, db, '--json', '--progress', 'bar');
        const { stdout, stderr } = await runOrgwalk(args);
        expect(Object.keys(JSON.parse(stdout))).toEqual(SUMMARY);
        expect(stderr).toContain('\r');
      }),
    );
  });

  test('of the same directory again finds nobody new, and the same database', async () => {
    await withPlace(({ db }) =>
      withServer({}, async (server) => {
        await runOrgwalk(crawlOf(server, db));
        const employees = 'SELECT * FROM employees ORDER BY id';
        const before = await rowsOf(db, employees);
        const { stdout } = await runOrgwalk(crawlOf(server, db, '--json', '--workers', '1'));
        const { runId, joined, left, moved, changed } = JSON.parse(stdout);
        expect({ runId, joined, left, moved, changed }).toEqual({
          runId: 2,
          joined: 0,
          left: 0,
          moved: 0,
          changed: 0,
        });
        expect((await rowsOf(db, employees)).map(withoutConfirmation)).toEqual(
          before.map(withoutConfirmation),
        );
      }),
    );
  });
});

describe('a crawl that went well', () => {
  test('says nothing on stdout, and neither a name, a DN nor a password on stderr', async () => {
    const account = { bindDn: 'cn=reader,dc=example,dc=com', password: 'hush-hush-42' };
    await withPlace(({ db }) =>
      withServer({ ...account, latencyMs: 100 }, async (server) => {
        const args = crawlOf(server, db, '--bind-dn', account.bindDn, '--progress', 'bar');
        const env = { ORGWALK_BIND_PASSWORD: account.password };
        const outcome = await runOrgwalk(args, { env });
        expect([outcome.code, outcome.stdout]).toEqual([0, '']);
        expect(outcome.stderr).toMatch(/Run 1 complete and published\n {2}100 employees, /);
        expect(outcome.stderr).not.toContain(account.password);
        const personal = PEOPLE.flatMap((person) =>
          ['cn', 'sn', 'uid', 'mail', 'entrydn'].flatMap((name) => person.values(name).map(String)),
        );
        expect(personal.length).toBeGreaterThan(400);
        expect(personal.filter((value) => outcome.stderr.includes(value))).toEqual([]);
        expect(outcome.stderr).not.toMatch(/dc=example/);
      }),
    );
  });

  test('takes its options from the environment and from a config file as from flags', async () => {
    await withPlace(({ db, folder }) =>
      withServer({}, async (server) => {
        const config = join(folder, 'orgwalk.yaml');
        await writeFile(config, `url: ${server.url}\nworkers: 3\nrate: 0\ndb: people.db\n`);
        const env = { ORGWALK_ROOT: hundred().rootDn, ORGWALK_JSON: 'yes', ORGWALK_WORKERS: '1' };
        const { code, stdout } = await runOrgwalk(['crawl', '--config', config], { env });
        const { employees, load } = JSON.parse(stdout);
        // The database is relative to the file, and the variable wins over it.
        expect([code, employees, load.maxInFlight]).toEqual([0, 100, 1]);
        expect((await runOrgwalk(['status', '--db', db])).stdout).toMatch(/^Run 1: published/);
      }),
    );
  });

  test('reads --fresh=yes as yes, and --json=no as no', async () => {
    await withPlace(({ db }) =>
      withServer({}, async (server) => {
        await runOrgwalk(crawlOf(server, db));
        const { code, stdout } = await runOrgwalk(crawlOf(server, db, '--json=no', '--fresh=yes'));
        expect([code, stdout]).toEqual([0, '']);
        const args = crawlOf(server, db, '--json=yes', '--fresh=no');
        expect(JSON.parse((await runOrgwalk(args)).stdout).runId).toBe(3);
      }),
    );
  });

  test('of 1 worker or 7, batched or not, ends with the same database', async () => {
    const digests = new Set<string>();
    for (const pace of [
      ['--workers', '1', '--batch', '1'],
      ['--workers', '7', '--batch', '3'],
      ['--workers', '3', '--page-size', '2'],
      ['--page-size', '0'],
    ]) {
      await withPlace(({ db }) =>
        withServer({}, async (server) => {
          expect((await runOrgwalk(crawlOf(server, db, ...pace))).code).toBe(0);
          digests.add(digestDatabase(db));
        }),
      );
    }
    expect(digests.size).toBe(1);
  });

  test('names what is not continued, and why', async () => {
    await withPlace(({ db }) =>
      withServer({ faults: [new Silence({ from: 8 })] }, async (server) => {
        await runOrgwalk(crawlOf(server, db, '--request-timeout', '1s', '--outage-budget', '0s'));
        server.setFaults();
        const { code, stderr } = await runOrgwalk(crawlOf(server, db, '--fresh'));
        expect([code, stderr]).toEqual([
          0,
          expect.stringMatching(
            /^Run 1 was abandoned: a fresh start was asked for; it had read \d+ employees?\n/,
          ),
        ]);
        const runs = await runOrgwalk(['runs', '--db', db, '--format', 'json']);
        expect(JSON.parse(runs.stdout).map((run: { status: string }) => run.status)).toEqual([
          'published',
          'abandoned',
        ]);
      }),
    );
  });
});

// One of these waits for 10 s.
describe.concurrent('--progress', () => {
  test('none writes nothing until the end', async () => {
    await withPlace(({ db }) =>
      withServer({ latencyMs: 150 }, async (server) => {
        const { stderr } = await runOrgwalk(crawlOf(server, db));
        expect(stderr).toMatch(/^Run 1 complete and published\n/);
      }),
    );
  });

  test('bar writes one line again and again, and takes it away', async () => {
    await withPlace(({ db }) =>
      withServer({ latencyMs: 150 }, async (server) => {
        const args = crawlOf(server, db, '--progress', 'bar');
        const { stderr } = await runOrgwalk(args);
        const [live = '', ...rest] = stderr.split('\n');
        expect(live.split('\r').length).toBeGreaterThan(3);
        expect(live).toMatch(/\d+ employees? \(\d+\/s\) · \d+ waiting · \d+ searches\/s · \d idle/);
        expect(live).toMatch(/\r\x1b\[KRun 1 complete and published$/);
        expect(rest.join('\n')).not.toContain('\r');
      }),
    );
  });

  test('log, as auto where stderr is no terminal, writes a line with the time every 10 s', async () => {
    await withPlace(({ db }) =>
      withServer({ faults: [new Silence({ from: 8 })] }, async (server) => {
        const args = crawlOf(server, db, '--progress', 'auto');
        const running = startOrgwalk(args);
        await running.says(/^\d{4}-\d\d-\d\dT[\d:.]+Z \d+ employees? \(.*waiting/m);
        running.kill('SIGINT');
        const { code, stderr } = await running.finished;
        expect([code, stderr]).toEqual([130, expect.not.stringContaining('\r')]);
      }),
    );
  });

  test('tells percent and time left once a former run told the size', async () => {
    await withPlace(({ db }) =>
      withServer({ latencyMs: 150 }, async (server) => {
        await runOrgwalk(crawlOf(server, db));
        const args = crawlOf(server, db, '--progress', 'bar');
        expect((await runOrgwalk(args)).stderr).toMatch(/\d+ % · .* left/);
      }),
    );
  });
});

describe('a directory that does not answer', () => {
  test('in the middle of a crawl is waited for, and that it is back is told', async () => {
    const directory = syntheticOrganisation({ people: 400, seed: 3 });
    await withPlace(({ db }) =>
      withServer({ directory, faults: [new Silence({ from: 10, times: 3 })] }, async (server) => {
        const patient = ['--request-timeout', '500ms', '--workers', '1'];
        const args = crawlOf({ url: server.url, root: directory.rootDn }, db, ...patient);
        const { code, stderr } = await runOrgwalk(args);
        expect([code, stderr]).toEqual([
          0,
          expect.stringContaining('The directory answers again\n'),
        ]);
      }),
    );
  });
});

async function rowsOf(db: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const { stdout } = await runOrgwalk(['query', sql, '--db', db, '--format', 'json']);
  return JSON.parse(stdout);
}

function withoutConfirmation({ confirmed_at: _, ...rest }: Record<string, unknown>) {
  return rest;
}
