import type { BerCursor } from './ber.ts';

const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;
const SET = 0x31;

/** Bounds the memory that a server which invents attribute names can take. */
const MAX_CACHED_NAMES = 1024;

/**
 * Where the attributes of one entry lie in its buffer. Read in one pass that makes nothing for the entry: millions come.
 * One serves all entries of a connection, one after the other.
 */
export class Layout {
  readonly #names = new AttributeNames();
  readonly #lowerCase: string[] = [];
  /** Of each attribute: how many values came up to its end. */
  readonly #valuesUpTo: number[] = [];
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #from = 0;
  #attributes = 0;
  #values = 0;
  #bytes = 0;
  #longest = 0;
  #owner: object | undefined;

  /** Whose layout it is now. */
  get owner(): object | undefined {
    return this.#owner;
  }

  /** Where in the buffer the first of them begins. */
  get from(): number {
    return this.#from;
  }

  /** Attributes of the entry: one that comes twice counts twice. */
  get attributes(): number {
    return this.#attributes;
  }

  get values(): number {
    return this.#values;
  }

  /** Of all values together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of the longest value. */
  get longest(): number {
    return this.#longest;
  }

  /** In lower case, options kept. */
  name(attribute: number): string {
    return this.#lowerCase[attribute] ?? '';
  }

  firstValue(attribute: number): number {
    return attribute === 0 ? 0 : (this.#valuesUpTo[attribute - 1] ?? 0);
  }

  /** The value after the last one. */
  endOfValues(attribute: number): number {
    return this.#valuesUpTo[attribute] ?? 0;
  }

  start(value: number): number {
    return this.#starts[value] ?? 0;
  }

  end(value: number): number {
    return this.#ends[value] ?? 0;
  }

  /**
   * Reads a PartialAttributeList (RFC 4511 §4.5.2), the cursor standing at its start.
   * @throws {BerError}
   */
  read(cursor: BerCursor, limit: number, owner: object): void {
    this.#owner = undefined;
    this.#attributes = 0;
    this.#values = 0;
    this.#bytes = 0;
    this.#longest = 0;
    const end = cursor.enter(SEQUENCE, limit);
    this.#from = cursor.offset;
    while (cursor.offset < end) this.#readAttribute(cursor, end);
    this.#owner = owner;
  }

  /** Makes one of an attribute that came in several: RFC 4511 §4.5.2 forbids it, a name in another case is easily overlooked. */
  merge(): void {
    const values = new Map<string, [start: number, end: number][]>();
    for (let at = 0; at < this.#attributes; at += 1) {
      const held = values.get(this.name(at)) ?? [];
      for (let n = this.firstValue(at); n < this.endOfValues(at); n += 1) {
        held.push([this.start(n), this.end(n)]);
      }
      values.set(this.name(at), held);
    }
    this.#attributes = 0;
    this.#values = 0;
    for (const [name, held] of values) {
      for (const [start, end] of held) this.#addValue(start, end);
      this.#endAttribute(name);
    }
  }

  #readAttribute(cursor: BerCursor, limit: number): void {
    const end = cursor.enter(SEQUENCE, limit);
    const nameEnd = cursor.enter(OCTET_STRING, end);
    const name = this.#names.lookup(cursor.buffer, cursor.offset, nameEnd);
    cursor.offset = nameEnd;
    const valuesEnd = cursor.enter(SET, end);
    while (cursor.offset < valuesEnd) this.#readValue(cursor, valuesEnd);
    this.#endAttribute(name);
    cursor.offset = end;
  }

  #readValue(cursor: BerCursor, limit: number): void {
    const end = cursor.enter(OCTET_STRING, limit);
    const length = end - cursor.offset;
    this.#addValue(cursor.offset, end);
    this.#bytes += length;
    if (length > this.#longest) this.#longest = length;
    cursor.offset = end;
  }

  #addValue(start: number, end: number): void {
    this.#starts[this.#values] = start;
    this.#ends[this.#values] = end;
    this.#values += 1;
  }

  #endAttribute(name: string): void {
    this.#lowerCase[this.#attributes] = name;
    this.#valuesUpTo[this.#attributes] = this.#values;
    this.#attributes += 1;
  }
}

interface CachedName {
  readonly bytes: Buffer;
  readonly name: string;
  /** What came after it the last time. */
  next: CachedName | undefined;
}

/** Attribute names in lower case, each decoded once a connection instead of once an entry. */
class AttributeNames {
  readonly #byHash = new Map<number, CachedName>();
  #last: CachedName | undefined;

  /** Most entries have the attributes of the one before, in the same order. */
  lookup(buffer: Buffer, start: number, end: number): string {
    const expected = this.#last?.next;
    if (expected !== undefined && isAt(expected.bytes, buffer, start, end)) {
      this.#last = expected;
      return expected.name;
    }
    const found = this.#find(buffer, start, end);
    if (this.#last !== undefined) this.#last.next = found;
    this.#last = found;
    return found?.name ?? lowerCase(buffer, start, end);
  }

  /** Undefined where it is not to be remembered. */
  #find(buffer: Buffer, start: number, end: number): CachedName | undefined {
    const hash = hashOf(buffer, start, end);
    const known = this.#byHash.get(hash);
    if (known !== undefined) return isAt(known.bytes, buffer, start, end) ? known : undefined;
    if (this.#byHash.size >= MAX_CACHED_NAMES) return undefined;
    const bytes = Buffer.from(buffer.subarray(start, end));
    const fresh = { bytes, name: lowerCase(buffer, start, end), next: undefined };
    this.#byHash.set(hash, fresh);
    return fresh;
  }
}

/** A loop, since names are short: to call `compare` takes longer. */
function isAt(bytes: Buffer, buffer: Buffer, start: number, end: number): boolean {
  const length = end - start;
  if (bytes.length !== length) return false;
  for (let at = 0; at < length; at += 1) if (bytes[at] !== buffer[start + at]) return false;
  return true;
}

function hashOf(buffer: Buffer, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + (buffer[at] ?? 0)) | 0;
  return hash;
}

/** ASCII only, and byte for byte: two names that differ in a byte ≥ 0x80 stay two names. */
function lowerCase(buffer: Buffer, start: number, end: number): string {
  const name = buffer.toString('latin1', start, end);
  return name.replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
}
