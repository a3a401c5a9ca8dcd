import { describe, expect, it } from 'vitest';
import { encode } from '../../src/ldap/messages/encode.ts';
import {
  and,
  anyEqual,
  assertion,
  equality,
  type Filter,
  filterBytes,
  not,
  or,
  present,
  substrings,
} from '../../src/ldap/messages/filters.ts';
import { tlv } from '../support/ldap-bytes.ts';

function bytesOf(filter: Filter): Buffer {
  return encode((writer) => filter.write(writer));
}

function equalityBytes(name: string, value: string | Buffer): Buffer {
  return tlv(0xa3, tlv(0x04, name), tlv(0x04, value));
}

describe('filters from data', () => {
  it.each([
    ['ASCII', 'jdoe'],
    ['nothing', ''],
    ['two-byte letters', 'Zoë Müller'],
    ['a four-byte emoji', '\u{1f9d1}'],
    ['what looks like syntax', '*)(uid=*'],
    ['backslashes', '\\2a\\'],
    ['NUL', 'a\0b'],
    ['a byte order mark', '\u{feff}a'],
    ['line breaks and controls', 'a\r\n\u{7f}\u{202e}'],
  ])('send a value of %s as exactly its UTF-8 bytes', (_, value) => {
    const expected = equalityBytes('uid', Buffer.from(value, 'utf8'));
    expect(bytesOf(equality('uid', value))).toEqual(expected);
  });

  it('send any of several values as the equalities that it stands for, of whatever length', () => {
    const values = [0, 1, 100, 127, 128, 255, 256, 65_535, 65_536].map((n) => 'x'.repeat(n));
    const lists = [['a', 'é'], values, [...values, '\u{1f9d1}'.repeat(40)]];
    for (const list of lists) {
      const plain = tlv(0xa1, ...list.map((value) => equalityBytes('manager', value)));
      expect(bytesOf(anyEqual('manager', list)).equals(plain)).toBe(true);
    }
    expect(bytesOf(anyEqual('manager', ['a']))).toEqual(equalityBytes('manager', 'a'));
    expect(() => anyEqual('manager', [])).toThrow(RangeError);
    expect(() => anyEqual('manager', ['a', '\ud800'])).toThrow(TypeError);
    expect(() => anyEqual('manager)', ['a', 'b'])).toThrow(TypeError);
  });

  it('send bytes of every value as they are', () => {
    const value = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect(bytesOf(equality('objectGUID', value))).toEqual(equalityBytes('objectGUID', value));
  });

  it('refuse a lone surrogate, which has no UTF-8', () => {
    expect(() => equality('uid', 'a\u{d800}b')).toThrow(TypeError);
  });

  it('join, negate and compare', () => {
    const one = equality('a', '1');
    const two = equality('b', '2');
    const [first, second] = [equalityBytes('a', '1'), equalityBytes('b', '2')];
    expect(bytesOf(and([one, two]))).toEqual(tlv(0xa0, first, second));
    expect(bytesOf(or([one, two]))).toEqual(tlv(0xa1, first, second));
    expect(bytesOf(not(one))).toEqual(tlv(0xa2, first));
    expect(bytesOf(present('cn'))).toEqual(tlv(0x87, 'cn'));
    const least = tlv(0xa5, tlv(0x04, 'a'), tlv(0x04, 'é'));
    expect(bytesOf(assertion('greaterOrEqual', 'a', 'é'))).toEqual(least);
  });

  it('send the parts of a substring', () => {
    const any = [Buffer.from('b'), Buffer.from('c')];
    const filter = substrings('cn', { initial: Buffer.from('a'), any, final: Buffer.from([0xff]) });
    const parts = [tlv(0x80, 'a'), tlv(0x81, 'b'), tlv(0x81, 'c'), tlv(0x82, Buffer.from([0xff]))];
    expect(bytesOf(filter)).toEqual(tlv(0xa4, tlv(0x04, 'cn'), tlv(0x30, ...parts)));
    expect(() => substrings('cn', { any: [] })).toThrow(TypeError);
    expect(() => substrings('cn', { any: [Buffer.alloc(0)] })).toThrow(TypeError);
  });

  it('of one filter are that filter, of none are refused', () => {
    const one = equality('a', '1');
    expect(or([one])).toBe(one);
    expect(and([one])).toBe(one);
    expect(() => or([])).toThrow(RangeError);
    expect(() => and([])).toThrow(RangeError);
  });

  it.each(['cn', 'x-my-attr', '2.5.4.3', 'cn;lang-de', 'userCertificate;binary'])(
    'take the attribute name %s',
    (name) => {
      expect(bytesOf(present(name))).toEqual(tlv(0x87, name));
    },
  );

  it.each(['', 'c n', 'cn)(uid', 'cn=*', '1cn', '2.', '2.05.4', 'cn;', 'cné', 'cn\0', 'a\n'])(
    'refuse %j as an attribute name',
    (name) => {
      expect(() => present(name)).toThrow(TypeError);
      expect(() => equality(name, 'x')).toThrow(TypeError);
    },
  );

  it('know their own size in bytes', () => {
    const filter = or(Array.from({ length: 200 }, (_, n) => equality('manager', `uid=é${n}`)));
    expect(filterBytes(filter)).toBe(bytesOf(filter).length);
    expect(filterBytes(equality('uid', 'é'))).toBe(equalityBytes('uid', 'é').length);
  });

  it('keep their last byte where the writer of ldapts, full to the brim, loses it', () => {
    // ldapts grows its buffer from 1,024 (or our 4,096) by a factor of 8.
    for (const brim of [262_144, 524_288]) {
      const block = Buffer.alloc(1_000, 1);
      const count = Math.floor(brim / 1_100);
      const blocks = Array.from({ length: count }, () => equality('manager', block));
      const inner = Array.from({ length: count }, () => equalityBytes('manager', block));
      const left = brim - Buffer.concat(inner).length;
      for (let length = left - 24; length < left; length += 1) {
        const value = Buffer.alloc(length, 2);
        const bytes = bytesOf(or([...blocks, equality('a', value)]));
        expect(bytes.equals(tlv(0xa1, ...inner, equalityBytes('a', value)))).toBe(true);
      }
    }
  });

  it('do not show values as text', () => {
    const filter = and([
      equality('uid', 'secret'),
      substrings('cn', { any: [Buffer.from('secret')] }),
    ]);
    expect(`${filter}`).not.toContain('secret');
  });
});
