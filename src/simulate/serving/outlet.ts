import type { Socket } from 'node:net';
import { messageLength } from '../protocol/ber-decoder.ts';
import type { SimulatedClock } from './clock.ts';
import type { Transport } from './effects.ts';

const SLICES_A_SECOND = 50;

/** The sending side of a connection, with what faults do to it. */
export class Outlet {
  readonly #clock: SimulatedClock;
  readonly #gone: AbortSignal;
  readonly #raw: Socket;
  #socket: Socket;
  #transport: Transport | undefined;
  #bytesLeft = Infinity;
  #messagesLeft = Infinity;
  #tail: Promise<void> = Promise.resolve();
  #draining: Promise<void> | undefined;
  #ended = false;

  /** @param gone aborts when the connection has closed */
  constructor(socket: Socket, clock: SimulatedClock, gone: AbortSignal) {
    this.#raw = socket;
    this.#socket = socket;
    this.#clock = clock;
    this.#gone = gone;
  }

  get isOpen(): boolean {
    return !this.#ended && !this.#gone.aborted;
  }

  /** After StartTLS. */
  moveTo(socket: Socket): void {
    this.#socket = socket;
  }

  shape(transport: Transport): void {
    this.#transport = { ...this.#transport, ...transport };
    this.#bytesLeft = transport.cutAfterBytes ?? this.#bytesLeft;
    this.#messagesLeft = transport.cutAfterMessages ?? this.#messagesLeft;
    if (this.#bytesLeft <= 0 || this.#messagesLeft <= 0) void this.hangUp(transport.cutBy ?? 'rst');
  }

  /** Sends whole messages. What it returns, if anything, is to be awaited before more is sent. */
  send(bytes: Buffer): Promise<void> | undefined {
    if (!this.isOpen) return undefined;
    if (this.#transport !== undefined) {
      this.#tail = this.#tail.then(() => this.#sendShaped(bytes));
      return this.#tail;
    }
    return this.#socket.write(bytes) ? undefined : this.#drained();
  }

  /** Ends the connection, with FIN after all that was sent, or with RST at once. */
  async hangUp(how: 'fin' | 'rst'): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (how === 'fin') {
      await this.#tail;
      this.#socket.end();
    } else {
      this.#reset();
    }
  }

  /** A TLS socket cannot be reset; the one below it can. */
  #reset(): void {
    if (!this.#raw.destroyed) this.#raw.resetAndDestroy();
  }

  async #sendShaped(bytes: Buffer): Promise<void> {
    const allowed = Math.min(bytes.length, this.#bytesLeft, this.#bytesOfMessagesLeft(bytes));
    this.#bytesLeft -= allowed;
    await this.#sendSlices(bytes.subarray(0, allowed));
    const exhausted = this.#bytesLeft <= 0 || this.#messagesLeft <= 0;
    if (!exhausted || this.#ended) return;
    await this.#written();
    this.#ended = true;
    if (this.#transport?.cutBy === 'fin') this.#socket.end();
    else this.#reset();
  }

  async #sendSlices(bytes: Buffer): Promise<void> {
    const { bytesPerSecond = Infinity } = this.#transport ?? {};
    const atOnce = Math.max(1, Math.min(bytesPerSecond / SLICES_A_SECOND, bytes.length));
    const slice = Math.floor(this.#transport?.sliceBytes ?? atOnce);
    for (let at = 0; at < bytes.length && !this.#gone.aborted; at += slice) {
      const part = bytes.subarray(at, at + slice);
      if (!this.#socket.write(part)) await this.#drained();
      if (bytesPerSecond < Infinity)
        await this.#clock.sleep((1000 * part.length) / bytesPerSecond, this.#gone);
      else await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #bytesOfMessagesLeft(bytes: Buffer): number {
    if (this.#messagesLeft === Infinity) return bytes.length;
    let at = 0;
    while (at < bytes.length && this.#messagesLeft > 0) {
      at += messageLength(bytes.subarray(at)) ?? bytes.length;
      this.#messagesLeft--;
    }
    return at;
  }

  #drained(): Promise<void> {
    this.#draining ??= this.#eventOf('drain').finally(() => {
      this.#draining = undefined;
    });
    return this.#draining;
  }

  /** What was handed to the socket has left the process, so that a reset does not take it back. */
  #written(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#gone.aborted) return resolve();
      this.#gone.addEventListener('abort', () => resolve(), { once: true });
      this.#socket.write(Buffer.alloc(0), () => resolve());
    });
  }

  #eventOf(name: string): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#socket.off(name, done);
        this.#gone.removeEventListener('abort', done);
        resolve();
      };
      this.#socket.on(name, done);
      this.#gone.addEventListener('abort', done);
    });
  }
}
