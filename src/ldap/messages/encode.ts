import { BerWriter } from 'ldapts';

/**
 * ldapts's BerWriter loses the last byte where a sequence over 64 KiB ends just at the end of its
 * buffer (`endSequence` moves the content without growing). Nothing is lost in a buffer that never
 * fills up, so whatever comes too close to the end is written again with room to spare. The slack
 * covers 300 nested sequences.
 */
const SLACK_BYTES = 1024;

/** The bytes that `write` writes. */
export function encode(write: (writer: BerWriter) => void): Buffer {
  let size = 4 * SLACK_BYTES;
  let bytes = encodeWithin(size, write);
  while (bytes.length + SLACK_BYTES > size) {
    size = 2 * (bytes.length + SLACK_BYTES);
    bytes = encodeWithin(size, write);
  }
  return bytes;
}

function encodeWithin(size: number, write: (writer: BerWriter) => void): Buffer {
  const writer = new BerWriter({ size });
  write(writer);
  return writer.buffer;
}

/**
 * UTF-8, refusing what has no UTF-8: a lone surrogate would silently become U+FFFD and name another.
 * @throws {TypeError}
 */
export function utf8(text: string): Buffer {
  assertWellFormed(text);
  return Buffer.from(text, 'utf8');
}

/** @throws {TypeError} */
export function assertWellFormed(text: string): void {
  if (!text.isWellFormed()) throw new TypeError('Expected valid Unicode, got a lone surrogate');
}
