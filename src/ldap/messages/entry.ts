import { isAscii, isUtf8 } from 'node:buffer';
import { BerCursor } from './ber.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Layout } from './layout.ts';

const OCTET_STRING = 0x04;
/** Texts that are cut out of a larger one keep all of it in memory: beyond so many bytes each is decoded by itself. */
const MOST_AT_ONCE = 4_096;

/**
 * An entry as the server sent it: a view on the network buffer, which serves again. Whoever keeps it for longer than the
 * call that it was handed to keeps a copy.
 */
export class RawEntry {
  readonly #buffer: Buffer;
  /** Where its content, its DN and its attributes lie. */
  readonly #start: number;
  readonly #dnStart: number;
  readonly #dnEnd: number;
  readonly #end: number;
  readonly #isAsciiDn: boolean;
  /** Shared with the entries before and after. */
  readonly #layout: Layout;
  /** All of it, a character for each byte; empty: it is decoded value by value. */
  #all: string | undefined;
  #isAscii = false;
  #attributes: ReadonlyMap<string, readonly Buffer[]> | undefined;

  /**
   * Reads the content of a SearchResultEntry (RFC 4511 §4.5.2), the cursor standing at its start.
   * @throws {BerError}
   */
  constructor(cursor: BerCursor, limit: number, layout: Layout) {
    this.#buffer = cursor.buffer;
    this.#start = cursor.offset;
    this.#dnEnd = cursor.enter(OCTET_STRING, limit);
    this.#dnStart = cursor.offset;
    this.#end = limit;
    this.#isAsciiDn = isAsciiWithin(this.#buffer, this.#dnStart, this.#dnEnd);
    this.#layout = layout;
    cursor.offset = this.#dnEnd;
    layout.read(cursor, limit, this);
  }

  /** For display. Where `dnValid` is false it holds U+FFFD and names nobody: use `dnBytes`. */
  get dn(): string {
    return this.#textOf(this.#dnStart, this.#dnEnd, this.#isAsciiDn);
  }

  get dnBytes(): Buffer {
    return this.#buffer.subarray(this.#dnStart, this.#dnEnd);
  }

  /** Of all of it, in bytes. */
  get length(): number {
    return this.#end - this.#start;
  }

  /** In bytes. */
  get dnLength(): number {
    return this.#dnEnd - this.#dnStart;
  }

  addDnTo(print: Fingerprint): void {
    print.add(this.#buffer, this.#dnStart, this.#dnEnd);
  }

  /** DN, attributes and values, as they came. */
  addTo(print: Fingerprint): void {
    print.add(this.#buffer, this.#start, this.#end);
  }

  /** Whether the DN is valid UTF-8. */
  get dnValid(): boolean {
    return this.#isAsciiDn || isUtf8(this.dnBytes);
  }

  /** By name in lower case, options kept: `directreports;range=0-1499`. */
  get attributes(): ReadonlyMap<string, readonly Buffer[]> {
    this.#attributes ??= this.#readAttributes();
    return this.#attributes;
  }

  /** Whether the layout is its own still. */
  get isLaidOut(): boolean {
    return this.#layout.owner === this;
  }

  /** Where its attributes lie: good until it is asked of another entry, or another one comes. */
  get layout(): Layout {
    if (!this.isLaidOut) {
      this.#layout.read(new BerCursor(this.#buffer, this.#dnEnd), this.#end, this);
    }
    return this.#layout;
  }

  /** A value, by its number in the layout. */
  bytes(value: number): Buffer {
    const { layout } = this;
    return this.#buffer.subarray(layout.start(value), layout.end(value));
  }

  /** The same as text; U+FFFD stands for what is no UTF-8. */
  text(value: number): string {
    const { layout } = this;
    const [start, end] = [layout.start(value), layout.end(value)];
    if (this.#all === undefined) this.#readAll();
    return this.#textOf(start, end, this.#isAscii || isAsciiWithin(this.#buffer, start, end));
  }

  /** The same entry, with bytes of its own. */
  copy(): RawEntry {
    const bytes = Buffer.from(this.#buffer.subarray(this.#start, this.#end));
    return new RawEntry(new BerCursor(bytes), bytes.length, this.#layout);
  }

  /** Its content to `at` and behind it, from which it can be read again. */
  copyBytes(to: Buffer, at: number): void {
    this.#buffer.copy(to, at, this.#start, this.#end);
  }

  #readAttributes(): ReadonlyMap<string, readonly Buffer[]> {
    const { layout } = this;
    const attributes = new Map<string, readonly Buffer[]>();
    for (let at = 0; at < layout.attributes; at += 1) {
      const earlier = attributes.get(layout.name(at)) ?? [];
      const values: Buffer[] = [];
      for (let n = layout.firstValue(at); n < layout.endOfValues(at); n += 1) {
        values.push(this.bytes(n));
      }
      attributes.set(layout.name(at), earlier.length === 0 ? values : [...earlier, ...values]);
    }
    return attributes;
  }

  /** To decode all at once and to cut pieces out of it takes a fraction of the time of decoding one by one. */
  #textOf(start: number, end: number, isPlain: boolean): string {
    const all = this.#all ?? this.#readAll();
    return isPlain && all !== ''
      ? all.substring(start - this.#start, end - this.#start)
      : this.#buffer.toString('utf8', start, end);
  }

  #readAll(): string {
    const isLarge = this.#end - this.#start > MOST_AT_ONCE;
    this.#all = isLarge ? '' : this.#buffer.toString('latin1', this.#start, this.#end);
    // The length of the list is no ASCII itself, mostly: RFC 4511 §5.1, X.690 §8.1.3.5.
    const list = this.#buffer.subarray(this.layout.from, this.#end);
    this.#isAscii = !isLarge && isAscii(list);
    return this.#all;
  }
}

/** A loop, since most are short. */
function isAsciiWithin(buffer: Buffer, start: number, end: number): boolean {
  let bits = 0;
  for (let at = start; at < end; at += 1) bits |= buffer[at] ?? 0;
  return bits < 0x80;
}
