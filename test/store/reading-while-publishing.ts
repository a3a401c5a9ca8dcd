// Nights that are published one after the other while others read.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { CrawlObserver } from '../../src/crawl/crawl.ts';
import { CrawledDatabase } from '../crawl/crawls.ts';
import { companyAt, type Seen, seenAt } from './nightly-company.ts';
import type { Told, Word } from './reading-process.ts';
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

/**
 * Publishes `nights` of a company of `people` while others read. Nobody reads while the directory is: so the write-ahead log
 * of one night can be used again in the next.
 */
function readWhilePublishing(nights: number, people: number): Promise<Read> {
  return withPath(async (path) => {
    const crawled = new CrawledDatabase(path);
    await crawled.crawl(companyAt(1, people));
    return withReader(path, async (reader) => {
      await reader.rest();
      const slow: SlowRead[] = [];
      for (let night = 2; night <= nights; night += 1) {
        let statement: LongStatement | undefined;
        const phase: CrawlObserver['phase'] = (name) => {
          if (name !== 'publishing') return;
          statement = new LongStatement(path);
          reader.read();
        };
        await crawled.crawl(companyAt(night, people), { observe: { phase } });
        slow.push(...(statement === undefined ? [] : [statement.finish()]));
        await reader.rest();
      }
      return { seen: reader.seen, slow };
    });
  });
}

interface Reader {
  readonly seen: readonly Seen[];
  read(): void;
  /** Until the reader has read once more, and does not any longer. Rejects where it was blocked. */
  rest(): Promise<void>;
}

async function withReader<T>(path: string, use: (reader: Reader) => Promise<T>): Promise<T> {
  const child = fork(fileURLToPath(new URL('reading-process.ts', import.meta.url)), [path]);
  const seen: Seen[] = [];
  let rests = Promise.withResolvers<void>();
  const failed = (why: string) => rests.reject(new Error(why));
  child.on('message', (told: Told) => {
    if ('seen' in told) seen.push(told.seen);
    else if ('error' in told) failed(told.error);
    else rests.resolve();
  });
  child.once('exit', (code) => failed(`the reader ended with ${code}`));
  const say = (word: Word) => child.send(word);
  const rest = async () => {
    say('rest');
    await rests.promise;
    rests = Promise.withResolvers();
  };
  try {
    return await use({ seen, read: () => say('read'), rest });
  } finally {
    rests.promise.catch(() => {}); // the crawl may have failed first
    if (child.connected) child.disconnect();
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
}

type Row = { readonly depth: number; readonly title: string };

/** Reads the first row of a long answer when it is made, and the others when it is finished. */
class LongStatement {
  readonly #database: Database.Database;
  readonly #rows: IterableIterator<Row>;
  readonly #read: Row[];

  constructor(path: string) {
    this.#database = new Database(path, { readonly: true, timeout: 0 });
    const sql = 'SELECT depth, title FROM employees';
    this.#rows = this.#database.prepare<[], Row>(sql).iterate();
    this.#read = [this.#rows.next().value];
  }

  finish(): SlowRead {
    const read = [...this.#read, ...this.#rows];
    this.#database.close();
    const root = read.find(({ depth }) => depth === 0)?.title ?? '';
    const newest = Math.max(...new Set(read.map(({ title }) => Number(title.split(' ')[1]))));
    return { root, people: read.length, newest };
  }
}
