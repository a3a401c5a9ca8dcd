import { isUtf8 } from 'node:buffer';

/** What is longer is cut while it is read: one entry shall not fill the memory, nor the database. */
export const MAX_VALUE_BYTES = 65_536;
/** A character in UTF-8 (RFC 3629), in bytes. */
const LONGEST_CHARACTER = 4;

/** A long value is cut between two characters. */
export function textOf(value: Buffer): string {
  if (!isLong(value)) return value.toString();
  const least = MAX_VALUE_BYTES - LONGEST_CHARACTER + 1;
  let end = MAX_VALUE_BYTES;
  while (end > least && isContinuation(value[end])) end -= 1;
  return value.toString('utf8', 0, end);
}

/** Begins what stands for a value that is no text. */
const UNREADABLE = '\u{fffd}';

/**
 * A value that may be no valid UTF-8, so that different bytes are different text: those beyond ASCII as `\c3`, behind a
 * mark. Nothing may be asked of the server by such a text.
 */
export function linkText(value: Buffer): string {
  if (isUtf8(value)) return textOf(value);
  const bytes = value.toString('latin1', 0, MAX_VALUE_BYTES);
  return (
    UNREADABLE +
    bytes.replace(/[\x80-\xff]/g, (sign) => `\\${Buffer.from(sign, 'latin1').toString('hex')}`)
  );
}

/** False: it was decoded from valid UTF-8. Where it is true, only the bytes tell: U+FFFD is a character, too. */
export function mayBeBroken(text: string): boolean {
  return text.includes(UNREADABLE);
}

export function isUnreadable(link: string): boolean {
  return link.startsWith(UNREADABLE);
}

function isContinuation(byte = 0): boolean {
  return (byte & 0xc0) === 0x80;
}

export function isLong(value: Buffer): boolean {
  return value.length > MAX_VALUE_BYTES;
}
