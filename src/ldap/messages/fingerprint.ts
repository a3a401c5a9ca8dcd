const WORD_BYTES = 4;

/** 64 bits that tell one sequence of byte strings from another. It sees every entry, so it is small and keeps none. */
export class Fingerprint {
  #high = 0x811c9dc5;
  #low = 0x01000193;

  /** @param begun by which it goes on */
  constructor(begun?: Fingerprint) {
    if (begun === undefined) return;
    this.#high = begun.#high;
    this.#low = begun.#low;
  }

  add(buffer: Buffer, start: number, end: number): void {
    let [high, low] = [this.#high ^ (end - start), this.#low];
    let at = start;
    // Two words at once, each into a half of its own, and the halves into one another.
    for (; at + 2 * WORD_BYTES <= end; at += 2 * WORD_BYTES) {
      high = Math.imul(high ^ buffer.readInt32LE(at), 0x85ebca6b);
      low = Math.imul(low ^ buffer.readInt32LE(at + WORD_BYTES), 0xc2b2ae35);
      const carried = high >>> 15;
      high ^= low >>> 13;
      low ^= carried;
    }
    // What is left goes into both halves, too.
    let [first, second] = [0, 0];
    for (let n = 0; at + n < end; n += 1) {
      const byte = buffer[at + n] ?? 0;
      if (n < WORD_BYTES) first |= byte << (8 * n);
      else second |= byte << (8 * (n - WORD_BYTES));
    }
    this.#high = Math.imul(high ^ first, 0x85ebca6b) ^ (low >>> 13);
    this.#low = Math.imul(low ^ second, 0xc2b2ae35) ^ (high >>> 15);
    this.#mix();
    this.#mix();
  }

  addText(text: string): void {
    const bytes = Buffer.from(text);
    this.add(bytes, 0, bytes.length);
  }

  get mark(): string {
    return `${this.#high >>> 0}:${this.#low >>> 0}`;
  }

  /** 53 of them: from 0 up, and exact as a number. */
  get number(): number {
    return (this.#high >>> 11) * 0x1_0000_0000 + (this.#low >>> 0);
  }

  /** What the last words changed comes to all bits. */
  #mix(): void {
    const low = Math.imul(this.#low ^ (this.#high >>> 16), 0xc2b2ae35);
    this.#high = Math.imul(this.#high ^ (low >>> 15), 0x85ebca6b);
    this.#low = low ^ (this.#high >>> 13);
  }
}
