// Nights that are published one after the other while others read.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { CrawledDatabase } from '../crawl/crawls.ts';
import { companyAt, type Seen } from './nightly-company.ts';
import type { Told } from './reading-process.ts';
import { withPath } from './stores.ts';

export interface Read {
  /** What the reader saw, each time that it differed. */
  readonly seen: readonly Seen[];
  /** Of a statement that was begun before each publication and read to its end after it: the titles of the root and of everyone. */
  readonly slow: readonly {
    readonly root: string;
    readonly titles: ReadonlySet<string>;
    readonly people: number;
  }[];
}

/** Publishes `nights` of a company of `people`, each once the reader has seen the one before. */
export function readWhilePublishing(nights: number, people: number): Promise<Read> {
  return withPath(async (path) => {
    const crawled = new CrawledDatabase(path);
    await crawled.crawl(companyAt(1, people));
    const slow: Read['slow'][number][] = [];
    return withReader(path, async (reader) => {
      await reader.sees(1);
      for (let night = 2; night <= nights; night += 1) {
        const finish = beginReading(path);
        await crawled.crawl(companyAt(night, people));
        slow.push(finish());
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

/** Reads the first row of a long answer, and the others when it is called. */
function beginReading(path: string): () => Read['slow'][number] {
  const database = new Database(path, { readonly: true, timeout: 0 });
  const rows = database
    .prepare<[], { depth: number; title: string }>('SELECT depth, title FROM employees')
    .iterate();
  const read = [rows.next().value];
  return () => {
    read.push(...rows);
    database.close();
    const root = read.find(({ depth }) => depth === 0)?.title ?? '';
    return { root, titles: new Set(read.map(({ title }) => title)), people: read.length };
  };
}
