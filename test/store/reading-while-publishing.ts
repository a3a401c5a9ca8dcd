// Nights that are published one after the other while others read.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { CrawledDatabase } from '../crawl/crawls.ts';
import { companyAt, type Seen, seenAt } from './nightly-company.ts';
import type { Told } from './reading-process.ts';
import { withPath } from './stores.ts';

interface Read {
  /** What the reader saw, each time that it differed. */
  readonly seen: readonly Seen[];
  readonly slow: readonly SlowRead[];
}

/** What a statement told that was begun before a publication and read to its end after it. */
interface SlowRead {
  /** Title of the root. */
  readonly root: string;
  readonly people: number;
  /** The newest night in anybody's title. */
  readonly newest: number;
}

export async function expectWholeStates(nights: number, people: number): Promise<void> {
  const { seen, slow } = await readWhilePublishing(nights, people);
  expect(seen).toEqual(Array.from({ length: nights }, (_, i) => seenAt(i + 1, people)));
  expect(slow.map((read) => [read.root, read.people, read.newest])).toEqual(
    Array.from({ length: nights - 1 }, (_, i) => [`night ${i + 1}`, people, i + 1]),
  );
}

/** Publishes `nights` of a company of `people`, each once the reader has seen the one before. */
function readWhilePublishing(nights: number, people: number): Promise<Read> {
  return withPath(async (path) => {
    const crawled = new CrawledDatabase(path);
    await crawled.crawl(companyAt(1, people));
    const slow: SlowRead[] = [];
    return withReader(path, async (reader) => {
      await reader.sees(1);
      for (let night = 2; night <= nights; night += 1) {
        slow.push(await readAcross(path, () => crawled.crawl(companyAt(night, people))));
        await reader.sees(night);
      }
      return { seen: reader.seen, slow };
    });
  });
}

interface Reader {
  readonly seen: readonly Seen[];
  /** Until the reader has seen a run; rejects where it was blocked. */
  sees(run: number): Promise<void>;
}

async function withReader<T>(path: string, use: (reader: Reader) => Promise<T>): Promise<T> {
  const child = fork(fileURLToPath(new URL('reading-process.ts', import.meta.url)), [path]);
  const seen: Seen[] = [];
  let wake = Promise.withResolvers<void>();
  let stopped: string | undefined;
  child.on('message', (told: Told) => {
    if ('seen' in told) seen.push(told.seen);
    else stopped = told.error;
    wake.resolve();
  });
  child.once('exit', (code) => {
    stopped ??= `the reader ended with ${code}`;
    wake.resolve();
  });
  const sees = async (run: number) => {
    while (!seen.some((each) => each.run === run)) {
      if (stopped !== undefined) throw new Error(stopped);
      await wake.promise;
      wake = Promise.withResolvers<void>();
    }
  };
  try {
    return await use({ seen, sees });
  } finally {
    if (child.connected) child.disconnect();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

/** Reads the first row of a long answer before `publish`, and the others after it. */
async function readAcross(path: string, publish: () => Promise<unknown>): Promise<SlowRead> {
  const database = new Database(path, { readonly: true, timeout: 0 });
  const sql = 'SELECT depth, title FROM employees';
  const rows = database.prepare<[], { depth: number; title: string }>(sql).iterate();
  try {
    const read = [rows.next().value];
    await publish();
    read.push(...rows);
    const root = read.find(({ depth }) => depth === 0)?.title ?? '';
    const newest = Math.max(...new Set(read.map(({ title }) => Number(title.split(' ')[1]))));
    return { root, people: read.length, newest };
  } finally {
    rows.return?.();
    database.close();
  }
}
