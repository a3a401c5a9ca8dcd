// One direction of a connection through a proxy.
import type { Socket } from 'node:net';
import type { Ending, Shape } from './shape.ts';

/** Bytes under way in one direction above which the sender is asked to wait: a long fat pipe, not a lake. */
const WINDOW_BYTES = 16 * 1024 * 1024;

/** How late Node's timers fire on average, being whole milliseconds. */
const TIMER_LATE_MS = 0.5;

/** Writes a second of a narrow lane. */
const TRICKLE_HZ = 50;

/** What is under way: due times only grow, so one timer for the first suffices and the order is kept. */
type Parcel = { readonly dueMs: number; readonly chunk: Buffer | null };

/** The end of the stream travels like data. */
export class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #shape: Shape;
  readonly #onEnding: (ending: Ending) => void;
  #parcels: Parcel[] = [];
  #underWayBytes = 0;
  #lastDueMs = 0;
  #isHeld = false;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  passedBytes = 0;

  /** @param onEnding called when the bytes that a limit allows have left */
  constructor(from: Socket, to: Socket, shape: Shape, onEnding: (ending: Ending) => void) {
    this.#from = from;
    this.#to = to;
    this.#shape = shape;
    this.#onEnding = onEnding;
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.on('end', () => this.#take(null));
    to.on('drain', () => this.#deliver());
  }

  /** Nothing passes any more, not even the end of the stream. */
  get isOver(): boolean {
    return this.#isOver;
  }

  hold(isHeld: boolean): void {
    this.#isHeld = isHeld;
    if (!isHeld) this.#deliver();
  }

  drop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#isOver = true;
    this.#parcels = [];
  }

  #take(chunk: Buffer | null): void {
    if (this.#isOver) return;
    const isIdle = this.#parcels.length === 0;
    this.#underWayBytes += chunk?.length ?? 0;
    if (this.#underWayBytes > WINDOW_BYTES) this.#from.pause();
    if (chunk === null) this.#parcels.push({ dueMs: this.#due(0, true), chunk });
    else this.#slice(chunk);
    if (isIdle) this.#deliver();
  }

  #slice(chunk: Buffer): void {
    const { sliceBytes, bytesPerSecond } = this.#shape;
    const trickle = Math.max(1, Math.floor(bytesPerSecond / TRICKLE_HZ));
    const size = Math.min(sliceBytes, trickle, chunk.length);
    for (let at = 0; at < chunk.length; at += size) {
      const part = chunk.subarray(at, at + size);
      this.#parcels.push({ dueMs: this.#due(part.length, false), chunk: part });
    }
  }

  /** When so many bytes have passed: after what went before, and no faster than the lane is wide. */
  #due(bytes: number, isEnd: boolean): number {
    const { delayMs, jitterMs, bytesPerSecond, closeDelayMs } = this.#shape;
    const delay = delayMs + Math.random() * jitterMs + (isEnd ? closeDelayMs : 0);
    const earliest = performance.now() + Math.max(0, delay - TIMER_LATE_MS);
    this.#lastDueMs = Math.max(this.#lastDueMs, earliest) + (1_000 * bytes) / bytesPerSecond;
    return this.#lastDueMs;
  }

  #deliver(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    let sent = 0;
    for (const parcel of this.#parcels) {
      if (!this.#mayGo(parcel)) break;
      sent += 1;
      this.#underWayBytes -= parcel.chunk?.length ?? 0;
      this.#send(parcel.chunk);
      if (this.#shape.sliceBytes < Number.POSITIVE_INFINITY) break;
    }
    this.#parcels.splice(0, sent);
    if (this.#underWayBytes <= WINDOW_BYTES) this.#from.resume();
    this.#wait();
  }

  #mayGo(parcel: Parcel): boolean {
    if (this.#isOver || this.#isHeld || this.#to.destroyed) return false;
    return !this.#to.writableNeedDrain && parcel.dueMs <= performance.now();
  }

  #send(chunk: Buffer | null): void {
    if (chunk === null) {
      this.#to.end();
      return;
    }
    const struck = this.#strike(chunk.length);
    const allowed = struck === undefined ? chunk : chunk.subarray(0, struck.bytes);
    this.passedBytes += allowed.length;
    if (struck === undefined) this.#to.write(allowed);
    else this.#end(allowed, struck.ending);
  }

  #strike(bytes: number): { readonly bytes: number; readonly ending: Ending } | undefined {
    for (const { allowance, ending } of this.#shape.limits) {
      const allowed = allowance.take(bytes);
      if (allowed !== undefined && allowance.isSpent) return { bytes: allowed, ending };
    }
    return undefined;
  }

  /** What was handed to the socket has left the process, so that a reset does not take it back. */
  #end(last: Buffer, ending: Ending): void {
    this.drop();
    this.#to.write(last, () => this.#onEnding(ending));
  }

  #wait(): void {
    const [first] = this.#parcels;
    if (first === undefined || this.#isHeld || this.#to.destroyed) return;
    if (this.#to.writableNeedDrain) return; // "drain" comes
    const waitMs = first.dueMs - performance.now();
    if (waitMs > 0) this.#timer = setTimeout(() => this.#deliver(), Math.ceil(waitMs));
    else this.#turn = setImmediate(() => this.#deliver());
  }
}
