import { describe, expect, it } from 'vitest';
import { BerError } from '../../src/ldap/messages/ber.ts';
import { AttributeNames, decodeEntry, type RawEntry } from '../../src/ldap/messages/entry.ts';
import { decodeMessage } from '../../src/ldap/messages/message.ts';
import { entry, message, tlv, type Values } from '../support/ldap-bytes.ts';

type Attributes = readonly (readonly [string, Values])[];

function decode(bytes: Buffer, names = new AttributeNames()): RawEntry {
  const { cursor, operationEnd } = decodeMessage(bytes);
  return decodeEntry(cursor, operationEnd, names);
}

function decoded(attributes: Attributes, dn: Buffer | string = 'cn=a'): RawEntry {
  return decode(entry(1, dn, attributes));
}

describe('a search result entry', () => {
  it('keeps a leading EF BB BF of a value and of the DN', () => {
    const value = Buffer.from('efbbbf41', 'hex');
    const found = decoded([['id', [value]]], Buffer.from('efbbbf636e3d61', 'hex'));
    expect(found.attributes.get('id')).toEqual([value]);
    expect(found.dnBytes.toString('hex')).toBe('efbbbf636e3d61');
    expect(found.dn).toBe('\u{feff}cn=a');
  });

  it('keeps every byte of values that are no UTF-8', () => {
    const value = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    expect(decoded([['objectGUID', [value]]]).attributes.get('objectguid')).toEqual([value]);
  });

  it('tells a DN that is no UTF-8, and keeps its bytes', () => {
    const bytes = Buffer.from('636e3dff', 'hex');
    const { dn, dnBytes, dnValid } = decoded([], bytes);
    expect({ dn, dnBytes, dnValid }).toEqual({ dn: 'cn=\u{fffd}', dnBytes: bytes, dnValid: false });
    expect(decoded([], 'cn=\u{1f600}é').dnValid).toBe(true);
  });

  it('does not let attributes named dn, controls or __proto__ touch anything else', () => {
    const found = decoded([
      ['dn', ['cn=evil']],
      ['__proto__', ['x']],
      ['constructor', ['y']],
      ['controls', ['z']],
    ]);
    expect(found.dn).toBe('cn=a');
    expect([...found.attributes.keys()]).toEqual(['dn', '__proto__', 'constructor', 'controls']);
    expect(Object.getPrototypeOf(found.attributes)).toBe(Map.prototype);
  });

  it('lowers the case of names, and keeps their options', () => {
    const found = decoded([
      ['displayName', ['a']],
      ['directReports;range=0-1499', ['b']],
      ['CN;lang-DE', ['c']],
    ]);
    const names = ['displayname', 'directreports;range=0-1499', 'cn;lang-de'];
    expect([...found.attributes.keys()]).toEqual(names);
  });

  it('merges an attribute that comes twice, in whatever case', () => {
    const found = decoded([
      ['mail', ['a', 'b']],
      ['MAIL', ['c']],
    ]);
    expect(found.attributes.get('mail')?.map(String)).toEqual(['a', 'b', 'c']);
  });

  it('tells an attribute without values, an empty value and a missing attribute apart', () => {
    const { attributes } = decoded([
      ['none', []],
      ['empty', ['']],
    ]);
    expect(attributes.get('none')).toEqual([]);
    expect(attributes.get('empty')).toEqual([Buffer.alloc(0)]);
    expect(attributes.get('missing')).toBeUndefined();
  });

  it('keeps apart attribute names that share a hash', () => {
    const names = new AttributeNames();
    // 31 × 'A' + 'a' = 31 × 'B' + 'B'
    for (const name of ['Aa', 'BB', 'Aa', 'BB']) {
      const found = decode(entry(1, 'cn=a', [[name, ['v']]]), names);
      expect([...found.attributes.keys()]).toEqual([name.toLowerCase()]);
    }
  });

  it('decodes names beyond those that it remembers', () => {
    const names = new AttributeNames();
    const all = Array.from({ length: 3_000 }, (_, index) => `Attr${index}`);
    const bytes = entry(
      1,
      'cn=a',
      all.map((name) => [name, []]),
    );
    for (const found of [decode(bytes, names), decode(bytes, names)]) {
      expect([...found.attributes.keys()]).toEqual(all.map((name) => name.toLowerCase()));
    }
  });

  it('does not confuse names whose bytes are no ASCII', () => {
    const list = ['ff', 'fe'].map((hex) =>
      tlv(0x30, tlv(0x04, Buffer.from(hex, 'hex')), tlv(0x31)),
    );
    const bytes = message(1, tlv(0x64, tlv(0x04, 'cn=a'), tlv(0x30, ...list)));
    expect(decode(bytes).attributes.size).toBe(2);
  });

  it('refuses lengths that reach into the next attribute', () => {
    const bytes = entry(1, 'cn=a', [
      ['a', ['1']],
      ['b', ['2']],
    ]);
    const value = bytes.indexOf(Buffer.from([0x04, 1, 0x31]));
    bytes.writeUInt8(9, value + 1);
    expect(() => decode(bytes)).toThrow(BerError);
  });

  it('refuses an entry that is cut short anywhere', () => {
    const bytes = entry(1, 'cn=a', [['a', ['1', '2']]]);
    const content = decodeMessage(bytes);
    for (let end = content.cursor.offset; end < content.operationEnd; end += 1) {
      const { cursor } = decodeMessage(bytes);
      expect(() => decodeEntry(cursor, end, new AttributeNames())).toThrow(BerError);
    }
  });
});
