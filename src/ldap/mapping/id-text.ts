import { isUtf8 } from 'node:buffer';
import { guidBytes, guidOf } from './guid.ts';

const OBJECT_GUID = 'objectguid';
/** eDirectory's: bytes as well, in their order. */
const GUID = 'guid';
const GUID_BYTES = 16;

/** An id as it is stored and shown; undefined: it is no text, and two of them might look alike. @param attribute in lower case */
export function idText(attribute: string, value: Buffer): string | undefined {
  const isGuid = value.length === GUID_BYTES;
  if (isGuid && attribute === OBJECT_GUID) return guidOf(value);
  if (isGuid && attribute === GUID) return dashed(value);
  return isUtf8(value) && value.length > 0 ? value.toString() : undefined;
}

/** The way back: what the server compares with. */
export function idValue(attribute: string, text: string): string | Buffer {
  if (attribute === OBJECT_GUID) return guidBytes(text);
  return attribute === GUID ? Buffer.from(text.replaceAll('-', ''), 'hex') : text;
}

function dashed(value: Buffer): string {
  const bounds = [0, 4, 6, 8, 10, GUID_BYTES];
  return bounds
    .slice(1)
    .map((end, at) => value.toString('hex', bounds[at], end))
    .join('-');
}
