import { describe, expect, it } from 'vitest';
import { BerError } from '../../src/ldap/messages/ber.ts';
import { RawEntry } from '../../src/ldap/messages/entry.ts';
import { Layout } from '../../src/ldap/messages/layout.ts';
import { decodeMessage } from '../../src/ldap/messages/message.ts';
import { decodeEntry as decode } from '../support/entries.ts';
import { entry, message, tlv, type Values } from '../support/ldap-bytes.ts';

type Attributes = readonly (readonly [string, Values])[];

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
    const layout = new Layout();
    // 31 × 'A' + 'a' = 31 × 'B' + 'B'
    for (const name of ['Aa', 'BB', 'Aa', 'BB']) {
      const found = decode(entry(1, 'cn=a', [[name, ['v']]]), layout);
      expect([...found.attributes.keys()]).toEqual([name.toLowerCase()]);
    }
  });

  it('decodes names beyond those that it remembers', () => {
    const layout = new Layout();
    const all = Array.from({ length: 3_000 }, (_, index) => `Attr${index}`);
    const bytes = entry(
      1,
      'cn=a',
      all.map((name) => [name, []]),
    );
    for (const found of [decode(bytes, layout), decode(bytes, layout)]) {
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
      expect(() => new RawEntry(cursor, end, new Layout())).toThrow(BerError);
    }
  });

  it('has text of every kind, whatever stands beside it', () => {
    const values = ['plain', 'é', '', '\u{1f600}', Buffer.from('ff41', 'hex'), '\u{feff}a', 'x'];
    for (const others of [[], ['é'], ['y'.repeat(5_000)], [Buffer.alloc(200, 0x80)]]) {
      const found = decoded(
        [['a', others], ...values.map((each) => ['b', [each]] as const)],
        'cn=é',
      );
      const texts = values.map((_, n) => found.text(others.length + n));
      expect(texts).toEqual(values.map((each) => each.toString()));
      expect(found.dn).toBe('cn=é');
    }
  });

  it('stays what it is when others of the connection are looked at', () => {
    const layout = new Layout();
    const [one, other] = ['1', '22'].map((text) =>
      decode(
        entry(1, `cn=${text}`, [
          ['a', [text]],
          [`b${text}`, []],
        ]),
        layout,
      ),
    );
    for (const [found, text] of [
      [one, '1'],
      [other, '22'],
      [one, '1'],
    ] as const) {
      expect(found?.text(0)).toBe(text);
      expect([...(found?.attributes.keys() ?? [])]).toEqual(['a', `b${text}`]);
      expect(found?.dn).toBe(`cn=${text}`);
    }
  });

  it('has bytes of its own when it is copied', () => {
    const bytes = entry(1, 'cn=é', [['A', ['x']]]);
    const copy = decode(bytes).copy();
    bytes.fill(0);
    expect([copy.dn, copy.text(0), copy.attributes.get('a')?.map(String)]).toEqual([
      ...['cn=é', 'x'],
      ['x'],
    ]);
  });
});
