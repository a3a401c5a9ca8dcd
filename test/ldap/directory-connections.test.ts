import { describe, expect, it } from 'vitest';
import {
  DropConnection,
  GarbageBytes,
  NoticeOfDisconnection,
  PoisonSearch,
  ResetConnection,
  ResultCode,
  Silence,
} from '../../src/simulate/faults.ts';
import { team, withServer } from '../simulate/servers.ts';
import { withAuthority } from '../support/certificates.ts';
import { withProxy } from '../support/proxy.ts';
import {
  branch,
  expand,
  failureIn,
  NEVER,
  P1,
  refusalOf,
  reports,
  withDirectory,
  withOpen,
  withSimulated,
} from './directories.ts';
import { BRIEF_MS } from './sessions.ts';

const ACCOUNT = { bindDn: 'cn=reader', password: 'secret' };
const SIGNED_IN = {
  credentials: { kind: 'simple', dn: 'cn=reader', password: 'secret' },
} as const;
const ONCE = { manager: P1, times: 1 };

describe('a search whose connection dies', () => {
  it.each([
    ['closed', () => new DropConnection(ONCE), 'poison'],
    ['closed among the entries', () => new DropConnection(ONCE, 2), 'poison'],
    ['reset', () => new ResetConnection(ONCE, 1), 'poison'],
    [
      'closed with a notice',
      () => new NoticeOfDisconnection(52, { kind: 'search', ...ONCE }),
      'timeout',
    ],
    ['garbled', () => new GarbageBytes(64, ONCE), 'poison'],
    ['silent', () => new Silence(ONCE, 1), 'timeout'],
  ])('(%s) is to be split while the server still answers', async (_, fault, reason) => {
    const options = { ...SIGNED_IN, requestTimeoutMs: 10 * BRIEF_MS };
    await withOpen({ ...ACCOUNT, faults: [fault()] }, options, async ({ directory, server }) => {
      const outcome = await expand(directory, [branch('p1')]);
      expect(failureIn(outcome)).toEqual({ remedy: 'split', reason, resultCode: null });
      // No page is made of a part of one.
      expect(outcome.pages).toEqual([]);
      expect((await expand(directory, [branch('p1')])).found).toEqual(['p1', 'p2', 'p3']);
      expect(server.stats.binds).toBe(server.stats.connections);
    });
  });

  it('costs one connection more, bound before the next search', async () => {
    // The server refuses searches without a bind: one of them would be a failure here.
    const faults = [new DropConnection({ manager: P1, every: 2 })];
    await withOpen({ ...ACCOUNT, faults }, SIGNED_IN, async ({ directory, server }) => {
      let reconnects = 0;
      for (let n = 0; n < 3; n += 1) {
        const { pages } = await expand(directory, [branch('p1')]);
        expect(pages).toMatchObject([{ last: true }]);
        reconnects += pages[0]?.page.work.reconnects ?? 0;
        expect(failureIn(await expand(directory, [branch('p1')])).remedy).toBe('split');
      }
      const { binds, connections } = server.stats;
      // The first, one for each probe, and one for each of the two searches that followed.
      expect([binds, connections]).toEqual([6, 6]);
      expect(reconnects).toBe(2);
    });
  });

  it('because nobody is there any more is an outage', async () => {
    await withOpen({}, {}, async ({ directory, server }) => {
      await server.close();
      const outcome = await expand(directory, [branch('p1')]);
      expect(failureIn(outcome)).toEqual({ remedy: 'outage', reason: 'poison', resultCode: null });
      expect(await directory.probe(NEVER)).toBe(false);
    });
  });

  it('because the whole server fell silent is an outage', async () => {
    const options = { requestTimeoutMs: BRIEF_MS, connect: { connectTimeoutMs: 10 * BRIEF_MS } };
    await withOpen({}, options, async ({ directory, server }) => {
      server.setFaults(new Silence({ kind: 'any' }));
      expect(failureIn(await expand(directory, [branch('p1')])).remedy).toBe('outage');
      server.setFaults();
      expect(await directory.probe(NEVER)).toBe(true);
      expect((await expand(directory, [branch('p1')])).completed).toBe(true);
    });
  });

  it('leaves the connections of the others alone', async () => {
    await withOpen({ faults: [new PoisonSearch(P1)] }, {}, async ({ directory, server }) => {
      for (const slot of [1, 2]) await expand(directory, [branch('p2')], { slot });
      const before = server.stats.connections;
      expect(failureIn(await expand(directory, [branch('p1')], { slot: 1 })).remedy).toBe('split');
      expect((await expand(directory, [branch('p2')], { slot: 2 })).completed).toBe(true);
      // The probe's, and none for slot 2.
      expect(server.stats.connections).toBe(before + 1);
    });
  });
});

describe('a search that ended with a result code', () => {
  it('is the last on its connection', async () => {
    const faults = [new ResultCode(50, ONCE)];
    await withOpen({ ...ACCOUNT, faults }, SIGNED_IN, async ({ directory, searches, server }) => {
      await expand(directory, [branch('p1')]);
      const { connection } = searches.at(-1) ?? {};
      expect((await expand(directory, [branch('p1')])).completed).toBe(true);
      expect(searches.at(-1)?.connection).not.toBe(connection);
      expect(server.stats.binds).toBe(server.stats.connections);
    });
  });
});

describe('a connection', () => {
  it('belongs to one slot, and serves all of its searches', async () => {
    await withOpen({}, {}, async ({ directory, searches }) => {
      const slots = [1, 2, 3, 1, 2, 3];
      const used = [];
      for (const slot of slots) {
        await expand(directory, [branch('p2')], { slot });
        used.push(searches.at(-1)?.connection);
      }
      expect(new Set(used).size).toBe(3);
      expect(used.slice(0, 3)).toEqual(used.slice(3));
    });
  });

  it('whose password is no longer right stops the crawl, and is not tried again', async () => {
    await withOpen(ACCOUNT, SIGNED_IN, async ({ directory, server }) => {
      server.setFaults(new ResultCode(49, { kind: 'bind' }), new DropConnection({ manager: P1 }));
      const before = server.stats.binds;
      const { error } = await expand(directory, [branch('p1')]);
      expect(error).toMatchObject({ name: 'DirectoryError', code: 'credentials' });
      expect(server.stats.binds).toBe(before + 1);
      expect(await refusalOf(directory.probe(NEVER))).toBe('credentials');
    });
  });

  it('whose sign-in by certificate is refused blames the certificate, not a password', async () => {
    const external = { credentials: { kind: 'external' } } as const;
    const faults = [new ResultCode(7, { kind: 'bind' })];
    await withSimulated({ faults }, external, async ({ directory }) => {
      const error = await directory.open(NEVER).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'credentials',
        hint: expect.stringContaining('--cert-file'),
      });
    });
  });

  it('that was cut while idle is opened again, and bound before it is used', async () => {
    await withServer(ACCOUNT, (server) =>
      withProxy({ to: server.port }, (proxy) =>
        withDirectory(proxy.url, SIGNED_IN, async ({ directory }) => {
          await directory.open(NEVER);
          proxy.cut();
          // The end may arrive a moment after the next request has left: then that one fails.
          await expect
            .poll(async () => (await expand(directory, [branch('p1')])).completed)
            .toBe(true);
          expect(server.stats.binds).toBe(server.stats.connections);
        }),
      ),
    );
  });

  it('is closed with the directory', async () => {
    await withOpen({}, {}, async ({ directory, server }) => {
      for (const slot of [1, 2]) await expand(directory, [branch('p2')], { slot });
      await directory.close();
      await expect.poll(() => server.stats.openConnections).toBe(0);
    });
  });
});

describe('an expansion that is aborted', () => {
  it('rejects with the reason, in mid-search, and tells it from a failure', async () => {
    await withOpen(
      { faults: [new Silence({ manager: P1 })] },
      {},
      async ({ directory, server }) => {
        const stop = new AbortController();
        const running = expand(directory, [branch('p1')], { signal: stop.signal });
        await expect.poll(() => server.stats.inFlight).toBe(1);
        const reason = new Error('enough');
        stop.abort(reason);
        expect((await running).error).toBe(reason);
      },
    );
  });

  it('between pages asks for none more', async () => {
    const directory = team(1, reports(7));
    await withOpen({ directory }, { pageSize: 3 }, async ({ directory: opened, server }) => {
      for await (const { last } of opened.expand([branch('p1')], 0, NEVER)) {
        expect(last).toBe(false);
        break;
      }
      const before = server.stats.searches;
      expect((await expand(opened, [branch('p1')])).found).toHaveLength(8);
      expect(server.stats.searches - before).toBe(3);
    });
  });
});

describe('the limiter', () => {
  it('is asked for every request: binds, probes, pages, retries', async () => {
    const faults = [new DropConnection(ONCE), new ResultCode(51, { manager: P1, nth: 3 })];
    const simulated = { ...ACCOUNT, directory: team(1, reports(7)), faults };
    const options = { ...SIGNED_IN, pageSize: 3 };
    await withSimulated(simulated, options, async ({ directory, server, admitted }) => {
      await directory.open(NEVER);
      await directory.findRoots(NEVER);
      for (let n = 0; n < 4; n += 1) await expand(directory, [branch('p1')], { slot: n % 2 });
      await directory.askManager(P1, 1, NEVER);
      await directory.probe(NEVER);
      expect(server.stats.binds).toBeGreaterThan(3);
      expect(admitted()).toBe(server.stats.requests);
    });
  });

  it('is asked for StartTLS', async () => {
    await withAuthority(async ({ cert, issue }) => {
      const keys = await issue('server', 'IP:127.0.0.1');
      const simulated = { ...ACCOUNT, tls: { cert: keys.cert, key: keys.key } };
      const connect = { connectTimeoutMs: 10_000, startTls: true, tls: { ca: cert } };
      await withOpen(simulated, { ...SIGNED_IN, connect }, async ({ server, admitted }) => {
        const { binds, searches, requests } = server.stats;
        expect(requests).toBe(binds + searches + 1);
        expect(admitted()).toBe(requests);
      });
    });
  });

  it('that rejects sends nothing', async () => {
    await withSimulated({}, {}, async ({ directory, server }) => {
      await directory.open(NEVER);
      const before = server.stats.requests;
      const reason = new Error('enough');
      const { error } = await expand(directory, [branch('p1')], {
        signal: AbortSignal.abort(reason),
      });
      expect([error, server.stats.requests]).toEqual([reason, before]);
    });
  });
});

describe('the time of a request', () => {
  it('is 0 before the first, and then about what the server takes', async () => {
    await withSimulated({ latencyMs: 30 }, {}, async ({ directory }) => {
      expect(directory.latencyMs).toBe(0);
      await directory.open(NEVER);
      expect(directory.latencyMs).toBeGreaterThanOrEqual(29);
    });
  });
});
