// A database that is damaged, cut short or not to be written: exit 7 in two lines, every byte stays as it was.
import { createHash } from 'node:crypto';
import { chmod, open, readdir, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import {
  type Crawled,
  crawlOf,
  expectRefusal,
  type Place,
  runOrgwalk,
  withCrawled,
  withPlace,
} from '../cli/orgwalk.ts';
import { withServer } from '../simulate/servers.ts';
import { findTool } from '../support/ensure-openldap.ts';

const PAGE_BYTES = 4_096;

/** Overwrites `pages` pages, from the one in the middle of the file on. */
async function damage(db: string, pages = 1): Promise<void> {
  const file = await open(db, 'r+');
  const middle = PAGE_BYTES * (((await file.stat()).size / PAGE_BYTES) >> 1);
  await file.write(Buffer.alloc(PAGE_BYTES * pages, 0xa5), 0, PAGE_BYTES * pages, middle);
  await file.close();
}

async function halve(db: string): Promise<void> {
  const { length } = await readFile(db);
  await truncate(db, length >> 1);
}

/** Of the database and its WAL, where that is not empty: its index and the lock are made anew by whoever looks. */
async function bytesIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const holding = async (name: string) => (await stat(join(folder, name))).size > 0;
  const files = (await readdir(folder)).filter((name) => /\.db(-wal)?$/.test(name));
  const held = await Promise.all(files.map(holding));
  const names = files.filter((_, i) => held[i]);
  const digest = async (name: string) => {
    const bytes = await readFile(join(folder, name));
    return [name, createHash('sha256').update(bytes).digest('hex')] as const;
  };
  return Object.fromEntries(await Promise.all(names.map(digest)));
}

async function leavingBytes<T>({ folder }: Place, use: () => Promise<T>): Promise<T> {
  const before = await bytesIn(folder);
  const result = await use();
  expect(await bytesIn(folder)).toEqual(before);
  return result;
}

/** A crawl that was killed in its middle over a published state: its work is in the WAL alone. */
async function killCrawl({ server, db }: Crawled): Promise<void> {
  const preload = fileURLToPath(new URL('./preload-kill-at-commit.ts', import.meta.url));
  const node = ['--import', `${preload}?commit=30&moment=after`];
  const { signal } = await runOrgwalk(crawlOf(server, db, '--batch', '1'), { node });
  expect(signal).toBe('SIGKILL');
  expect((await stat(`${db}-wal`)).size).toBeGreaterThan(10 * PAGE_BYTES);
}

/** As a newer program leaves it that was killed: what says so is in the WAL alone. */
function makeNewer(db: string): void {
  // The last connection to be closed empties the WAL, unless it cannot write.
  const other = new Database(db, { readonly: true });
  other.prepare('SELECT * FROM _migration').all();
  const newer = new Database(db);
  newer.exec("INSERT INTO _migration VALUES (999, 'future', '2030-01-01T00:00:00.000Z')");
  newer.close();
  other.close();
}

/** Permissions do not stop root, unless it gives up that power. */
function permitted(): readonly string[] {
  if (process.getuid?.() !== 0) return [];
  const powers = '-dac_override,-dac_read_search';
  return [findTool('setpriv') ?? 'setpriv', '--inh-caps', powers, '--bounding-set', powers];
}

const READING: readonly (readonly string[])[] = [
  ['status'],
  ['runs'],
  ['tree', 'uid=nobody'],
  ['chain', 'nobody'],
  ['query', 'SELECT * FROM employees'],
];

const DAMAGES = [
  { what: 'with a damaged page', spoil: damage },
  { what: 'cut short', spoil: halve },
];

describe('a published database', () => {
  test.each(DAMAGES)('$what is refused by a crawl, byte for byte as it was', async ({ spoil }) => {
    await withCrawled(async (crawled) => {
      const { server, db } = crawled;
      const { connections } = server.stats;
      await spoil(db);
      const outcome = await leavingBytes(crawled, () => runOrgwalk(crawlOf(server, db)));
      expectRefusal(outcome, { code: 7, error: /people\.db is damaged$/, hint: /backup/ });
      expect(server.stats.connections).toBe(connections);
    });
  });

  test.each(DAMAGES)('$what is so as well with a WAL beside it', async ({ spoil }) => {
    await withCrawled(async (crawled) => {
      await killCrawl(crawled);
      await spoil(crawled.db);
      const crawl = () => runOrgwalk(crawlOf(crawled.server, crawled.db));
      expectRefusal(await leavingBytes(crawled, crawl), { code: 7, error: /is damaged$/ });
    });
  });

  test('of a newer program is refused byte for byte as it was, with its WAL', async () => {
    await withCrawled(async (crawled) => {
      makeNewer(crawled.db);
      expect(Object.keys(await bytesIn(crawled.folder))).toEqual(['people.db', 'people.db-wal']);
      const crawl = () => runOrgwalk(crawlOf(crawled.server, crawled.db));
      expectRefusal(await leavingBytes(crawled, crawl), { code: 7, error: /newer orgwalk$/ });
    });
  });

  test('in ruins is refused by whatever reads, and left byte for byte as it was', async () => {
    await withCrawled(async (crawled) => {
      const { size } = await stat(crawled.db);
      await damage(crawled.db, size / PAGE_BYTES / 2);
      const read = (command: readonly string[]) => runOrgwalk([...command, '--db', crawled.db]);
      const outcomes = await leavingBytes(crawled, () => Promise.all(READING.map(read)));
      for (const outcome of outcomes) expectRefusal(outcome, { code: 7, error: /is damaged$/ });
    });
  });
});

describe('a database that may not be written to', () => {
  const under = permitted();

  test('is refused by a crawl, and can be read', async () => {
    await withCrawled(async (crawled) => {
      const { server, db } = crawled;
      await chmod(db, 0o400);
      const crawl = () => runOrgwalk(crawlOf(server, db), { under });
      const outcome = await leavingBytes(crawled, crawl);
      const error = /people\.db cannot be written$/;
      expectRefusal(outcome, { code: 7, error, hint: /permissions/ });
      expect((await runOrgwalk(['status', '--db', db], { under })).code).toBe(0);
    });
  });

  test('nor its folder is refused by a crawl', async () => {
    await withCrawled(async (crawled) => {
      const { server, folder, db } = crawled;
      await chmod(folder, 0o500);
      const crawl = () => runOrgwalk(crawlOf(server, db), { under });
      const outcome = await leavingBytes(crawled, crawl).finally(() => chmod(folder, 0o700));
      expectRefusal(outcome, { code: 7, error: /people\.db(\.lock)? cannot be written$/ });
    });
  });

  test('in a folder that lets nobody make a file is not made', async () => {
    await withPlace(({ folder, db }) =>
      withServer({}, async (server) => {
        await chmod(folder, 0o500);
        const outcome = await runOrgwalk(crawlOf(server, db), { under });
        await chmod(folder, 0o700);
        expectRefusal(outcome, { code: 7, error: /people\.db cannot be opened$/ });
        expect([await readdir(folder), server.stats.connections]).toEqual([[], 0]);
      }),
    );
  });
});
