// Deterministic pseudo-random numbers: the same seed gives the same organisation on every machine.

export type Random = {
  /** An integer from `low` to `high`, both included. */
  between(low: number, high: number): number;
  /** True once in `n` times. */
  onceIn(n: number): boolean;
  pick<T>(values: readonly T[]): T;
};

/** A bijection of 32-bit integers (the finaliser of MurmurHash3): different inputs never collide. */
export function scramble(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** A stream of numbers of its own for each `stream` of a seed (mulberry32). */
export function randomOf(seed: number, stream: number): Random {
  let state = scramble(scramble(seed) + stream);
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  const pick = <T>(values: readonly T[]): T => {
    const value = values[between(0, values.length - 1)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  };
  return { between, pick, onceIn: (n) => between(1, n) === 1 };
}
