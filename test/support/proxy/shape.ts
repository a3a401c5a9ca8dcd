// What a proxy does to the bytes of one direction of a connection.

/** How a connection ends: FIN, RST, or nothing passes any more while it stays open. */
export type Ending = 'fin' | 'rst' | 'silence';

/** Bytes that may still pass: of one connection, or of several that share it. Strikes once. */
export class Allowance {
  #left: number;
  #struck = false;

  /** @param bytes from 0 up */
  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** How many of `bytes` may pass; undefined where the allowance was used up before, by others, and concerns nobody any more. */
  take(bytes: number): number | undefined {
    if (this.#struck) return undefined;
    const allowed = Math.min(bytes, this.#left);
    this.#left -= allowed;
    this.#struck = this.#left === 0;
    return allowed;
  }

  /** Whether the byte that was taken last was the last one. */
  get isSpent(): boolean {
    return this.#struck;
  }
}

export type Limit = { readonly allowance: Allowance; readonly ending: Ending };

export type Shape = {
  /** By how much everything is late (ms). */
  readonly delayMs: number;
  /** At most so much more (ms), at random. */
  readonly jitterMs: number;
  readonly bytesPerSecond: number;
  /** Bytes to a write. */
  readonly sliceBytes: number;
  /** By how much more the end of the stream is late (ms). */
  readonly closeDelayMs: number;
  readonly limits: readonly Limit[];
};

export const UNTOUCHED: Shape = {
  delayMs: 0,
  jitterMs: 0,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  sliceBytes: Number.POSITIVE_INFINITY,
  closeDelayMs: 0,
  limits: [],
};

/** Delays add up, of rates and sizes the least holds. */
export function both(one: Shape, other: Partial<Shape>): Shape {
  const { delayMs, jitterMs, bytesPerSecond, sliceBytes, closeDelayMs, limits } = {
    ...UNTOUCHED,
    ...other,
  };
  return {
    delayMs: one.delayMs + delayMs,
    jitterMs: one.jitterMs + jitterMs,
    bytesPerSecond: Math.min(one.bytesPerSecond, bytesPerSecond),
    sliceBytes: Math.min(one.sliceBytes, sliceBytes),
    closeDelayMs: one.closeDelayMs + closeDelayMs,
    limits: [...one.limits, ...limits],
  };
}
