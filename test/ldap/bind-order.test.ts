// Who may send a bind when connections have died: a password that was changed meanwhile must not be tried by every worker.
import { describe, expect, it, test } from 'vitest';
import { DirectoryError } from '../../src/domain/errors.ts';
import { ConnectionError } from '../../src/ldap/connection/connection-error.ts';
import { BindOrder } from '../../src/ldap/sessions/bind-order.ts';
import { type SessionOptions, Sessions } from '../../src/ldap/sessions/sessions.ts';
import { Wire } from '../../src/ldap/wire.ts';
import { systemClock } from '../../src/pace/clock.ts';
import {
  DropConnection,
  type Effects,
  Fault,
  type FaultRequest,
  ResultCode,
  Silence,
} from '../../src/simulate/faults.ts';
import type { SimulatedServer } from '../../src/simulate/server.ts';
import { team, withServer } from '../simulate/servers.ts';
import { withProxy } from '../support/proxy.ts';
import { NEVER } from './directories.ts';
import { PATIENT_MS } from './sessions.ts';

const ACCOUNT = { bindDn: 'cn=reader', password: 'secret' };
const WORKERS = 32;
const SLOTS = Array.from({ length: WORKERS }, (_, slot) => slot);
/** Long enough for the binds of all workers to be under way at once, if they are let. */
const LATENCY_MS = 20;
const BIND = { kind: 'bind' } as const;

interface Scene {
  readonly sessions: Sessions;
  readonly server: SimulatedServer;
  /** All slots at once. */
  connectAll(): Promise<readonly PromiseSettledResult<unknown>[]>;
  /** Every connection dies, and from now on `faults` meet the binds. */
  cutAll(...faults: readonly Fault[]): Promise<void>;
}

async function withScene(
  use: (scene: Scene) => Promise<void>,
  { connectTimeoutMs = PATIENT_MS } = {},
): Promise<void> {
  const simulated = { ...ACCOUNT, directory: team(1), latencyMs: LATENCY_MS };
  await withServer(simulated, (server) =>
    withProxy({ to: server.port }, async (proxy) => {
      const sessions = sessionsOf({
        urls: [proxy.url],
        credentials: { kind: 'simple', dn: ACCOUNT.bindDn, password: ACCOUNT.password },
        connect: { connectTimeoutMs },
      });
      const connectAll = () => Promise.allSettled(SLOTS.map((slot) => sessions.get(slot, NEVER)));
      const cutAll: Scene['cutAll'] = async (...faults) => {
        server.setFaults(...faults);
        proxy.cut();
        await expect.poll(() => SLOTS.filter((slot) => sessions.live(slot))).toEqual([]);
      };
      try {
        await use({ sessions, server, connectAll, cutAll });
      } finally {
        await sessions.close();
      }
    }),
  );
}

function sessionsOf(options: SessionOptions): Sessions {
  const pace = { rate: 0, admit: async () => {}, served: () => {}, refused: () => {} };
  return new Sessions(options, new Wire(pace, { start: () => () => {} }, systemClock));
}

function errorsOf(outcomes: readonly PromiseSettledResult<unknown>[]): ReadonlySet<unknown> {
  return new Set(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason));
}

const NONE = new Set([false]);

describe('a refusal', () => {
  test.each([
    [49, 'credentials'],
    [48, 'credentials'],
    [8, 'stronger-authentication'],
    [13, 'stronger-authentication'],
  ])('(%i) is met by one bind, whoever asked for one', async (code, kind) => {
    await withScene(async ({ connectAll, cutAll, server }) => {
      expect(errorsOf(await connectAll())).toEqual(NONE);
      const before = server.stats.binds;
      await cutAll(new ResultCode(code, BIND));
      const errors = [...errorsOf(await connectAll())];
      expect(errors).toMatchObject([{ code: kind }]);
      // Whoever comes later is not let through, either.
      expect([...errorsOf(await connectAll())]).toEqual(errors);
      expect(server.stats.binds - before).toBe(1);
    });
  });

  it('is met by one bind at the start, too', async () => {
    await withScene(async ({ connectAll, server }) => {
      server.setFaults(new ResultCode(49, BIND));
      const [error, ...others] = errorsOf(await connectAll());
      expect([error, others]).toEqual([expect.any(DirectoryError), []]);
      expect(server.stats.binds).toBe(1);
    });
  });

  it('is met by one bind also where connections die one after the other', async () => {
    await withScene(async ({ sessions, connectAll, cutAll, server }) => {
      await connectAll();
      sessions.drop(0);
      await sessions.get(0, NEVER);
      const before = server.stats.binds;
      await cutAll(new ResultCode(49, BIND));
      await connectAll();
      expect(server.stats.binds - before).toBe(1);
    });
  });
});

describe('while nobody knows whether the credentials hold', () => {
  it('only the first bind is alone: the others follow at once', async () => {
    await withScene(async ({ connectAll, cutAll, server }) => {
      await connectAll();
      const watching = new BindsUnderWay(server);
      await cutAll(watching);
      expect(errorsOf(await connectAll())).toEqual(NONE);
      expect(watching.seen).toHaveLength(WORKERS);
      // The second came when the first was over.
      expect(watching.seen.slice(0, 2)).toEqual([1, 1]);
      expect(Math.max(...watching.seen)).toBeGreaterThan(2);
    });
  });

  it('a bind whose connection dies gives way to the next', async () => {
    await withScene(async ({ connectAll, cutAll, server }) => {
      await connectAll();
      await cutAll(new DropConnection({ ...BIND, times: 3 }));
      const outcomes = await connectAll();
      const failed = outcomes.filter(({ status }) => status === 'rejected');
      expect(failed).toHaveLength(3);
      for (const error of errorsOf(failed)) expect(error).toBeInstanceOf(ConnectionError);
      expect(server.stats.openConnections).toBe(WORKERS - 3);
    });
  });

  it('a silent server costs all of them one time-out', async () => {
    await withScene(
      async ({ connectAll, server }) => {
        server.setFaults(new Silence(BIND));
        const [error, ...others] = errorsOf(await connectAll());
        expect([error, others]).toMatchObject([{ kind: 'timeout' }, []]);
        expect(server.stats.binds).toBe(1);
      },
      { connectTimeoutMs: 500 },
    );
  });

  it('a silent server is none of the affair of who waits to bind at another', async () => {
    const order = new BindOrder();
    const silence = Promise.withResolvers<void>();
    const waiting = [0, 0].map((server) => order.inTurn(server, NEVER, () => silence.promise));
    const late = new ConnectionError('timeout', 'No answer');
    const asked: number[] = [];
    const other = order.inTurn(1, NEVER, async () => void asked.push(1));
    silence.reject(late);
    const [first, same] = await Promise.allSettled(waiting);
    expect([first, same]).toMatchObject([{ reason: late }, { reason: late }]);
    await other;
    expect(asked).toEqual([1]);
  });

  it('whoever is called off waits no longer, and the others bind though the first was called off', async () => {
    await withScene(async ({ sessions, server }) => {
      server.setFaults(new Silence({ ...BIND, times: 1 }));
      const [first, second] = [new AbortController(), new AbortController()];
      const alone = sessions.get(0, first.signal);
      await expect.poll(() => server.stats.binds).toBe(1);
      const waiting = sessions.get(1, second.signal);
      const others = SLOTS.slice(2).map((slot) => sessions.get(slot, NEVER));
      await expect.poll(() => server.stats.openConnections).toBe(WORKERS);
      const reason = new Error('enough');
      second.abort(reason);
      await expect(waiting).rejects.toBe(reason);
      expect(server.stats.binds).toBe(1);
      first.abort(reason);
      await expect(alone).rejects.toMatchObject({ kind: 'aborted', cause: reason });
      await Promise.all(others);
      expect(server.stats.binds).toBe(WORKERS - 1);
    });
  });
});

/** How many binds, itself included, were under way when each arrived. */
class BindsUnderWay extends Fault {
  readonly seen: number[] = [];
  readonly #server: SimulatedServer;

  constructor(server: SimulatedServer) {
    super(BIND, {});
    this.#server = server;
  }

  override effectsOn(request: FaultRequest): Effects | undefined {
    if (request.kind === 'bind') this.seen.push(this.#server.stats.inFlight);
    return undefined;
  }
}
