// Several roots and --reconcile, as a person uses them.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SimulatedServer } from '../../src/simulate/server.ts';
import { person, SUFFIX, team, withServer } from '../simulate/servers.ts';
import { crawlOf, expectRefusal, runOrgwalk, withPlace } from './orgwalk.ts';

const CHIEF = `uid=p1,${SUFFIX}`;
/** Four below p1; a guest and another chief with one report, whom p1 has nothing to do with. */
const DIRECTORY = team(5, [
  person('guest', { manager: [] }),
  person('other', { manager: [`uid=other,${SUFFIX}`], mail: ['other@example.com'] }),
  person('below', { manager: [`uid=other,${SUFFIX}`] }),
]);

let server: SimulatedServer;

beforeAll(async () => {
  server = await SimulatedServer.listen({ directory: DIRECTORY });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function crawled(db: string, ...more: readonly string[]) {
  return runOrgwalk(crawlOf({ url: server.url, root: CHIEF }, db, ...more));
}

async function findings(db: string) {
  const sql = "SELECT detail FROM findings WHERE kind = 'unreachable' ORDER BY detail";
  const { stdout } = await runOrgwalk(['query', sql, '--db', db, '--format', 'json']);
  return JSON.parse(stdout);
}

test('--reconcile tells in the summary how many were not reached, and lists them as findings', async () => {
  await withPlace(async ({ db }) => {
    const { code, stderr } = await crawled(db, '--reconcile');
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining(
        '\n  reconciled: 3 people were not reached: 1 with a manager, 2 without; they are listed in findings\n',
      ),
    ]);
    expect(await findings(db)).toEqual([
      { detail: `has a manager: uid=below,${SUFFIX}` },
      { detail: `has no manager: uid=guest,${SUFFIX}` },
      { detail: `has no manager: uid=other,${SUFFIX}` },
    ]);
  });
});

test('a second root by mail address reaches those who were missing', async () => {
  await withPlace(async ({ db }) => {
    const more = [
      '--root',
      'other@example.com',
      '--reconcile',
      '--filter',
      '(&(objectClass=person)(!(uid=guest)))',
    ];
    const { code, stderr } = await crawled(db, ...more);
    expect([code, stderr]).toEqual([
      0,
      expect.stringContaining('reconciled: everyone whom --filter matches was reached'),
    ]);
    expect(await findings(db)).toEqual([]);
  });
});

test('one root of several that is not there is named: exit 6', async () => {
  await withPlace(async ({ db }) => {
    expectRefusal(await crawled(db, '--root', 'nobody@example.com'), {
      ...{ code: 6, error: /^no entry matches the root nobody@example\.com$/, hint: /--root/ },
    });
  });
});

test('a root that is neither DN, filter nor mail address is refused before anything is asked', async () => {
  await withPlace(async ({ db }) => {
    const before = server.stats.connections;
    expectRefusal(await crawled(db, '--root', 'ceo'), {
      ...{ code: 2, error: /--root: expected .*or a mail address, got `ceo`/ },
    });
    expect(server.stats.connections).toBe(before);
  });
});

test('a sweep that meets a limit is told, names nobody and costs nothing: --json has the same fields', async () => {
  await withPlace(async ({ folder }) => {
    const plain = await crawled(join(folder, 'plain.db'), '--json');
    // Enough for everyone below p1, not for all.
    await withServer({ directory: DIRECTORY, sizeLimit: 6 }, async ({ url }) => {
      const db = join(folder, 'limited.db');
      const limited = crawlOf({ url, root: CHIEF }, db, '--json', '--reconcile');
      const { code, stdout, stderr } = await runOrgwalk(limited);
      expect([code, stderr]).toEqual([
        0,
        'Not reconciled: the server reached its size limit (4)\n',
      ]);
      expect(Object.keys(JSON.parse(stdout))).toEqual(Object.keys(JSON.parse(plain.stdout)));
      expect(await findings(db)).toEqual([]);
    });
  });
});
