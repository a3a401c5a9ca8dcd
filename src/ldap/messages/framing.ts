import { ConnectionError } from '../connection/connection-error.ts';

export const DEFAULT_MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

const SEQUENCE = 0x30;
/**
 * Messages of these sizes that span chunks are assembled in one buffer, again and again: of a stream of entries of 1 MB
 * each, garbage would otherwise pile up faster than it is collected, outside of the heap that V8 watches closely.
 */
const SHARED_BYTES = { from: 64 * 1024, to: 2 * 1024 * 1024 } as const;
const EMPTY = Buffer.alloc(0);

/** Where a message lies. */
export interface Frame {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Cuts a byte stream into LDAP messages. Messages that lie whole in a chunk are views on it; one
 * that spans chunks is assembled in a buffer of its announced length, so each byte is copied once
 * at most however small the slices are. A message is good until `next` or `push` is called again: then its bytes may be others.
 */
export class MessageFramer {
  readonly #maxBytes: number;
  #rest: Buffer = EMPTY;
  /** Where in it the next message begins. */
  #at = 0;
  #partial: Buffer | undefined;
  #shared: Buffer = EMPTY;
  #filled = 0;
  #messages = 0;

  /** @param maxBytes the largest message accepted, in bytes; beyond it `too-large` */
  constructor(maxBytes: number = DEFAULT_MAX_MESSAGE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes received that belong to no message returned yet. */
  get pendingBytes(): number {
    return this.#rest.length - this.#at + this.#filled;
  }

  /** Returns whether all of the chunk was copied, so that its memory is not needed any more. */
  push(chunk: Buffer): boolean {
    if (this.#partial === undefined) {
      const left = this.#rest.subarray(this.#at);
      this.#keep(left.length === 0 ? chunk : Buffer.concat([left, chunk]), 0);
      return false;
    }
    const taken = chunk.copy(this.#partial, this.#filled);
    this.#filled += taken;
    this.#keep(chunk, taken);
    return taken === chunk.length;
  }

  /**
   * The next whole message, undefined when more bytes are needed: then `push`.
   * @throws {ConnectionError} `not-ldap` where the very first bytes are no LDAP, else `protocol`
   */
  next(): Frame | undefined {
    const message = this.#partial === undefined ? this.#nextInChunk() : this.#finishPartial();
    if (message !== undefined) this.#messages += 1;
    return message;
  }

  #finishPartial(): Frame | undefined {
    const partial = this.#partial;
    if (partial === undefined || this.#filled < partial.length) return undefined;
    this.#partial = undefined;
    this.#filled = 0;
    return { buffer: partial, start: 0, end: partial.length };
  }

  #nextInChunk(): Frame | undefined {
    const rest = this.#rest;
    const start = this.#at;
    const total = this.#announced(rest, start);
    if (total === undefined) return undefined;
    const end = start + total;
    if (end > rest.length) {
      this.#partial = this.#room(total);
      this.#filled = rest.copy(this.#partial, 0, start);
      this.#keep(EMPTY, 0);
      return undefined;
    }
    this.#keep(rest, end);
    return { buffer: rest, start, end };
  }

  /** What has been read whole is let go. */
  #keep(rest: Buffer, at: number): void {
    const isOver = at === rest.length;
    this.#rest = isOver ? EMPTY : rest;
    this.#at = isOver ? 0 : at;
  }

  #room(bytes: number): Buffer {
    if (bytes < SHARED_BYTES.from || bytes > SHARED_BYTES.to) return Buffer.allocUnsafeSlow(bytes);
    if (this.#shared.length < bytes) this.#shared = Buffer.allocUnsafeSlow(bytes);
    return this.#shared.subarray(0, bytes);
  }

  /** Header and content of the message that starts there; undefined: header incomplete. */
  #announced(bytes: Buffer, start: number): number | undefined {
    const tag = bytes[start];
    const first = bytes[start + 1];
    if (tag !== undefined && tag !== SEQUENCE) throw this.#malformed(tag);
    if (first === undefined) return undefined;
    if (first < 0x80) return 2 + first;
    const octets = first & 0x7f;
    if (octets === 0 || octets > 4) throw this.#malformed(SEQUENCE);
    if (bytes.length < start + 2 + octets) return undefined;
    const total = 2 + octets + bytes.readUIntBE(start + 2, octets);
    if (total > this.#maxBytes) throw tooLarge(this.#maxBytes);
    return total;
  }

  #malformed(tag: number): ConnectionError {
    if (this.#messages > 0) {
      return new ConnectionError('protocol', 'The server sent bytes that are no LDAP message');
    }
    // 0x15 opens a TLS alert record: a TLS port that was spoken to in plain text.
    const hint = tag === 0x15 ? { hint: 'The port speaks TLS: use ldaps://.' } : {};
    return new ConnectionError('not-ldap', 'What answers on this port is not an LDAP server', hint);
  }
}

function tooLarge(maxBytes: number): ConnectionError {
  return new ConnectionError('too-large', `The server sent a message over ${maxBytes} bytes`);
}
