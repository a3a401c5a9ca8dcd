import { isUtf8 } from 'node:buffer';

const BYTES = 'application/octet-stream';
const CERTIFICATE = 'application/pkix-cert';

/** Attributes whose values are bytes even where these happen to be valid UTF-8, and what the bytes are. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ...['jpegphoto', 'thumbnailphoto', 'thumbnaillogo'].map((name) => [name, 'image/jpeg'] as const),
  ...['usercertificate', 'cacertificate'].map((name) => [name, CERTIFICATE] as const),
  ['usersmimecertificate', 'application/pkcs7-mime'],
  ['audio', 'audio/basic'],
  ...[
    ...['photo', 'personalsignature', 'logonhours', 'ntsecuritydescriptor'],
    ...['objectsid', 'sidhistory', 'securityidentifier', 'ms-ds-creatorsid', 'tokengroups'],
    ...['msexchmasteraccountsid', 'x500uniqueidentifier'],
  ].map((name) => [name, BYTES] as const),
]);

/** Exchange and others name theirs after what they are. */
const GUID_NAME = /guid$/;

/** What pictures begin with, for directories put any kind into the attribute that is called JPEG. */
const SIGNATURES: readonly (readonly [Buffer, string])[] = [
  [Buffer.from('ffd8ff', 'hex'), 'image/jpeg'],
  [Buffer.from('89504e47', 'hex'), 'image/png'],
  [Buffer.from('GIF8'), 'image/gif'],
];

/** The media type of a value that is bytes, undefined of one that is text. @param description of the attribute, in lower case */
export function binaryType(description: string, value: Buffer): string | undefined {
  const [name = '', ...options] = description.split(';');
  const known = TYPES.get(name) ?? (GUID_NAME.test(name) ? BYTES : undefined);
  if (known?.startsWith('image/')) return pictureType(value);
  // RFC 4522 §3: transferred as BER.
  if (known !== undefined || options.includes('binary')) return known ?? BYTES;
  return isUtf8(value) ? undefined : BYTES;
}

function pictureType(value: Buffer): string {
  const [, type = BYTES] = SIGNATURES.find(([start]) => startsWith(value, start)) ?? [];
  return type;
}

function startsWith(value: Buffer, start: Buffer): boolean {
  return value.subarray(0, start.length).equals(start);
}
