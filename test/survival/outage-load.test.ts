import { describe, expect, it } from 'vitest';
import { SimulatedServer } from '../../src/simulate/server.ts';
import { hundred } from '../simulate/servers.ts';
import { type TcpProxy, withProxy } from '../support/proxy.ts';
import { crawlInto, rows, withDatabases } from './wired.ts';

const RATE = 30;
const ACCOUNT = { bindDn: 'cn=reader,dc=example,dc=com', password: 'secret' };
const CRAWL = {
  rate: RATE,
  credentials: { kind: 'simple', dn: ACCOUNT.bindDn, password: ACCOUNT.password },
  roots: [hundred().rootDn],
  workers: 24,
  batch: 1,
  pageSize: 500,
  requestTimeoutMs: 300,
  connect: { connectTimeoutMs: 300 },
} as const;

/** Requests that the server saw before it goes away, and probes in vain before it is back. */
const AT_REQUEST = 40;
const VAIN_PROBES = 3;

type Gone = (proxy: TcpProxy) => void;

const silent: readonly [Gone, Gone] = [
  (proxy) => proxy.silence(),
  (proxy) => {
    // What was sent into the silence is lost: together it would look like a burst.
    proxy.cut();
    proxy.speak();
  },
];
const down: readonly [Gone, Gone] = [
  (proxy) => {
    proxy.refuse();
    proxy.cut();
  },
  (proxy) => proxy.admit(),
];

/** A crawl during which the server goes away once; when each of its requests arrived (ms). */
async function requestTimesAround([go, come]: readonly [Gone, Gone]): Promise<readonly number[]> {
  let gone = false;
  let proxy: TcpProxy | undefined;
  const onSearch = () => {
    if (gone || proxy === undefined || server.stats.requests < AT_REQUEST) return;
    gone = true;
    go(proxy);
  };
  await using server = await SimulatedServer.listen({ directory: hundred(), ...ACCOUNT, onSearch });
  return await withProxy({ to: server.port }, (running) =>
    withDatabases(async (databases) => {
      proxy = running;
      let probes = 0;
      const outage = (state: unknown) => {
        probes += 1;
        if (state !== null && probes === VAIN_PROBES) come(running);
      };
      const db = databases.next();
      await crawlInto(db, running.url, { ...CRAWL, observe: { outage } });
      expect(probes).toBeGreaterThanOrEqual(VAIN_PROBES);
      expect(rows(db, 'SELECT employees, failed_branches, retries FROM runs')).toEqual([
        { employees: 100, failed_branches: 0, retries: 0 },
      ]);
      return server.stats.requestTimes();
    }),
  );
}

/** The most requests in any second. */
function most(times: readonly number[]): number {
  const inSecond = (from: number) => times.filter((time) => time >= from && time < from + 1_000);
  return Math.max(...times.map((from) => inSecond(from).length));
}

describe('after an outage', () => {
  it.each([
    ['in which nobody took a connection', down],
    ['in which nothing was answered', silent],
  ])('%s, 24 workers ask no faster than ever', async (_name, gone) => {
    const times = await requestTimesAround(gone);
    expect(times.length).toBeGreaterThan(AT_REQUEST * 2);
    // The limit holds where requests leave; on their way they may draw a little closer together.
    expect(most(times)).toBeLessThanOrEqual(RATE * 1.1);
  });
});
