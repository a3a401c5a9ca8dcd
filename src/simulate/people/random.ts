/** 32 bits that depend on all of their inputs (the finaliser of MurmurHash3). Not for secrets. */
export function hash32(seed: number, index: number, salt: number): number {
  let mixed = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(salt + 1, 0x27d4eb2f);
  mixed = scramble(mixed ^ Math.floor(index / 0x100000000));
  return scramble(mixed ^ index);
}

/** A sequence of numbers in [0, 1), the same for the same seed. */
export function randomSequence(seed: number): () => number {
  let count = 0;
  return () => hash32(seed, count++, 0x5eed) / 0x100000000;
}

function scramble(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
