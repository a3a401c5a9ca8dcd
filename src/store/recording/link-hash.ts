/**
 * 52 bits of a link key, as an integer that SQLite stores in seven bytes: an index over whole DNs would be several
 * times the size. Hits are compared by their keys, so that a collision costs a look and never merges two people.
 */
export function linkHash(key: string): number {
  let high = 0x811c9dc5;
  let low = 0x01000193;
  for (let i = 0; i < key.length; i += 1) {
    const unit = key.charCodeAt(i);
    high = Math.imul(high ^ unit, 0x85ebca6b);
    low = Math.imul(low ^ unit, 0xc2b2ae35);
    high ^= low >>> 15;
    low ^= high >>> 13;
  }
  return (high & 0xfffff) * 0x1_0000_0000 + (low >>> 0);
}
