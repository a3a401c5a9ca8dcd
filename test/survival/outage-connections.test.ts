import { describe, expect, it } from 'vitest';
import { type Effects, Fault, type FaultRequest, Silence } from '../../src/simulate/faults.ts';
import { SimulatedServer, type SimulatedServerOptions } from '../../src/simulate/server.ts';
import { hundred } from '../simulate/servers.ts';
import { type ProxyOptions, type TcpProxy, withProxy } from '../support/proxy.ts';
import { crawlInto, rows, type Wired, type WiredOptions, withDatabases } from './wired.ts';

/** The server answers nobody who has not signed in: an anonymous search would fail a branch. */
const ACCOUNT = { bindDn: 'cn=reader,dc=example,dc=com', password: 'secret' };
const CRAWL = {
  credentials: { kind: 'simple', dn: ACCOUNT.bindDn, password: ACCOUNT.password },
  roots: [hundred().rootDn],
  workers: 8,
  batch: 2,
  pageSize: 500,
} as const;

interface Setting {
  readonly proxy?: Omit<ProxyOptions, 'to'>;
  readonly server?: Partial<SimulatedServerOptions>;
  readonly crawl?: WiredOptions;
  /** Called when a worker begins to ask. */
  readonly beforeSearch?: (proxy: TcpProxy) => void;
}

interface Done extends Wired {
  readonly server: SimulatedServer;
  readonly proxy: TcpProxy;
  readonly outages: number;
  readonly losses: unknown;
}

async function crawled(setting: Setting, use: (done: Done) => void): Promise<void> {
  const options = { directory: hundred(), ...ACCOUNT, ...setting.server };
  await using server = await SimulatedServer.listen(options);
  await withProxy({ to: server.port, ...setting.proxy }, (proxy) =>
    withDatabases(async (databases) => {
      let outages = 0;
      const outage = (state: unknown) => {
        if (state !== null) outages += 1;
      };
      const busy = () => setting.beforeSearch?.(proxy);
      const db = databases.next();
      const more = { ...CRAWL, ...setting.crawl, observe: { outage, busy } };
      const wired = await crawlInto(db, proxy.url, more);
      const [losses] = rows(db, 'SELECT employees, failed_branches, retries FROM runs');
      use({ ...wired, server, proxy, outages, losses });
    }),
  );
}

const NOTHING_LOST = { employees: 100, failed_branches: 0, retries: 0 };

/** Refuses to let in whoever comes while others are in: `most` connections and no more. */
class FullHouse extends Fault {
  readonly #most: number;
  readonly #in = new Set<number>();
  readonly #code: number;
  refused = 0;

  constructor(most: number, code: number) {
    super({ kind: 'bind' }, {});
    this.#most = most;
    this.#code = code;
  }

  override effectsOn({ kind, connection }: FaultRequest): Effects | undefined {
    if (kind !== 'bind') return undefined;
    if (this.#in.size < this.#most) this.#in.add(connection);
    if (this.#in.has(connection)) return undefined;
    this.refused += 1;
    return { result: { code: this.#code, message: 'too many connections' } };
  }
}

describe('a server that takes 3 connections', () => {
  it('and resets the others is crawled by those who got one', async () => {
    await crawled({ proxy: { maxConnections: 3 } }, ({ losses, outages, server, proxy }) => {
      expect(losses).toEqual(NOTHING_LOST);
      expect(proxy.accepted).toBeGreaterThan(3);
      expect(server.stats.connections).toBe(3);
      expect(outages).toBe(0);
    });
  });

  it.each([51, 52])('and refuses the bind of the others with %i likewise', async (code) => {
    const full = new FullHouse(3, code);
    await crawled({ server: { faults: [full] } }, ({ losses, outages }) => {
      expect(losses).toEqual(NOTHING_LOST);
      expect(full.refused).toBeGreaterThan(0);
      expect(outages).toBe(0);
    });
  });

  it('and never answers the bind of the others likewise', async () => {
    const faults = [4, 5, 6, 7, 8, 9, 10, 11, 12].map(
      (connection) => new Silence({ kind: 'bind', connection }),
    );
    const crawl = { requestTimeoutMs: 200, connect: { connectTimeoutMs: 200 } };
    await crawled({ server: { faults, latencyMs: 5 }, crawl }, ({ losses }) => {
      expect(losses).toEqual(NOTHING_LOST);
    });
  });

  it('and lets a program in that uses 8 workers', async () => {
    await crawled({ proxy: { maxConnections: 1 } }, ({ losses, server }) => {
      expect(losses).toEqual(NOTHING_LOST);
      expect(server.stats.connections).toBe(1);
    });
  });
});

describe('a server that closes idle connections', () => {
  it('finds each of them bound before it is used again, and costs nobody anything', async () => {
    // Each search is held back for a while by the limiter, and meanwhile its connection is closed.
    const crawl = { workers: 1, rate: 60 };
    const setting = { crawl, beforeSearch: (proxy: TcpProxy) => proxy.hangUp() };
    await crawled(setting, ({ losses, outages, server }) => {
      expect(losses).toEqual(NOTHING_LOST);
      expect(server.stats.connections).toBeGreaterThan(20);
      expect(server.stats.binds).toBe(server.stats.connections);
      expect(outages).toBe(0);
    });
  });
});
