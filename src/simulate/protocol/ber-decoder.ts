/** What arrived is not BER, or not the LDAP message it claims to be: answered with protocolError, never a crash. */
export class MalformedMessage extends Error {
  override readonly name = 'MalformedMessage';
}

interface Header {
  readonly contentAt: number;
  readonly size: number;
}

/** Reads tag and length at `at`; undefined while octets are missing. */
function headerAt(bytes: Buffer, at: number): Header | undefined {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { contentAt: at + 2, size: first };
  const count = first & 0x7f;
  // RFC 4511 §5.1 allows the definite form only; more than four octets of length is an attack, not a request.
  if (count === 0 || count > 4) throw new MalformedMessage('length in a form that LDAP forbids');
  if (bytes.length < at + 2 + count) return undefined;
  return { contentAt: at + 2 + count, size: bytes.readUIntBE(at + 2, count) };
}

/** Bytes of the LDAP message that begins here, header included; undefined while the header is incomplete. */
export function messageLength(bytes: Buffer): number | undefined {
  if (bytes.length > 0 && bytes[0] !== 0x30) throw new MalformedMessage('not an LDAP message');
  const header = headerAt(bytes, 0);
  return header && header.contentAt + header.size;
}

/** Reads the elements of one constructed value in order. Every method throws MalformedMessage on what it did not expect. */
export class BerDecoder {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  octets(tag = 0x04): Buffer {
    if (this.peek() !== tag) {
      throw new MalformedMessage(`expected tag ${tag}, got ${this.peek() ?? 'the end'}`);
    }
    return this.next().content;
  }

  next(): { readonly tag: number; readonly content: Buffer } {
    const tag = this.peek();
    const header = headerAt(this.#bytes, this.#at);
    if (tag === undefined || header === undefined) throw new MalformedMessage('truncated element');
    const end = header.contentAt + header.size;
    if (end > this.#bytes.length) throw new MalformedMessage('element longer than its message');
    this.#at = end;
    return { tag, content: this.#bytes.subarray(header.contentAt, end) };
  }

  enter(tag: number): BerDecoder {
    return new BerDecoder(this.octets(tag));
  }

  text(tag = 0x04): string {
    return this.octets(tag).toString('utf8');
  }

  integer(tag = 0x02): number {
    return integerOf(this.octets(tag));
  }

  boolean(tag = 0x01): boolean {
    const content = this.octets(tag);
    if (content.length !== 1) throw new MalformedMessage('boolean of a wrong length');
    return content[0] !== 0;
  }
}

export function integerOf(content: Buffer): number {
  if (content.length === 0 || content.length > 6)
    throw new MalformedMessage('integer out of range');
  return content.readIntBE(0, content.length);
}
