// A TCP proxy that adds a fixed round trip, cuts and falls silent, for servers that are too near and too well.
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type ByteCounts, Pair, type PairOptions } from './proxy/pair.ts';
import type { Toxic, ToxicEffects } from './toxics.ts';

export type ProxyOptions = PairOptions & {
  /** Resets connections that come while so many are open. Default: no limit. */
  readonly maxConnections?: number;
  readonly toxics?: readonly Toxic[];
};

export type TcpProxy = {
  readonly port: number;
  readonly url: string;
  /** Connections that are open now. */
  readonly connections: number;
  /** Connections taken since the start. */
  readonly accepted: number;
  /** Passed on to the server, and from it, since the start. */
  readonly bytes: ByteCounts;
  /** Resets all open connections; new ones are served. */
  cut(): void;
  /** Closes (FIN) all open connections, as a server does with idle ones; new ones are served. */
  hangUp(): void;
  /** Nothing passes in either direction, connections stay open, until `speak`. */
  silence(): void;
  speak(): void;
  /** New connections are reset at once, until `admit`. */
  refuse(): void;
  admit(): void;
  /** In place of those before, on connections that are taken from now on. */
  setToxics(...toxics: readonly Toxic[]): void;
  stop(): Promise<void>;
};

export async function withProxy<T>(
  options: ProxyOptions,
  use: (proxy: TcpProxy) => Promise<T>,
): Promise<T> {
  const proxy = await startProxy(options);
  try {
    return await use(proxy);
  } finally {
    await proxy.stop();
  }
}

/** For `beforeAll`: whoever starts it stops it. */
export async function startProxy(options: ProxyOptions): Promise<TcpProxy> {
  const proxy = new RunningProxy(options);
  await proxy.listen();
  return proxy;
}

class RunningProxy implements TcpProxy {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #toxics: readonly Toxic[];
  #silent = false;
  #refusing = false;
  #ended = { up: 0, down: 0 };
  accepted = 0;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#toxics = options.toxics ?? [];
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ldap://127.0.0.1:${this.port}`;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  get bytes(): ByteCounts {
    return [...this.#pairs].reduce((sum, pair) => added(sum, pair.bytes), this.#ended);
  }

  #accept(client: Socket): void {
    this.accepted += 1;
    const effects = this.#effectsOn(this.accepted);
    if (this.#isRefused(effects)) {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(client, this.#options, effects, () => this.#forget(pair));
    this.#pairs.add(pair);
    pair.hold(this.#silent);
  }

  #isRefused(effects: readonly ToxicEffects[]): boolean {
    const { maxConnections = Number.POSITIVE_INFINITY } = this.#options;
    const isFull = this.#pairs.size >= maxConnections;
    return isFull || this.#refusing || effects.some(({ refuse }) => refuse);
  }

  #effectsOn(connection: number): readonly ToxicEffects[] {
    const effects = this.#toxics.map((toxic) => toxic.effectsOn(connection));
    return effects.filter((effect) => effect !== undefined);
  }

  #forget(pair: Pair): void {
    if (this.#pairs.delete(pair)) this.#ended = added(this.#ended, pair.bytes);
  }

  cut(): void {
    for (const pair of this.#pairs) pair.cut();
  }

  hangUp(): void {
    for (const pair of this.#pairs) pair.end('fin');
  }

  silence(): void {
    this.#hold(true);
  }

  speak(): void {
    this.#hold(false);
  }

  #hold(silent: boolean): void {
    this.#silent = silent;
    for (const pair of this.#pairs) pair.hold(silent);
  }

  refuse(): void {
    this.#refusing = true;
  }

  admit(): void {
    this.#refusing = false;
  }

  setToxics(...toxics: readonly Toxic[]): void {
    this.#toxics = toxics;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }
}

function added(one: ByteCounts, other: ByteCounts): ByteCounts {
  return { up: one.up + other.up, down: one.down + other.down };
}
