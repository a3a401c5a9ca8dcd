import { isUtf8 } from 'node:buffer';
import type { BerCursor } from './ber.ts';

const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;
const SET = 0x31;

/** Bounds the memory that a server which invents attribute names can take. */
const MAX_CACHED_NAMES = 1024;

/**
 * An entry as the server sent it. Buffers are views on the network buffer, which serves again: whoever keeps an entry for
 * longer than the call that it was handed to keeps a copy.
 */
export interface RawEntry {
  /** For display. Where `dnValid` is false it holds U+FFFD and names nobody: use `dnBytes`. */
  readonly dn: string;
  readonly dnBytes: Buffer;
  /** Whether the DN is valid UTF-8. */
  readonly dnValid: boolean;
  /** By name in lower case, options kept: `directreports;range=0-1499`. */
  readonly attributes: ReadonlyMap<string, readonly Buffer[]>;
}

/** The same entry, with bytes of its own. */
export function copyOf({ dn, dnBytes, dnValid, attributes }: RawEntry): RawEntry {
  const copied = [...attributes].map(
    ([name, values]) => [name, values.map((value) => Buffer.from(value))] as const,
  );
  return { dn, dnBytes: Buffer.from(dnBytes), dnValid, attributes: new Map(copied) };
}

interface CachedName {
  readonly bytes: Buffer;
  readonly name: string;
}

/** Attribute names in lower case, each decoded once a connection instead of once an entry. */
export class AttributeNames {
  readonly #byHash = new Map<number, CachedName>();

  lookup(buffer: Buffer, start: number, end: number): string {
    const hash = hashOf(buffer, start, end);
    const known = this.#byHash.get(hash);
    if (known !== undefined && known.bytes.compare(buffer, start, end) === 0) return known.name;
    const bytes = Buffer.from(buffer.subarray(start, end));
    const name = lowerCase(bytes);
    if (known === undefined && this.#byHash.size < MAX_CACHED_NAMES) {
      this.#byHash.set(hash, { bytes, name });
    }
    return name;
  }
}

function hashOf(buffer: Buffer, start: number, end: number): number {
  let hash = end - start;
  for (let at = start; at < end; at += 1) hash = (Math.imul(hash, 31) + (buffer[at] ?? 0)) | 0;
  return hash;
}

/** ASCII only, and byte for byte: two names that differ in a byte ≥ 0x80 stay two names. */
function lowerCase(bytes: Buffer): string {
  return bytes.toString('latin1').replace(/[A-Z]+/g, (upper) => upper.toLowerCase());
}

/**
 * Decodes the content of a SearchResultEntry (RFC 4511 §4.5.2), the cursor standing at its start.
 * @throws {BerError}
 */
export function decodeEntry(cursor: BerCursor, limit: number, names: AttributeNames): RawEntry {
  const dnBytes = cursor.bytes(OCTET_STRING, limit);
  const attributes = new Map<string, readonly Buffer[]>();
  const end = cursor.enter(SEQUENCE, limit);
  while (cursor.offset < end) decodeAttribute(cursor, end, names, attributes);
  return { dn: dnBytes.toString('utf8'), dnBytes, dnValid: isUtf8(dnBytes), attributes };
}

function decodeAttribute(
  cursor: BerCursor,
  limit: number,
  names: AttributeNames,
  into: Map<string, readonly Buffer[]>,
): void {
  const end = cursor.enter(SEQUENCE, limit);
  const nameEnd = cursor.enter(OCTET_STRING, end);
  const name = names.lookup(cursor.buffer, cursor.offset, nameEnd);
  cursor.offset = nameEnd;
  const values = decodeValues(cursor, end);
  const earlier = into.get(name);
  into.set(name, earlier === undefined ? values : [...earlier, ...values]);
  cursor.offset = end;
}

function decodeValues(cursor: BerCursor, limit: number): Buffer[] {
  const end = cursor.enter(SET, limit);
  const values: Buffer[] = [];
  while (cursor.offset < end) values.push(cursor.bytes(OCTET_STRING, end));
  return values;
}
