import { MalformedMessage, messageLength } from './ber-decoder.ts';

/** Cuts the byte stream into messages. A large message is put together once, not at every chunk. */
export class MessageQueue {
  readonly #largest: number;
  #chunks: Buffer[] = [];
  #held = 0;
  #needed = 2;

  /** @param largest bytes of one message */
  constructor(largest: number) {
    this.#largest = largest;
  }

  get isEmpty(): boolean {
    return this.#held === 0;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
  }

  /** The next whole message, undefined until more has come. @throws MalformedMessage */
  next(): Buffer | undefined {
    if (this.#held < this.#needed) return undefined;
    const bytes = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    if (bytes === undefined) return undefined;
    const length = messageLength(bytes);
    if (length !== undefined && length > this.#largest)
      throw new MalformedMessage('message too large');
    if (length === undefined || length > bytes.length)
      return this.#keep(bytes, length ?? bytes.length + 1);
    this.#keep(bytes.subarray(length), 2);
    return bytes.subarray(0, length);
  }

  #keep(rest: Buffer, needed: number): undefined {
    this.#chunks = rest.length === 0 ? [] : [rest];
    this.#held = rest.length;
    this.#needed = needed;
  }
}
