// One connection through a proxy: the client's and the one to the server that belongs to it.
import { connect, type Socket } from 'node:net';
import type { ToxicEffects } from '../toxics.ts';
import { Lane } from './lane.ts';
import { both, type Ending, type Shape, UNTOUCHED } from './shape.ts';

export type PairOptions = {
  /** Port on 127.0.0.1 that connections are passed on to. */
  readonly to: number;
  /** Added to each round trip, half of it each way. Milliseconds, default 0. Opening a connection is not slowed. */
  readonly roundTripMs?: number;
  /** Cuts each connection once so many bytes have come from the server. Default: never. */
  readonly cutAfterBytes?: number;
  /** Resets each connection so long (ms) after it was taken, whatever is under way. Default: never. */
  readonly cutAfterMs?: number;
};

export type ByteCounts = { readonly up: number; readonly down: number };

/** A client's connection and the server's one that belongs to it. They end together. */
export class Pair {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #up: Lane;
  readonly #down: Lane;
  readonly #onEnd: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    client: Socket,
    options: PairOptions,
    effects: readonly ToxicEffects[],
    onEnd: () => void,
  ) {
    const server = connect({ port: options.to, host: '127.0.0.1', allowHalfOpen: true });
    const end = (ending: Ending) => this.end(ending);
    this.#client = client;
    this.#server = server;
    this.#onEnd = onEnd;
    this.#up = new Lane(client, server, shapeOf('up', options, effects), end);
    this.#down = new Lane(server, client, shapeOf('down', options, effects), end);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.cut());
      socket.on('close', () => this.#closed());
    }
    this.#cutAfterBytes(options.cutAfterBytes ?? Number.POSITIVE_INFINITY);
    this.#cutAfterMs(options, effects);
  }

  get bytes(): ByteCounts {
    return { up: this.#up.passedBytes, down: this.#down.passedBytes };
  }

  #cutAfterBytes(bytes: number): void {
    let left = bytes;
    this.#server.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (left <= 0) this.cut();
    });
  }

  #cutAfterMs({ cutAfterMs }: PairOptions, effects: readonly ToxicEffects[]): void {
    const times = [cutAfterMs, ...effects.map(({ resetAfterMs }) => resetAfterMs)];
    const afterMs = Math.min(...times.filter((ms) => ms !== undefined));
    if (afterMs < Number.POSITIVE_INFINITY) this.#timer = setTimeout(() => this.cut(), afterMs);
  }

  hold(silent: boolean): void {
    this.#up.hold(silent);
    this.#down.hold(silent);
  }

  cut(): void {
    this.#drop();
    for (const socket of [this.#client, this.#server]) {
      if (!socket.destroyed) socket.resetAndDestroy();
    }
  }

  end(ending: Ending): void {
    this.#drop();
    if (ending === 'rst') this.cut();
    if (ending !== 'fin') return;
    this.#client.end();
    this.#server.end();
  }

  #drop(): void {
    clearTimeout(this.#timer);
    this.#up.drop();
    this.#down.drop();
  }

  /** A lane that was dropped passes no end on. */
  #closed(): void {
    if (this.#up.isOver) for (const socket of [this.#client, this.#server]) socket.destroy();
    if (!this.#client.destroyed || !this.#server.destroyed) return;
    clearTimeout(this.#timer);
    this.#onEnd();
  }
}

function shapeOf(
  direction: 'up' | 'down',
  { roundTripMs = 0 }: PairOptions,
  effects: readonly ToxicEffects[],
): Shape {
  const shape = both(UNTOUCHED, { delayMs: roundTripMs / 2 });
  return effects.reduce((sum, effect) => both(sum, effect[direction] ?? {}), shape);
}
