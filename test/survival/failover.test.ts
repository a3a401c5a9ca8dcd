// Several servers in --url: which one is asked, and what becomes of a crawl when one goes away.
import { describe, expect, it } from 'vitest';
import type { CrawlObserver } from '../../src/crawl/crawl.ts';
import { type Fault, ResetConnection, ResultCode, Silence } from '../../src/simulate/faults.ts';
import { staticDirectory } from '../../src/simulate/organisation.ts';
import { SimulatedServer, type SimulatedServerOptions } from '../../src/simulate/server.ts';
import { SUFFIX, top } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { CEO, company, employee } from './company.ts';
import { crawlInto, type Databases, rows, type WiredOptions, withDatabases } from './wired.ts';

interface Scene {
  readonly databases: Databases;
  /** Of the database that an undisturbed crawl of one server makes. */
  readonly digest: string;
}

async function withScene(use: (scene: Scene) => Promise<void>): Promise<void> {
  await withDatabases(async (databases) => {
    await using server = await listen();
    const digest = await databases.digestOf((db) => crawlInto(db, server.url));
    await use({ databases, digest });
  });
}

function listen(options: Partial<SimulatedServerOptions> = {}): Promise<SimulatedServer> {
  return SimulatedServer.listen({ directory: company(), ...options });
}

/** The URL of a server that is gone. */
async function goneUrl(): Promise<string> {
  await using server = await listen();
  return server.url;
}

interface Crawled {
  readonly digest: string;
  readonly notices: readonly string[];
  readonly outages: number;
  /** What nobody may lose. */
  readonly losses: unknown;
}

async function crawlOf(
  { databases }: Scene,
  urls: readonly string[],
  more: WiredOptions = {},
): Promise<Crawled> {
  const db = databases.next();
  const notices: string[] = [];
  let outages = 0;
  const observe: CrawlObserver = {
    ...more.observe,
    notice: (line) => notices.push(line.replaceAll(/127\.0\.0\.1:\d+/g, 'HOST')),
    outage: (state) => {
      if (state !== null) outages += 1;
    },
  };
  await crawlInto(db, urls[0] ?? '', { ...more, urls, observe });
  const losses = rows(db, 'SELECT status, failed_branches, retries FROM runs');
  return { digest: digestDatabase(db), notices, outages, losses };
}

const NOTHING_LOST = [{ status: 'published', failed_branches: 0, retries: 0 }];
/** Somebody has been read by then, and much is still to be. */
const MIDDLE = 12;

describe('of several servers', () => {
  it('the first one that works is crawled, and no other is asked anything', () =>
    withScene(async (scene) => {
      await using server = await listen();
      await using spare = await listen();
      const { digest, notices } = await crawlOf(scene, [await goneUrl(), server.url, spare.url]);
      expect(digest).toBe(scene.digest);
      expect(notices).toEqual(['HOST is passed over: the connection was refused (ECONNREFUSED)']);
      expect(spare.stats.connections).toBe(0);
    }));

  it.each([
    ['is silent', new Silence({ kind: 'any' })],
    ['is unavailable', new ResultCode(52)],
    ['hangs up', new ResetConnection()],
  ])('one that %s from the start is passed over', (_, fault) =>
    withScene(async (scene) => {
      await using broken = await listen({ faults: [fault] });
      await using server = await listen();
      const more = { requestTimeoutMs: 200, startBudgetMs: 0 };
      const { digest, losses } = await crawlOf(scene, [broken.url, server.url], more);
      expect([digest, losses]).toEqual([scene.digest, NOTHING_LOST]);
      expect(broken.stats.connections).toBeLessThan(3);
    }),
  );

  it('one that dies in mid-crawl is replaced by the next, and nobody loses anything', () =>
    withScene(async (scene) => {
      await using second = await listen();
      await using first = await listen({ onSearch: atSearch(MIDDLE, () => void first.close()) });
      const crawled = await crawlOf(scene, [first.url, second.url], { workers: 4 });
      expect(crawled).toEqual({
        digest: scene.digest,
        notices: ['HOST is passed over: the connection was refused (ECONNREFUSED)'],
        outages: 0,
        losses: NOTHING_LOST,
      });
      expect(second.stats.searches).toBeGreaterThan(5);
    }));

  it.each([
    ['falls silent', new Silence({ kind: 'any' })],
    ['becomes unavailable', new ResultCode(52)],
  ])('one that %s in mid-crawl is replaced likewise', (_, fault: Fault) =>
    withScene(async (scene) => {
      await using second = await listen();
      await using first = await listen({
        onSearch: atSearch(MIDDLE, () => first.setFaults(fault)),
      });
      const more = { requestTimeoutMs: 200, connect: { connectTimeoutMs: 200 } };
      const crawled = await crawlOf(scene, [first.url, second.url], more);
      expect(crawled.digest).toBe(scene.digest);
      expect(crawled.notices).toHaveLength(1);
      expect(second.stats.searches).toBeGreaterThan(5);
    }),
  );

  it('each may die once: the crawl goes round and comes back to the first', () =>
    withScene(async (scene) => {
      let first = await listen();
      const { port, url } = first;
      await using second = await listen({
        onSearch: atSearch(MIDDLE, async () => {
          first = await listen({ port });
          await second.close();
        }),
      });
      first.setFaults();
      const observe = { busy: once(() => void first.close()) };
      const { digest, losses } = await crawlOf(scene, [url, second.url], { observe });
      expect([digest, losses]).toEqual([scene.digest, NOTHING_LOST]);
      expect(first.stats.searches).toBeGreaterThan(5);
      await first.close();
    }));
});

describe('an outage', () => {
  it('is when no server answers, and ends with the first that does', () =>
    withScene(async (scene) => {
      await using first = await listen({ onSearch: atSearch(MIDDLE, () => stop()) });
      let second = await listen();
      const { port } = second;
      const stop = () => {
        void first.close();
        void second.close();
      };
      let outages = 0;
      const outage = async (state: unknown) => {
        if (state === null) return;
        outages += 1;
        second = await listen({ port });
      };
      const db = scene.databases.next();
      const urls = [first.url, second.url];
      await crawlInto(db, first.url, { urls, observe: { outage } });
      expect([digestDatabase(db), outages]).toEqual([scene.digest, 1]);
      await second.close();
    }));
});

describe('a server that holds something else', () => {
  const other = () => {
    const suffix = 'dc=other,dc=org';
    return staticDirectory([{ ...top, dn: suffix }], suffix);
  };
  /** The same names, and other people behind them: a copy for tests. */
  const copy = () => {
    const { attributes } = employee(0, [CEO]);
    const entryUUID = ['00000000-0000-4000-8000-00000000ffff'];
    return staticDirectory([top, { dn: CEO, attributes: { ...attributes, entryUUID } }], SUFFIX);
  };
  const empty = () => staticDirectory([top], SUFFIX);

  it.each([
    ['another directory', other, 'it does not hold dc=example,dc=com'],
    ['another root under the same name', copy, 'a root of this crawl has another id there'],
    ['no root', empty, 'it does not show a root of this crawl'],
  ])('(%s) is never used in mid-crawl', (_, directory, why) =>
    withScene(async (scene) => {
      await using strange = await listen({ directory: directory() });
      await using third = await listen();
      await using first = await listen({ onSearch: atSearch(MIDDLE, () => void first.close()) });
      const urls = [first.url, strange.url, third.url];
      const { digest, losses, notices } = await crawlOf(scene, urls);
      expect([digest, losses]).toEqual([scene.digest, NOTHING_LOST]);
      expect(notices).toEqual([
        'HOST is passed over: the connection was refused (ECONNREFUSED)',
        `HOST is passed over: ${why}`,
      ]);
    }),
  );

  it('is a global catalogue beside others: who has no reports, it does not tell', () =>
    withScene(async (scene) => {
      await using catalogue = await listen({ host: '127.0.0.77', port: 3268 });
      await using third = await listen();
      await using first = await listen({ onSearch: atSearch(MIDDLE, () => void first.close()) });
      const urls = [first.url, catalogue.url, third.url];
      const { digest, notices } = await crawlOf(scene, urls);
      expect(digest).toBe(scene.digest);
      expect(notices.at(-1)).toMatch(/it is a global catalogue, which shows less than others$/);
    }));

  it('comes first and is passed over where the database knows better', () =>
    withScene(async (scene) => {
      await using strange = await listen({ directory: other() });
      await using server = await listen();
      const db = scene.databases.next();
      await crawlInto(db, server.url);
      const notices: string[] = [];
      const observe = { notice: (line: string) => notices.push(line) };
      const urls = [strange.url, server.url];
      await crawlInto(db, strange.url, { urls, observe });
      expect(rows(db, 'SELECT status FROM runs')).toEqual([
        { status: 'published' },
        { status: 'published' },
      ]);
      expect(notices).toEqual([expect.stringContaining('it holds another directory')]);
    }));

  it('is refused by the database where all of them do', () =>
    withScene(async (scene) => {
      await using strange = await listen({ directory: otherPeople() });
      const db = scene.databases.next();
      await using server = await listen();
      await crawlInto(db, server.url);
      const roots = ['uid=p0,dc=other,dc=org'];
      const again = crawlInto(db, strange.url, { urls: [strange.url, strange.url], roots });
      await expect(again).rejects.toMatchObject({ code: 'other-source', exitCode: 7 });
    }));
});

function otherPeople() {
  const suffix = 'dc=other,dc=org';
  const { attributes } = employee(0, []);
  return staticDirectory(
    [
      { ...top, dn: suffix },
      { dn: `uid=p0,${suffix}`, attributes },
    ],
    suffix,
  );
}

/** Calls `act` once, at the search number `count`. */
function atSearch(count: number, act: () => unknown): () => void {
  let searches = 0;
  return () => {
    searches += 1;
    if (searches === count) void act();
  };
}

/** Calls `act` the first time that somebody is at work. */
function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) act();
    done = true;
  };
}
