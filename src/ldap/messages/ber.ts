/** The bytes are not the BER that LDAP allows (RFC 4511 §5.1). Messages never quote the bytes. */
export class BerError extends Error {
  override readonly name = 'BerError';
}

/**
 * Reads BER elements in place. Every read names the `limit` that it must not cross, the end of the
 * enclosing element, so that a lying inner length cannot reach its neighbour's bytes.
 *
 * Accepts what RFC 4511 §5.1 allows and Active Directory sends (lengths of up to four octets, not
 * minimal); refuses indefinite lengths and multi-octet tags.
 */
export class BerCursor {
  readonly buffer: Buffer;
  offset: number;

  constructor(buffer: Buffer, offset = 0) {
    this.buffer = buffer;
    this.offset = offset;
  }

  /** The tag at the cursor, -1 at the limit. */
  peek(limit: number): number {
    return this.offset < limit ? (this.buffer[this.offset] ?? -1) : -1;
  }

  /** Steps into an element and returns where its content ends. */
  enter(tag: number, limit: number): number {
    if (this.peek(limit) !== tag) throw new BerError('An element has an unexpected type');
    return this.#content(limit);
  }

  /** Steps over an element of any type. */
  skip(limit: number): void {
    const tag = this.peek(limit);
    if (tag === -1) throw new BerError('An element is missing');
    if ((tag & 0x1f) === 0x1f) throw new BerError('An element has a tag of several octets');
    this.offset = this.#content(limit);
  }

  /** The content of a primitive element, a view on the buffer: copy what shall outlive the page. */
  bytes(tag: number, limit: number): Buffer {
    const end = this.enter(tag, limit);
    const value = this.buffer.subarray(this.offset, end);
    this.offset = end;
    return value;
  }

  text(tag: number, limit: number): string {
    return this.bytes(tag, limit).toString('utf8');
  }

  /** A signed integer of one to four octets. */
  integer(tag: number, limit: number): number {
    const end = this.enter(tag, limit);
    const width = end - this.offset;
    if (width < 1 || width > 4) throw new BerError('An integer has an unexpected width');
    const value = this.buffer.readIntBE(this.offset, width);
    this.offset = end;
    return value;
  }

  #content(limit: number): number {
    let at = this.offset + 1;
    let length = at < limit ? (this.buffer[at] ?? -1) : -1;
    at += 1;
    if (length > 0x7f) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > 4 || at + octets > limit) throw new BerError('Bad length');
      length = this.buffer.readUIntBE(at, octets);
      at += octets;
    }
    if (length < 0 || length > limit - at) throw new BerError('An element is cut short');
    this.offset = at;
    return at + length;
  }
}
