// A run that --on-failure abort has stopped is continued by the plain command, which reads what stopped it.
import { expect, test } from 'vitest';
import { Interrupted } from '../../src/domain/errors.ts';
import { DeniedBranch } from '../../src/simulate/faults.ts';
import { crawlOf, runOrgwalk, withPlace } from '../cli/orgwalk.ts';
import { withDatabase } from '../crawl/crawls.ts';
import { hundred, withServer } from '../simulate/servers.ts';
import { COMPANY, denied, organisation } from './partial-nights.ts';

test('once the cause is mended, nothing is missing: exit 0', async () => {
  const culprit = hundred().person(2).dn;
  await withServer({ faults: [new DeniedBranch(culprit)] }, (server) =>
    withPlace(async ({ db }) => {
      const crawl = async (...more: readonly string[]) => {
        const { code, stdout } = await runOrgwalk(crawlOf(server, db, '--json', ...more));
        return { code, ...JSON.parse(stdout) };
      };
      const stopped = await crawl('--on-failure', 'abort');
      expect(stopped).toMatchObject({ code: 4, failedBranches: [{ reason: 'denied' }] });
      const status = await runOrgwalk(['status', '--db', db]);
      expect(status.stdout).toContain(`failed: ${stopped.failedBranches[0].employeeId}  denied`);
      server.setFaults();
      const mended = { runId: 1, resumed: true, status: 'published', employees: 100 };
      expect(await crawl()).toMatchObject({ code: 0, ...mended, failedBranches: [] });
    }),
  );
});

test('where it is not, the branch is recorded, and a run that is continued once more passes it over', async () => {
  await withDatabase(async (database) => {
    const aborting = database.crawl(COMPANY, { ...denied('p1'), onFailure: 'abort' });
    await expect(aborting).rejects.toBeInstanceOf(Interrupted);
    expect(await database.crawlUntil(8, COMPANY, { ...denied('p1'), batch: 1 })).toBe(true);
    expect(database.column('SELECT employee_id FROM failures')).toEqual(['p1']);
    const { run, published } = await database.crawl(COMPANY);
    expect(run).toMatchObject({ id: 1, resumed: true });
    expect(published).toMatchObject({ status: 'partial', failedBranches: 1 });
  });
});

test('a run that retries what had failed is continued likewise', async () => {
  await withDatabase(async (database) => {
    await database.crawl(COMPANY, denied('p1', 'p2'));
    const aborting = { ...denied('p2'), onFailure: 'abort', onlyFailed: true } as const;
    await expect(database.crawl(COMPANY, aborting)).rejects.toBeInstanceOf(Interrupted);
    const { run, published } = await database.crawl(COMPANY, { onlyFailed: true });
    expect(run).toMatchObject({ id: 2, resumed: true });
    expect(published).toMatchObject({ status: 'published', employees: 40 });
    const whole = database.copy('whole.db');
    await whole.crawl(COMPANY);
    expect(organisation(database)).toEqual(organisation(whole));
  });
});
