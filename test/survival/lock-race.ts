// Two crawls into one database, begun at the same instant.
import { mkdtemp, readdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { crawlOf, expectRefusal, type Running, startOrgwalk } from '../cli/orgwalk.ts';
import { rows } from '../integration/crawling.ts';
import { withServer } from '../simulate/servers.ts';
import { startProxy, type TcpProxy } from '../support/proxy.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';

const PRELOAD = fileURLToPath(new URL('./preload-together.ts', import.meta.url));

/** A server that can be made to keep everyone waiting, and a folder for databases. */
export interface Arena {
  readonly proxy: TcpProxy;
  readonly folder: string;
}

export async function withArena<T>(use: (arena: Arena) => Promise<T>): Promise<T> {
  return withServer({}, (server) =>
    withTemporaryDirectory(async (folder) => {
      const proxy = await startProxy({ to: server.port });
      try {
        return await use({ proxy, folder });
      } finally {
        await proxy.stop();
      }
    }),
  );
}

/** Exactly one of the two crawls and publishes; the other one has been told who, before that one had even opened it. */
export async function race({ proxy, folder }: Arena, db: string): Promise<void> {
  const together = await mkdtemp(join(folder, 'together-'));
  const preload = `${PRELOAD}?folder=${encodeURIComponent(together)}`;
  const crawl = () => startOrgwalk(crawlOf(proxy, db), { node: ['--import', preload] });
  const both: readonly [Running, Running] = [crawl(), crawl()];
  const loser = await Promise.race(both.map((each) => each.finished.then(() => each)));
  const winner = both[0] === loser ? both[1] : both[0];
  expect(await readdir(together)).toHaveLength(2);
  await writeFile(join(together, 'go'), '');
  expectToName(winner, await loser.finished, db);
  expect(await winner.finished).toMatchObject({ code: 0 });
  expect(rows(db, 'SELECT status FROM runs').at(-1)).toEqual({ status: 'published' });
}

function expectToName({ child }: Running, outcome: Awaited<Running['finished']>, db: string) {
  const who = `process ${child.pid} on ${hostname()}, since `;
  expectRefusal(outcome, { code: 7, error: /^another crawl is writing to /, hint: /^wait/ });
  const [first = ''] = outcome.stderr.split('\n');
  expect(first).toContain(`${db} (${who}`);
  expect(Date.now() - Date.parse(first.slice(first.indexOf(who) + who.length, -1))).toBeLessThan(
    60_000,
  );
}

/** What a crawl that was killed has left of its lock: nothing that could stand for a living one. */
export async function leaveNote(db: string, pid: number): Promise<void> {
  const note = `process ${pid} on ${hostname()}, since 2020-01-01T00:00:00.000Z\n`;
  await writeFile(`${db}.lock-holder`, note);
}
