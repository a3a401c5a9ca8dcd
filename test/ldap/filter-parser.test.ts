import { describe, expect, it } from 'vitest';
import { encode } from '../../src/ldap/messages/encode.ts';
import { FilterSyntaxError, parseFilter } from '../../src/ldap/messages/filters.ts';
import { tlv } from '../support/ldap-bytes.ts';

function bytesOf(text: string): Buffer {
  const filter = parseFilter(text);
  return encode((writer) => filter.write(writer));
}

function pair(tag: number, name: string, value: string | Buffer): Buffer {
  return tlv(tag, tlv(0x04, name), tlv(0x04, value));
}

function errorOf(text: string): FilterSyntaxError {
  try {
    parseFilter(text);
  } catch (error) {
    if (error instanceof FilterSyntaxError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown');
}

const TRUE = Buffer.from([0xff]);

describe('a filter from its text', () => {
  it.each([
    ['(cn=Babs Jensen)', pair(0xa3, 'cn', 'Babs Jensen')],
    ['(cn=)', pair(0xa3, 'cn', '')],
    ['(cn=Zoë)', pair(0xa3, 'cn', 'Zoë')],
    ['(cn=a=b)', pair(0xa3, 'cn', 'a=b')],
    ['(cn= a )', pair(0xa3, 'cn', ' a ')],
    ['(cn>=5)', pair(0xa5, 'cn', '5')],
    ['(cn<=5)', pair(0xa6, 'cn', '5')],
    ['(cn~=5)', pair(0xa8, 'cn', '5')],
    ['(cn=*)', tlv(0x87, 'cn')],
    ['(2.5.4.3;lang-de=x)', pair(0xa3, '2.5.4.3;lang-de', 'x')],
    ['(!(cn=x))', tlv(0xa2, pair(0xa3, 'cn', 'x'))],
    ['(&)', tlv(0xa0)],
    ['(|)', tlv(0xa1)],
  ])('reads %s', (text, expected) => {
    expect(bytesOf(text)).toEqual(expected);
  });

  it('decodes escapes as bytes: \\c3\\a9 is é, \\ff is no UTF-8, \\2a is no wildcard', () => {
    expect(bytesOf('(cn=caf\\c3\\a9)')).toEqual(pair(0xa3, 'cn', 'café'));
    expect(bytesOf('(id=\\00\\ff\\80)')).toEqual(pair(0xa3, 'id', Buffer.from([0, 0xff, 0x80])));
    expect(bytesOf('(cn=\\2A\\28\\29\\5c)')).toEqual(pair(0xa3, 'cn', '*()\\'));
  });

  it('reads substrings in every shape', () => {
    const list = (...parts: Buffer[]) => tlv(0xa4, tlv(0x04, 'cn'), tlv(0x30, ...parts));
    expect(bytesOf('(cn=a*)')).toEqual(list(tlv(0x80, 'a')));
    expect(bytesOf('(cn=*a)')).toEqual(list(tlv(0x82, 'a')));
    expect(bytesOf('(cn=*a*)')).toEqual(list(tlv(0x81, 'a')));
    expect(bytesOf('(cn=a*\\2a*b*c)')).toEqual(
      list(tlv(0x80, 'a'), tlv(0x81, '*'), tlv(0x81, 'b'), tlv(0x82, 'c')),
    );
  });

  it('reads extensible matches in every shape', () => {
    const value = tlv(0x83, '2');
    const rule = tlv(0x81, '1.2.840.113556.1.4.803');
    const attribute = tlv(0x82, 'userAccountControl');
    expect(bytesOf('(userAccountControl:1.2.840.113556.1.4.803:=2)')).toEqual(
      tlv(0xa9, rule, attribute, value),
    );
    expect(bytesOf('(userAccountControl:=2)')).toEqual(tlv(0xa9, attribute, value));
    const dn = tlv(0x84, TRUE);
    expect(bytesOf('(ou:DN:=2)')).toEqual(tlv(0xa9, tlv(0x82, 'ou'), value, dn));
    expect(bytesOf('(ou:dn:caseExactMatch:=2)')).toEqual(
      tlv(0xa9, tlv(0x81, 'caseExactMatch'), tlv(0x82, 'ou'), value, dn),
    );
  });

  it('allows space and line breaks between components', () => {
    const spaced = ' ( &\n  (objectClass=person)\n  ( ! (cn=x) )\n ) ';
    expect(bytesOf(spaced)).toEqual(bytesOf('(&(objectClass=person)(!(cn=x)))'));
  });

  it.each([
    ['', 1, '`(`'],
    ['cn=x', 1, '`(`'],
    ['(cn=x', 6, '`)`'],
    ['(cn=x))', 7, 'the end'],
    ['(cn)', 2, 'attribute=value'],
    ['(=x)', 2, 'an attribute name'],
    ['(c n=x)', 2, 'an attribute name'],
    ['(&(cn=x)', 9, '`)`'],
    ['(&cn=x)', 3, '`)`'],
    ['(!)', 3, '`(`'],
    ['(!(a=b)(c=d))', 8, '`)`'],
    ['(cn=a(b)', 6, '`)`'],
    ['(cn=a\0b)', 6, '`)`'],
    ['(cn=a\\2)', 6, 'hexadecimal'],
    ['(cn=a\\zz)', 6, 'hexadecimal'],
    ['(cn=a**b)', 5, 'asterisks'],
    ['(cn>=a*)', 7, '`)`'],
    ['(:=x)', 2, 'extensible'],
    ['(cn:a:b:=x)', 2, 'extensible'],
    ['(:dn:=x)', 2, 'extensible'],
    ['(cn=\u{d800})', 5, 'Unicode'],
    ['(uid=*)(uid=*)', 8, 'the end'],
    ['*)(uid=*', 1, '`(`'],
  ])('refuses %j and names the position', (text, position, expected) => {
    const error = errorOf(text);
    expect(error.position).toBe(position);
    expect(error.message).toContain(expected);
    expect(error.message).toContain(`position ${position}`);
  });

  it('does not repeat the filter in its errors', () => {
    expect(errorOf('(cn=topsecret').message).not.toContain('topsecret');
  });

  it('refuses nesting that would exhaust the stack', () => {
    const nested = (depth: number) => `${'(!'.repeat(depth)}(a=b)${')'.repeat(depth)}`;
    expect(bytesOf(nested(99)).length).toBeGreaterThan(99);
    expect(errorOf(nested(100)).message).toContain('100');
    expect(errorOf(nested(100_000)).message).toContain('100');
  });
});
