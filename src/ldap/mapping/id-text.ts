import { isUtf8 } from 'node:buffer';
import type { RawEntry } from '../messages/entry.ts';
import { mayBeBroken } from '../text.ts';
import { guidBytes, guidOf } from './guid.ts';

const OBJECT_GUID = 'objectguid';
/** eDirectory's: bytes as well, in their order. */
const GUID = 'guid';
const GUID_BYTES = 16;

/**
 * An id as it is stored and shown; undefined: it is no text, and two of them might look alike.
 * @param attribute in lower case
 * @param value its number in the layout of the entry
 */
export function idText(attribute: string, entry: RawEntry, value: number): string | undefined {
  if (attribute === OBJECT_GUID || attribute === GUID) {
    const bytes = entry.bytes(value);
    if (bytes.length === GUID_BYTES) return attribute === GUID ? dashed(bytes) : guidOf(bytes);
  }
  const text = entry.text(value);
  if (text === '' || (mayBeBroken(text) && !isUtf8(entry.bytes(value)))) return undefined;
  return text;
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
