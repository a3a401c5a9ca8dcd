/** [MS-DTYP] §2.3.4: of the 16 bytes, the first three groups of the text are little-endian. */
export function guidBytes(text: string): Buffer {
  return swapped(Buffer.from(text.replaceAll('-', ''), 'hex'));
}

export function guidText(bytes: Buffer): string {
  const hex = swapped(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.*)$/u, '$1-$2-$3-$4-$5');
}

const LITTLE_ENDIAN: readonly (readonly [number, number])[] = [
  [0, 4],
  [4, 6],
  [6, 8],
];

/** Its own inverse. */
function swapped(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (const [from, to] of LITTLE_ENDIAN) copy.subarray(from, to).reverse();
  return copy;
}
