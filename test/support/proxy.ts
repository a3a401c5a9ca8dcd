// A TCP proxy that adds a fixed round trip, cuts and falls silent, for servers that are too near and too well.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

export type ProxyOptions = {
  /** Port on 127.0.0.1 that connections are passed on to. */
  readonly to: number;
  /** Added to each round trip, half of it each way. Milliseconds, default 0. Opening a connection is not slowed. */
  readonly roundTripMs?: number;
  /** Cuts each connection once so many bytes have come from the server. Default: never. */
  readonly cutAfterBytes?: number;
};

export type TcpProxy = {
  readonly port: number;
  readonly url: string;
  /** Connections that are open now. */
  readonly connections: number;
  /** Connections taken since the start. */
  readonly accepted: number;
  /** Resets all open connections; new ones are served. */
  cut(): void;
  /** Nothing passes in either direction, connections stay open, until `speak`. */
  silence(): void;
  speak(): void;
  /** New connections are reset at once, until `admit`. */
  refuse(): void;
  admit(): void;
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

/** Bytes under way in one direction above which the sender is asked to wait: a long fat pipe, not a lake. */
const WINDOW_BYTES = 16 * 1024 * 1024;

/** How late Node's timers fire on average, being whole milliseconds. */
const TIMER_LATE_MS = 0.5;

class RunningProxy implements TcpProxy {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #silent = false;
  #refusing = false;
  accepted = 0;

  constructor(options: ProxyOptions) {
    this.#options = options;
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

  #accept(client: Socket): void {
    this.accepted += 1;
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(client, this.#options, () => this.#pairs.delete(pair));
    this.#pairs.add(pair);
    pair.hold(this.#silent);
  }

  cut(): void {
    for (const pair of this.#pairs) pair.cut();
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

  async stop(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cut();
    await closed;
  }
}

/** A client's connection and the server's one that belongs to it. They end together. */
class Pair {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #lanes: readonly Lane[];
  readonly #onEnd: () => void;

  constructor(client: Socket, options: ProxyOptions, onEnd: () => void) {
    const oneWayMs = (options.roundTripMs ?? 0) / 2;
    const server = connect({ port: options.to, host: '127.0.0.1', allowHalfOpen: true });
    this.#client = client;
    this.#server = server;
    this.#onEnd = onEnd;
    this.#lanes = [new Lane(client, server, oneWayMs), new Lane(server, client, oneWayMs)];
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.cut());
      socket.on('close', () => this.#closed());
    }
    this.#cutAfter(options.cutAfterBytes ?? Number.POSITIVE_INFINITY);
  }

  #cutAfter(bytes: number): void {
    let left = bytes;
    this.#server.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) this.cut();
    });
  }

  hold(silent: boolean): void {
    for (const lane of this.#lanes) lane.hold(silent);
  }

  cut(): void {
    for (const lane of this.#lanes) lane.drop();
    for (const socket of [this.#client, this.#server]) {
      if (!socket.destroyed) socket.resetAndDestroy();
    }
  }

  #closed(): void {
    if (this.#client.destroyed && this.#server.destroyed) this.#onEnd();
  }
}

/** What is under way: due times only grow, so one timer for the first suffices and the order is kept. */
type Parcel = { readonly dueMs: number; readonly chunk: Buffer | null };

/** One direction of a connection. The end of the stream travels like data. */
class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #delayMs: number;
  #parcels: Parcel[] = [];
  #underWayBytes = 0;
  #isHeld = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, delayMs: number) {
    this.#from = from;
    this.#to = to;
    this.#delayMs = Math.max(0, delayMs - TIMER_LATE_MS);
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.on('end', () => this.#take(null));
    to.on('drain', () => this.#deliver());
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.#deliver();
  }

  drop(): void {
    clearTimeout(this.#timer);
    this.#parcels = [];
  }

  #take(chunk: Buffer | null): void {
    this.#parcels.push({ dueMs: performance.now() + this.#delayMs, chunk });
    this.#underWayBytes += chunk?.length ?? 0;
    if (this.#underWayBytes > WINDOW_BYTES) this.#from.pause();
    if (this.#parcels.length === 1) this.#deliver();
  }

  #deliver(): void {
    clearTimeout(this.#timer);
    let sent = 0;
    for (const parcel of this.#parcels) {
      if (!this.#mayGo(parcel)) break;
      sent += 1;
      this.#send(parcel.chunk);
    }
    this.#parcels.splice(0, sent);
    if (this.#underWayBytes <= WINDOW_BYTES) this.#from.resume();
    this.#wait();
  }

  #mayGo(parcel: Parcel): boolean {
    if (this.#isHeld || this.#to.destroyed || this.#to.writableNeedDrain) return false;
    return parcel.dueMs <= performance.now();
  }

  #send(chunk: Buffer | null): void {
    if (chunk === null) {
      this.#to.end();
      return;
    }
    this.#underWayBytes -= chunk.length;
    this.#to.write(chunk);
  }

  #wait(): void {
    const [first] = this.#parcels;
    if (first === undefined || this.#isHeld || this.#to.destroyed) return;
    if (this.#to.writableNeedDrain) return; // "drain" comes
    const waitMs = first.dueMs - performance.now();
    this.#timer = setTimeout(() => this.#deliver(), Math.max(0, Math.ceil(waitMs)));
  }
}
