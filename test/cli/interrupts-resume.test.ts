// What becomes of an unfinished run, and the line that says so.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Silence } from '../../src/simulate/faults.ts';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { SimulatedServer } from '../../src/simulate/server.ts';
import { digestDatabase } from '../support/digest.ts';
import { crawlOf, type Outcome, runOrgwalk, startOrgwalk, withPlace } from './orgwalk.ts';

const DIRECTORY = syntheticOrganisation({ people: 200, seed: 3 });
const ROOT = DIRECTORY.rootDn;

let server: SimulatedServer;
let onSearch = (): void => {};
let undisturbed = '';
/** A crawl is in its middle by then. */
const MID_CRAWL = 10;

beforeAll(async () => {
  server = await SimulatedServer.listen({ directory: DIRECTORY, onSearch: () => onSearch() });
  undisturbed = await withPlace(async ({ db }) => {
    expect((await runOrgwalk(crawlOf({ url: server.url, root: ROOT }, db))).code).toBe(0);
    return digestDatabase(db);
  });
});
afterAll(() => server.close());

interface Unfinished {
  readonly db: string;
  readonly employees: number;
  crawl(...more: readonly string[]): Promise<Outcome>;
}

/** A run that was stopped in the middle, where the server had fallen silent. */
async function withUnfinished(use: (unfinished: Unfinished) => Promise<void>): Promise<void> {
  await withPlace(async ({ db }) => {
    const target = { url: server.url, root: ROOT };
    const crawl = (...more: readonly string[]) => runOrgwalk(crawlOf(target, db, ...more));
    const silent = silence();
    const small = ['--workers', '2', '--batch', '3', '--request-timeout', '1h', '--json'];
    const running = startOrgwalk(crawlOf(target, db, ...small));
    await Promise.race([silent, running.finished]);
    running.kill('SIGTERM');
    const { code, stdout } = await running.finished;
    server.setFaults();
    expect(code).toBe(143);
    const { employees } = JSON.parse(stdout);
    expect(employees).toBeGreaterThan(5);
    await use({ db, employees, crawl });
  });
}

/** Resolves when the server keeps someone waiting. */
function silence(): Promise<void> {
  server.setFaults(new Silence({ kind: 'any', from: MID_CRAWL }));
  const { promise, resolve } = Promise.withResolvers<void>();
  let left = MID_CRAWL;
  onSearch = () => {
    left -= 1;
    if (left === 0) resolve();
  };
  return promise;
}

describe('an unfinished run', () => {
  test('goes on with other workers, rates, batches, pages, URLs and time-outs', async () => {
    await withUnfinished(async ({ db, crawl }) => {
      await using other = await SimulatedServer.listen({ directory: DIRECTORY });
      const target = { url: other.url, root: ROOT };
      const pace = ['--workers', '5', '--batch', '40', '--page-size', '7'];
      const times = ['--request-timeout', '9s', '--outage-budget', '1m', '--deadline', '10m'];
      const more = [...pace, ...times, '--on-failure', 'abort', '--json'];
      const rate = crawlOf(target, db, ...more).map((arg, i, all) =>
        all[i - 1] === '--rate' ? '500' : arg,
      );
      const { code, stdout, stderr } = await runOrgwalk(rate);
      expect([code, stderr]).toEqual([0, 'Run 1 continues where it stopped\n']);
      expect(JSON.parse(stdout)).toMatchObject({ resumed: true, runId: 1, employees: 200 });
      expect(digestDatabase(db)).toBe(undisturbed);
      expect((await crawl()).stderr).not.toContain('continues');
    });
  });

  test('tells how fast this session was, not the one before', async () => {
    await withUnfinished(async ({ employees, crawl }) => {
      const { stdout } = await crawl('--json');
      const { seconds, employeesPerSecond } = JSON.parse(stdout);
      expect((employeesPerSecond * seconds) / (200 - employees)).toBeCloseTo(1, 1);
    });
  });

  test('tells people how many of them were found now', async () => {
    await withUnfinished(async ({ employees, crawl }) => {
      const { stderr } = await crawl();
      expect(stderr).toMatch(
        new RegExp(`^ {2}200 employees, .*; ${200 - employees} of them now, in [\\d.]+ s \\(`, 'm'),
      );
    });
  });

  test('is shown by runs with whom it has seen so far', async () => {
    await withUnfinished(async ({ db, employees }) => {
      const { stdout } = await runOrgwalk(['runs', '--db', db, '--format', 'json']);
      expect(JSON.parse(stdout)).toEqual([
        expect.objectContaining({ id: 1, status: 'interrupted', employees }),
      ]);
    });
  });

  test.each([
    ['with --fresh', ['--fresh'], 'a fresh start was asked for'],
    ['when it is too old', ['--resume-within', '0s'], 'its last page is too old'],
    ['for another filter', ['--filter', '(uid=*)'], 'it asked another question'],
    ['for another base', ['--base', 'ou=people,dc=example,dc=com'], 'it asked another question'],
  ])('is abandoned %s, and that is said', async (_what, more, why) => {
    await withUnfinished(async ({ db, employees, crawl }) => {
      const { code, stderr } = await crawl(...more);
      expect([code, stderr.split('\n').slice(0, 2)]).toEqual([
        0,
        [
          `Run 1 was abandoned: ${why}; it had read ${employees} employees`,
          'Run 2 complete and published',
        ],
      ]);
      const { stdout } = await runOrgwalk(['runs', '--db', db, '--format', 'json']);
      expect(JSON.parse(stdout)).toEqual([
        expect.objectContaining({ id: 2, status: 'published', employees: 200 }),
        expect.objectContaining({ id: 1, status: 'abandoned', employees }),
      ]);
    });
  });

  test('is continued with --resume-within that is long enough', async () => {
    await withUnfinished(async ({ db, crawl }) => {
      expect((await crawl('--resume-within', '1h')).stderr).toMatch(/^Run 1 continues/);
      expect(digestDatabase(db)).toBe(undisturbed);
    });
  });
});
