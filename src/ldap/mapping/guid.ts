const GUID_BYTES = 16;

/** The usual text form: the first three groups are little-endian ([MS-DTYP] §2.3.4). Undefined: these are no GUID. */
export function guidOf(bytes: Buffer | undefined): string | undefined {
  if (bytes?.length !== GUID_BYTES) return undefined;
  const hex = bytes.toString('hex');
  const [a, b, c] = [reversed(hex, 0, 8), reversed(hex, 8, 12), reversed(hex, 12, 16)];
  return `${a}-${b}-${c}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function reversed(hex: string, from: number, to: number): string {
  let text = '';
  for (let at = to; at > from; at -= 2) text += hex.slice(at - 2, at);
  return text;
}

/** The way back. */
export function guidBytes(text: string): Buffer {
  const groups = text.split('-').map((group) => Buffer.from(group, 'hex'));
  return Buffer.concat(groups.map((group, at) => (at < 3 ? group.reverse() : group)));
}
