// Two real servers of one directory, of which one is killed in the middle of a crawl by the program itself.
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Hold, hold, startOrgwalk } from '../cli/orgwalk.ts';
import { digestDatabase } from '../support/digest.ts';
import { writeOrganisation } from '../support/organisation.ts';
import { type Slapd, withSlapd } from '../support/slapd.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { crawlInTheMiddle, expectUndisturbed, type Scene } from './outages.ts';
import { withDatabases } from './wired.ts';

/** As many as the scene of an outage has. */
const PEOPLE = 300;

let held: Hold<Scene>;

beforeAll(async () => {
  held = await hold(withPair);
});

afterAll(() => held.release());

/** Their entries have the same entryUUIDs, which are in the LDIF. A crawl is given both. */
function withPair(use: (scene: Scene) => Promise<void>): Promise<void> {
  return withTemporaryDirectory(async (folder) => {
    const { path, rootDn } = writeOrganisation(join(folder, 'o.ldif'), { people: PEOPLE });
    await withSlapd({ ldifPath: path }, (server) =>
      withSlapd({ ldifPath: path }, (second) =>
        withDatabases(async (databases) => {
          const startAt: Scene['startAt'] = (url, db, ...more) => {
            const args = ['--root', rootDn, '--db', db, '--json', '--request-timeout', '500ms'];
            return startOrgwalk(['crawl', '--url', url, ...args, ...more]);
          };
          const start: Scene['start'] = (db, ...more) =>
            startAt(server.url, db, '--url', second.url, ...more);
          const db = databases.next();
          const { code, stderr } = await startAt(second.url, db, '--rate', '0').finished;
          expect(code, stderr).toBe(0);
          await use({ server, databases, digest: digestDatabase(db), start, startAt });
        }),
      ),
    );
  });
}

const ENDS = [
  { how: 'is killed (SIGKILL)', end: (slapd: Slapd) => slapd.kill('SIGKILL') },
  { how: 'is stopped (SIGSTOP)', end: async (slapd: Slapd) => slapd.pause() },
];

test.each(ENDS)('a slapd that $how in mid-crawl is replaced by the next one', async ({ end }) => {
  const { server } = held.value;
  const disturbed = await crawlInTheMiddle(held.value, '--progress', 'none');
  await end(server);
  const { retries } = await expectUndisturbed(held.value, disturbed);
  expect(retries).toBe(0);
  const { stderr } = await disturbed.running.finished;
  expect(stderr).toMatch(/^127\.0\.0\.1:\d+ is passed over: [^\n]+\n/);
  expect(stderr).not.toContain('does not answer');
  await server.restart();
});
