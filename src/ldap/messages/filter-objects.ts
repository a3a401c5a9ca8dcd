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
