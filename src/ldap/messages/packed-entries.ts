import { release } from '../../domain/release.ts';
import { BerCursor } from './ber.ts';
import { RawEntry } from './entry.ts';
import type { Layout } from './layout.ts';

/** What is kept for the entries that come next. */
const ROOM_BYTES = { least: 16 * 1_024, most: 1_024 * 1_024 } as const;

/**
 * Copies of entries, one behind the other: an object for each of them, or what is decoded of it, would live until the
 * answer is complete, so that the collector would move it twice. Filled again and again, for the memory of each answer would
 * be free only much later.
 */
export class PackedEntries {
  readonly #layout: Layout;
  #ends: number[] = [];
  #bytes: Buffer<ArrayBuffer> = Buffer.alloc(0);
  #filling = 0;

  /** @param layout by which they are read: of one entry at a time */
  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Lets go what is there. Returns what tells this filling from those before. */
  clear(): number {
    this.#ends = [];
    if (this.#bytes.length > ROOM_BYTES.most) this.#replace(Buffer.alloc(0));
    this.#filling += 1;
    return this.#filling;
  }

  add(entry: RawEntry): void {
    const used = this.#ends.at(-1) ?? 0;
    const end = used + entry.length;
    if (end > this.#bytes.length) this.#grow(end, used);
    entry.copyBytes(this.#bytes, used);
    this.#ends.push(end);
  }

  /** @throws Error another filling has begun */
  *read(filling: number): Generator<RawEntry, void> {
    let start = 0;
    for (let at = 0; ; at += 1) {
      this.assertKept(filling);
      const end = this.#ends[at];
      if (end === undefined) return;
      yield new RawEntry(new BerCursor(this.#bytes, start), end, this.#layout);
      start = end;
    }
  }

  /** @throws Error another filling has begun */
  assertKept(filling: number): void {
    if (filling !== this.#filling) throw new Error('these entries have been let go');
  }

  #grow(least: number, used: number): void {
    const room = Math.max(2 * this.#bytes.length, least, ROOM_BYTES.least);
    const bytes = Buffer.allocUnsafeSlow(room);
    this.#bytes.copy(bytes, 0, 0, used);
    this.#replace(bytes);
  }

  #replace(bytes: Buffer<ArrayBuffer>): void {
    release(this.#bytes);
    this.#bytes = bytes;
  }
}
