import { createConnection } from 'node:net';
import { describe, expect, test } from 'vitest';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { message } from '../support/ldap-bytes.ts';
import { SUFFIX, team, withServer, withSession } from './servers.ts';
import { bindOperation, searchOperation, until, withClient } from './socket-client.ts';

const tenMillion = syntheticOrganisation({ people: 10_000_000, seed: 1 });
const people = { filter: '(uid=*)' } as const;

describe('ten million people', () => {
  test('are searched by manager without being looked through', () =>
    withSession({ directory: tenMillion, lookThroughLimit: 1 }, async (client) => {
      const managers = [0, 5, 77, 400_001, 3_000_000].map((number) => tenMillion.person(number));
      const filter = `(|${managers.map(({ dn }) => `(manager=${dn})`).join('')})`;
      const { code, entries } = await client.search({ filter });
      const spans = managers.map(({ id }) => tenMillion.reportsOf(id).count);
      expect(code).toBe(0);
      expect(entries.length).toBe(spans.reduce((sum, span) => sum + span, 0));
      expect(entries.length).toBeGreaterThan(0);
    }));

  test('are paged through from the start at once', () =>
    withSession({ directory: tenMillion }, async (client) => {
      const first = await client.search({ ...people, page: 1000 });
      const second = await client.search({ ...people, page: 1000, cookie: first.cookie });
      expect(first.entries.length + second.entries.length).toBe(2000);
      expect(second.entries[0]?.dn).toBe(tenMillion.person(1000).dn);
    }));

  test('being looked through keep nobody else waiting', () =>
    withServer({ directory: tenMillion }, (server) =>
      withClient(server, async (slow) => {
        slow.sendSearch({ filter: '(cn=*no such name*)' });
        await until(() => server.stats.inFlight === 1);
        await withClient(server, async (other) => {
          expect((await other.search({ scope: 'base' })).code).toBe(0);
        });
        expect(server.stats.inFlight).toBe(1);
      }),
    ));

  test('are not held for a client that does not read', () =>
    withServer({ directory: tenMillion }, async (server) => {
      const socket = createConnection(server.port, '127.0.0.1');
      socket.pause();
      socket.write(message(1, searchOperation({ ...people, attributes: ['*'] })));
      await until(() => server.stats.entries > 0);
      let before = -1;
      // The buffers of the kernel fill up, then the search stands still.
      for (let quiet = 0; quiet < 2000; quiet = server.stats.entries === before ? quiet + 1 : 0) {
        before = server.stats.entries;
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(before).toBeLessThan(100_000);
      expect(server.stats.inFlight).toBe(1);
      socket.destroy();
      await until(() => server.stats.inFlight === 0);
    }));
});

describe('latency', () => {
  test('is waited for once a request, and requests do not wait for one another', () => {
    const waits: { ms: number; wake: () => void }[] = [];
    const sleep = (ms: number) => new Promise<void>((wake) => waits.push({ ms, wake }));
    const clock = { now: () => 0, sleep };
    return withServer({ directory: team(3), latencyMs: 250, clock }, (server) =>
      withClient(server, (one) =>
        withClient(server, async (two) => {
          const pending = [one.search(people), two.search(people)];
          await until(() => waits.length === 2);
          expect(server.stats.maxInFlight).toBe(2);
          expect(server.stats.entries).toBe(0);
          expect(waits.map(({ ms }) => ms)).toEqual([250, 250]);
          for (const { wake } of waits) wake();
          expect((await Promise.all(pending)).map(({ code }) => code)).toEqual([0, 0]);
        }),
      ),
    );
  });
});

describe('a hidden rate', () => {
  test('answers 51 to what is above it in any one second', () => {
    let now = 0;
    const clock = { now: () => now, sleep: () => Promise.resolve() };
    const options = { directory: team(2), maxRequestsPerSecond: 3, clock };
    return withSession(options, async (client) => {
      const codes: number[] = [];
      for (const time of [0, 400, 800, 900, 999, 1000, 1001, 1400, 3000]) {
        now = time;
        codes.push((await client.search(people)).code);
      }
      expect(codes).toEqual([0, 0, 0, 51, 51, 0, 51, 0, 0]);
      expect((await client.request(bindOperation('', ''))).code).toBe(0);
    });
  });
});

test('the statistics tell what came and when', () => {
  let now = 0;
  const clock = { now: () => now++, sleep: () => Promise.resolve() };
  return withSession({ directory: team(20), clock }, async (client, server) => {
    await client.request(bindOperation('', ''));
    const { cookie } = await client.search({ ...people, page: 15 });
    await client.search({ ...people, page: 15, cookie });
    await client.search({ base: SUFFIX, scope: 'base' });
    const { stats } = server;
    const { connections, openConnections, requests, binds, searches, pages, entries } = stats;
    expect({ connections, openConnections, requests, binds, searches, pages, entries }).toEqual({
      connections: 1,
      openConnections: 1,
      requests: 4,
      binds: 1,
      searches: 3,
      pages: 2,
      entries: 21,
    });
    const times = stats.requestTimes();
    expect(times.length).toBe(4);
    expect([...times].sort((a, b) => a - b)).toEqual(times);
  });
});
