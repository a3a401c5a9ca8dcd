/**
 * BER as far as LDAP needs it (X.690 with the restrictions of RFC 4511 §5.1), written straight into one growing
 * buffer: an entry costs no intermediate objects. Deliberately not the codec that the crawler uses, so that one
 * mistake cannot hide on both sides of a test.
 */
const SHORT_FORM = 0x80;
const BYTES_PER_UTF16_UNIT = 3;

export class BerEncoder {
  readonly #open: number[] = [];
  #bytes: Buffer;
  #length = 0;

  constructor(capacityBytes = 4096) {
    this.#bytes = Buffer.allocUnsafe(capacityBytes);
  }

  get length(): number {
    return this.#length;
  }

  begin(tag: number): this {
    this.#reserve(2);
    this.#bytes[this.#length++] = tag;
    this.#open.push(this.#length);
    this.#bytes[this.#length++] = 0;
    return this;
  }

  end(): this {
    const at = this.#open.pop();
    if (at === undefined) throw new Error('Expected an open element to end');
    this.#writeLengthAt(at, this.#length - at - 1);
    return this;
  }

  integer(value: number, tag = 0x02): this {
    const octets: number[] = [];
    let rest = value;
    do {
      octets.unshift(rest & 0xff);
      rest = Math.floor(rest / 256);
    } while (rest !== 0 && rest !== -1);
    const sign = value < 0 ? 0x80 : 0;
    if (((octets[0] ?? 0) & 0x80) !== sign) octets.unshift(value < 0 ? 0xff : 0);
    return this.octets(Buffer.from(octets), tag);
  }

  boolean(value: boolean, tag = 0x01): this {
    return this.octets(Buffer.from([value ? 0xff : 0]), tag);
  }

  octets(value: string | Uint8Array, tag = 0x04): this {
    if (typeof value === 'string' && value.length * BYTES_PER_UTF16_UNIT < SHORT_FORM) {
      return this.#shortText(value, tag);
    }
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    this.begin(tag);
    return this.raw(bytes).end();
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Hands over what was written and starts afresh; the bytes are the caller's. */
  take(): Buffer {
    if (this.#open.length > 0) throw new Error('Expected every element to be ended');
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.allocUnsafe(Math.max(1024, Math.min(this.#bytes.length, 128 * 1024)));
    this.#length = 0;
    return taken;
  }

  #shortText(value: string, tag: number): this {
    this.#reserve(2 + value.length * BYTES_PER_UTF16_UNIT);
    const at = this.#length;
    const size = this.#bytes.write(value, at + 2, 'utf8');
    this.#bytes[at] = tag;
    this.#bytes[at + 1] = size;
    this.#length = at + 2 + size;
    return this;
  }

  #writeLengthAt(at: number, size: number): void {
    if (size < SHORT_FORM) {
      this.#bytes[at] = size;
      return;
    }
    const extra = size < 0x100 ? 1 : size < 0x10000 ? 2 : size < 0x1000000 ? 3 : 4;
    this.#reserve(extra);
    this.#bytes.copyWithin(at + 1 + extra, at + 1, this.#length);
    this.#bytes[at] = SHORT_FORM | extra;
    this.#bytes.writeUIntBE(size, at + 1, extra);
    this.#length += extra;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
