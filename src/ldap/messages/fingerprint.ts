const BYTES_AT_ONCE = 4;

/** 64 bits that tell one sequence of byte strings from another. It sees every entry, so it is small and keeps none. */
export class Fingerprint {
  #high = 0x811c9dc5;
  #low = 0x01000193;

  add(buffer: Buffer, start: number, end: number): void {
    this.#mix(end - start);
    let at = start;
    for (; at + BYTES_AT_ONCE <= end; at += BYTES_AT_ONCE) this.#mix(buffer.readInt32LE(at));
    for (; at < end; at += 1) this.#mix(buffer[at] ?? 0);
  }

  get mark(): string {
    return `${this.#high >>> 0}:${this.#low >>> 0}`;
  }

  #mix(value: number): void {
    this.#high = Math.imul(this.#high ^ value, 0x85ebca6b);
    this.#high ^= this.#high >>> 13;
    this.#low = Math.imul(this.#low ^ value, 0xc2b2ae35) ^ (this.#high >>> 15);
  }
}
