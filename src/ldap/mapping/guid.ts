const GUID_BYTES = 16;

/** The usual text form: the first three groups are little-endian ([MS-DTYP] §2.3.4). Undefined: these are no GUID. */
export function guidOf(bytes: Buffer | undefined): string | undefined {
  if (bytes?.length !== GUID_BYTES) return undefined;
  const groups = [
    Buffer.from(bytes.subarray(0, 4)).reverse(),
    Buffer.from(bytes.subarray(4, 6)).reverse(),
    Buffer.from(bytes.subarray(6, 8)).reverse(),
    bytes.subarray(8, 10),
    bytes.subarray(10),
  ];
  return groups.map((group) => group.toString('hex')).join('-');
}

/** The way back. */
export function guidBytes(text: string): Buffer {
  const groups = text.split('-').map((group) => Buffer.from(group, 'hex'));
  return Buffer.concat(groups.map((group, at) => (at < 3 ? group.reverse() : group)));
}
