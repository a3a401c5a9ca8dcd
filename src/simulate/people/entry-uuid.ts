import { hash32 } from './random.ts';

/** Odd, so that multiplying by it modulo 2³² can be undone. */
const FACTOR = 0x9e3779b1;
const INVERSE = inverseModulo32(FACTOR);

/** A UUID that looks random (version 4, RFC 9562) and from which the number can be read back. */
export function uuidOfNumber(seed: number, number: number): string {
  const hex = (salt: number) => hash32(seed, number, salt).toString(16).padStart(8, '0');
  const [a, b, c] = [hex(101), hex(102), hex(103)];
  const variant = '89ab'.charAt(hash32(seed, number, 104) & 3);
  const hidden = (Math.imul(number, FACTOR) ^ hash32(seed, 0, 105)) >>> 0;
  const tail = b.slice(4) + hidden.toString(16).padStart(8, '0');
  return `${a}-${b.slice(0, 4)}-4${c.slice(0, 3)}-${variant}${c.slice(3, 6)}-${tail}`;
}

/** The number that a UUID of `uuidOfNumber` hides; whatever it gives for others must be checked by the way back. */
export function numberInUuid(seed: number, uuid: string): number | undefined {
  if (!/[0-9a-f]{8}$/u.test(uuid)) return undefined;
  const hidden = Number.parseInt(uuid.slice(-8), 16) ^ hash32(seed, 0, 105);
  return Math.imul(hidden, INVERSE) >>> 0;
}

/** Newton's iteration doubles the number of right bits. */
function inverseModulo32(odd: number): number {
  let inverse = odd;
  for (let round = 0; round < 5; round++) {
    inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  }
  return inverse;
}
