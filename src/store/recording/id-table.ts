import { release } from '../../domain/release.ts';
import { linkHash } from './link-hash.ts';

const FIRST_SLOTS = 2 ** 12;
/** Of the slots, those that may be taken before there are twice as many. */
const FULL = 0.75;
const NONE: readonly number[] = [];

/**
 * Version numbers by a hash of their ids: open addressing over two columns of integers, 8 bytes a slot. Two ids may have one
 * hash, so whoever asks compares them.
 */
export class IdTable {
  #hashes = new Int32Array(FIRST_SLOTS);
  /** 0: the slot is free. */
  #vids = new Int32Array(FIRST_SLOTS);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** @param vid from 1 up */
  add(id: string, vid: number): void {
    if (this.#size >= this.#vids.length * FULL) this.#grow();
    this.#put(hashOf(id), vid);
    this.#size += 1;
  }

  /** Who may go by the id: everyone who does is among them. */
  candidates(id: string): readonly number[] {
    const hash = hashOf(id);
    const mask = this.#vids.length - 1;
    let found: number[] | undefined;
    for (let slot = hash & mask; this.#vids[slot] !== 0; slot = (slot + 1) & mask) {
      if (this.#hashes[slot] !== hash) continue;
      found ??= [];
      found.push(this.#vids[slot] as number);
    }
    return found ?? NONE;
  }

  /** To be called when it is not needed any more. */
  release(): void {
    release(this.#hashes, this.#vids);
  }

  #put(hash: number, vid: number): void {
    const mask = this.#vids.length - 1;
    let slot = hash & mask;
    while (this.#vids[slot] !== 0) slot = (slot + 1) & mask;
    this.#hashes[slot] = hash;
    this.#vids[slot] = vid;
  }

  #grow(): void {
    const [hashes, vids] = [this.#hashes, this.#vids];
    this.#hashes = new Int32Array(vids.length * 2);
    this.#vids = new Int32Array(vids.length * 2);
    for (let slot = 0; slot < vids.length; slot += 1) {
      if (vids[slot] !== 0) this.#put(hashes[slot] as number, vids[slot] as number);
    }
    release(hashes, vids);
  }
}

function hashOf(id: string): number {
  return linkHash(id) | 0;
}
