import { describe, expect, it } from 'vitest';
import { BerCursor, BerError } from '../../src/ldap/messages/ber.ts';
import { tlv, tlvLong } from '../support/ldap-bytes.ts';

function cursorOf(...bytes: readonly number[]): BerCursor {
  return new BerCursor(Buffer.from(bytes));
}

describe('BER', () => {
  it('reads lengths in the short form, in the long form and padded to four octets', () => {
    for (const size of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const content = Buffer.alloc(size, 7);
      for (const bytes of [tlv(0x04, content), tlvLong(0x04, content)]) {
        expect(new BerCursor(bytes).bytes(0x04, bytes.length)).toEqual(content);
      }
    }
  });

  it('reads integers of one to four octets with their sign', () => {
    expect(cursorOf(0x02, 1, 0x7f).integer(0x02, 3)).toBe(127);
    expect(cursorOf(0x02, 1, 0xff).integer(0x02, 3)).toBe(-1);
    expect(cursorOf(0x02, 2, 0x00, 0x80).integer(0x02, 4)).toBe(128);
    expect(cursorOf(0x02, 4, 0x7f, 0xff, 0xff, 0xff).integer(0x02, 6)).toBe(2_147_483_647);
  });

  it.each([
    ['no octets', [0x02, 0]],
    ['five octets', [0x02, 5, 0, 0, 0, 0, 1]],
  ])('refuses an integer of %s', (_, bytes) => {
    expect(() => cursorOf(...bytes).integer(0x02, bytes.length)).toThrow(BerError);
  });

  it.each([
    ['an indefinite length', [0x04, 0x80, 0, 0]],
    ['a length of five octets', [0x04, 0x85, 0, 0, 0, 0, 1, 0]],
    ['a length that is cut short', [0x04, 0x82, 1]],
    ['a length without an octet', [0x04]],
    ['content that is cut short', [0x04, 3, 1, 2]],
    ['another type', [0x02, 1, 1]],
    ['nothing', []],
  ])('refuses %s', (_, bytes) => {
    expect(() => cursorOf(...bytes).bytes(0x04, bytes.length)).toThrow(BerError);
  });

  it('does not let an inner length reach beyond the outer element', () => {
    const cursor = cursorOf(0x30, 3, 0x04, 2, 0x41, 0x42, 0x43);
    const end = cursor.enter(0x30, 7);
    expect(() => cursor.bytes(0x04, end)).toThrow(BerError);
  });

  it('steps over elements of any type but those with tags of several octets', () => {
    const cursor = cursorOf(0xa7, 1, 0, 0x04, 1, 0x41);
    cursor.skip(6);
    expect(cursor.text(0x04, 6)).toBe('A');
    expect(() => cursor.skip(6)).toThrow(BerError);
    expect(() => cursorOf(0x1f, 0x81, 0x01, 0).skip(4)).toThrow(BerError);
  });
});
