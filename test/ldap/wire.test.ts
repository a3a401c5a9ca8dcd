// What the limiter is told of the answers: it slows down by that, and nothing else.
import { describe, expect, test } from 'vitest';
import {
  DropConnection,
  GarbageBytes,
  NoticeOfDisconnection,
  ResultCode,
  Silence,
} from '../../src/simulate/faults.ts';
import { team, withServer } from '../simulate/servers.ts';
import {
  branch,
  expand,
  NEVER,
  P1,
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

describe('the limiter', () => {
  test.each([51, 52])('is told of a search that was refused with %i', async (code) => {
    const faults = [new ResultCode(code, { manager: P1 })];
    await withOpen({ faults }, {}, async ({ directory, told }) => {
      const before = told.length;
      await expand(directory, [branch('p1')]);
      expect(told.slice(before)).toEqual(['busy']);
    });
  });

  test.each([51, 52])('is told of a bind that was refused with %i', async (code) => {
    const faults = [new ResultCode(code, { kind: 'bind' })];
    await withSimulated({ ...ACCOUNT, faults }, SIGNED_IN, async ({ directory, told }) => {
      await expect(directory.open(NEVER)).rejects.toThrow();
      expect(told).toEqual(['busy']);
    });
  });

  test.each([51, 52])('is told of a notice of disconnection with %i', async (code) => {
    const faults = [new NoticeOfDisconnection(code, { kind: 'search', manager: P1 })];
    await withOpen({ faults }, {}, async ({ directory, told }) => {
      const before = told.length;
      await expand(directory, [branch('p1')]);
      // The probe is served.
      expect(told.slice(before)).toEqual(['busy', 'served']);
    });
  });

  test('is told of a search that was not answered in time', async () => {
    const faults = [new Silence({ manager: P1 }, 1)];
    const options = { requestTimeoutMs: BRIEF_MS };
    await withOpen({ faults }, options, async ({ directory, told }) => {
      const before = told.length;
      await expand(directory, [branch('p1')]);
      expect(told.slice(before)).toEqual(['silent', 'served']);
    });
  });

  test('is told of a bind that was not answered in time', async () => {
    const faults = [new Silence({ kind: 'bind' })];
    const options = { ...SIGNED_IN, connect: { connectTimeoutMs: BRIEF_MS } };
    await withSimulated({ ...ACCOUNT, faults }, options, async ({ directory, told }) => {
      await expect(directory.open(NEVER)).rejects.toThrow(/within 60 ms/);
      expect(told).toEqual(['silent']);
    });
  });

  test('is told of each page, bind and probe that was served, whatever the code', async () => {
    const faults = [new ResultCode(50, { manager: P1, page: 3 })];
    const simulated = { ...ACCOUNT, directory: team(1, reports(7)), faults };
    const options = { ...SIGNED_IN, pageSize: 3 };
    await withOpen(simulated, options, async ({ directory, server, told }) => {
      await expand(directory, [branch('p1')], { slot: 1 });
      await directory.probe(NEVER);
      expect(told).toEqual(Array(server.stats.requests).fill('served'));
    });
  });

  test.each([
    ['a connection that was cut', () => new DropConnection({ manager: P1 })],
    ['what is no LDAP', () => new GarbageBytes(64, { manager: P1 })],
  ])('is told nothing by %s', async (_, fault) => {
    await withOpen({ faults: [fault()] }, {}, async ({ directory, told }) => {
      const before = told.length;
      await expand(directory, [branch('p1')]);
      expect(told.slice(before)).toEqual(['served']);
    });
  });

  test('is told nothing of a request that was called off', async () => {
    await withOpen({ faults: [new Silence({ manager: P1 })] }, {}, async (observed) => {
      const { directory, server, told } = observed;
      const before = told.length;
      const stop = new AbortController();
      const running = expand(directory, [branch('p1')], { signal: stop.signal });
      await expect.poll(() => server.stats.inFlight).toBe(1);
      stop.abort();
      await running;
      expect(told.slice(before)).toEqual([]);
    });
  });
});

describe('a time-out', () => {
  test('names the host and the port', async () => {
    const faults = [new Silence({ manager: P1 })];
    const options = { requestTimeoutMs: BRIEF_MS };
    await withOpen({ faults }, options, async ({ directory, server }) => {
      const { error } = await expand(directory, [branch('p1')]);
      expect(String(error)).toContain(`No answer within 60 ms: 127.0.0.1:${server.port}`);
    });
  });

  test('at the start is told without another that a probe would take', async () => {
    const options = { requestTimeoutMs: BRIEF_MS };
    await withServer({ faults: [new Silence()] }, async (server) => {
      await withDirectory(server.url, options, async ({ directory }) => {
        await expect(directory.open(NEVER)).rejects.toThrow(/no answer within 60 ms: 127/);
        expect(server.stats.searches).toBe(1);
      });
    });
  });

  test('at the start is not waited for again where that would take too long', async () => {
    const options = { requestTimeoutMs: 10 * BRIEF_MS, startBudgetMs: 15 * BRIEF_MS };
    await withServer({ faults: [new Silence()] }, async (server) => {
      await withDirectory(server.url, options, async ({ directory }) => {
        await expect(directory.open(NEVER)).rejects.toThrow(/no answer within 600 ms/);
        expect(server.stats.searches).toBe(1);
      });
    });
  });
});
