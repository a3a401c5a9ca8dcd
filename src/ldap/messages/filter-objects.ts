import { type BerWriter, Filter } from 'ldapts';

const OCTET_STRING = 0x04;

/** Filter choices (RFC 4511 §4.5.1.7) that compare an attribute with one value. */
const Assertion = {
  equality: 0xa3,
  greaterOrEqual: 0xa5,
  lessOrEqual: 0xa6,
  approx: 0xa8,
} as const;

export type AssertionKind = keyof typeof Assertion;

// ldapts's own classes take strings in places where RFC 4515 allows any bytes; these take bytes
// throughout. None of them shows its value in `toString`: values are personal data.

export class AssertionFilter extends Filter {
  override readonly type: (typeof Assertion)[AssertionKind];
  readonly #attribute: string;
  readonly #value: Buffer;

  constructor(kind: AssertionKind, attribute: string, value: Buffer) {
    super();
    this.type = Assertion[kind];
    this.#attribute = attribute;
    this.#value = value;
  }

  protected override writeFilter(writer: BerWriter): void {
    writer.writeString(this.#attribute);
    writer.writeBuffer(this.#value, OCTET_STRING);
  }

  override toString(): string {
    return `(${this.#attribute}=…)`;
  }
}

/**
 * `(|(attribute=a)(attribute=b)…)`: encoded at once, since it is most of what a crawl sends, and is written when the request
 * is measured and when it leaves.
 */
export class AnyEqualFilter extends Filter {
  override readonly type = 0xa1;
  readonly #content: Buffer;

  /** @param values of valid Unicode */
  constructor(attribute: string, values: readonly string[]) {
    super();
    const name = Buffer.from(attribute);
    const lengths = values.map((value) => Buffer.byteLength(value));
    const sizes = lengths.map((length) => elementBytes(name.length) + elementBytes(length));
    const total = sizes.reduce((sum, size) => sum + elementBytes(size), 0);
    const content = Buffer.allocUnsafe(total);
    let at = 0;
    values.forEach((value, n) => {
      at = writeHeader(content, at, Assertion.equality, sizes[n] ?? 0);
      at = writeHeader(content, at, OCTET_STRING, name.length);
      at += name.copy(content, at);
      at = writeHeader(content, at, OCTET_STRING, lengths[n] ?? 0);
      at += content.write(value, at);
    });
    this.#content = content;
  }

  override write(writer: BerWriter): void {
    writer.writeBuffer(this.#content, this.type);
  }

  override toString(): string {
    return '(|…)';
  }
}

/** Of a BER element with so many octets of content (X.690 §8.1.3). */
function elementBytes(length: number): number {
  return 1 + lengthOctets(length) + length;
}

function lengthOctets(length: number): number {
  if (length < 0x80) return 1;
  if (length < 0x100) return 2;
  if (length < 0x1_00_00) return 3;
  return length < 0x1_00_00_00 ? 4 : 5;
}

/** Returns where the content begins. */
function writeHeader(into: Buffer, start: number, tag: number, length: number): number {
  let at = into.writeUInt8(tag, start);
  const octets = lengthOctets(length) - 1;
  if (octets === 0) return into.writeUInt8(length, at);
  at = into.writeUInt8(0x80 | octets, at);
  return into.writeUIntBE(length, at, octets);
}

/** The parts of a substring filter; at least one is there, none is empty. */
export interface Substrings {
  readonly initial?: Buffer | undefined;
  readonly any: readonly Buffer[];
  readonly final?: Buffer | undefined;
}

export class SubstringsFilter extends Filter {
  override readonly type = 0xa4;
  readonly #attribute: string;
  readonly #parts: Substrings;

  constructor(attribute: string, parts: Substrings) {
    super();
    this.#attribute = attribute;
    this.#parts = parts;
  }

  protected override writeFilter(writer: BerWriter): void {
    const { initial, any, final } = this.#parts;
    writer.writeString(this.#attribute);
    writer.startSequence();
    if (initial !== undefined) writer.writeBuffer(initial, 0x80);
    for (const part of any) writer.writeBuffer(part, 0x81);
    if (final !== undefined) writer.writeBuffer(final, 0x82);
    writer.endSequence();
  }

  override toString(): string {
    return `(${this.#attribute}=…*…)`;
  }
}

/** An extensible match: `(attribute:dn:rule:=value)`. */
export interface Extensible {
  readonly attribute?: string | undefined;
  readonly rule?: string | undefined;
  readonly dnAttributes: boolean;
  readonly value: Buffer;
}

export class ExtensibleMatchFilter extends Filter {
  override readonly type = 0xa9;
  readonly #match: Extensible;

  constructor(match: Extensible) {
    super();
    this.#match = match;
  }

  protected override writeFilter(writer: BerWriter): void {
    const { attribute, rule, dnAttributes, value } = this.#match;
    if (rule !== undefined) writer.writeString(rule, 0x81);
    if (attribute !== undefined) writer.writeString(attribute, 0x82);
    writer.writeBuffer(value, 0x83);
    if (dnAttributes) writer.writeBoolean(true, 0x84);
  }

  override toString(): string {
    return `(${this.#match.attribute ?? ''}:=…)`;
  }
}
