import { describe, expect, it } from 'vitest';
import { equality, present } from '../../src/ldap/messages/filters.ts';
import {
  abandonRequest,
  bindRequest,
  type SearchSpec,
  searchRequest,
  startTlsRequest,
  unbindRequest,
} from '../../src/ldap/messages/requests.ts';
import { elements, tlv } from '../support/ldap-bytes.ts';

const SPEC: SearchSpec = {
  base: 'dc=example',
  scope: 'sub',
  filter: present('cn'),
  attributes: ['cn', 'mail'],
};

function operationOf(message: Buffer): Buffer {
  const [outer] = elements(message);
  const [, operation] = elements(outer?.content ?? Buffer.alloc(0));
  return operation?.content ?? Buffer.alloc(0);
}

function searchParts(spec: Partial<SearchSpec>): readonly string[] {
  return elements(operationOf(searchRequest(1, { ...SPEC, ...spec }))).map(({ content }) =>
    content.toString('hex'),
  );
}

const int = (value: number) => tlv(0x02, Buffer.from([value]));

describe('requests on the wire', () => {
  it('limit neither time nor size and never dereference aliases unless told', () => {
    const [, scope, deref, size, time, typesOnly] = searchParts({});
    expect([scope, deref, size, time, typesOnly]).toEqual(['02', '00', '00', '00', '00']);
  });

  it('carry scope, size limit and time limit as given', () => {
    const limits = { sizeLimit: 500, timeLimitSeconds: 128 };
    const [, scope, deref, size, time] = searchParts({ scope: 'one', ...limits });
    expect([scope, deref, size, time]).toEqual(['01', '00', '01f4', '0080']);
    expect(searchParts({ scope: 'base' })[1]).toBe('00');
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 31])('refuse the limit %s', (value) => {
    expect(() => searchRequest(1, { ...SPEC, sizeLimit: value })).toThrow(RangeError);
    expect(() => searchRequest(1, { ...SPEC, timeLimitSeconds: value })).toThrow(RangeError);
  });

  it('carry a base of any bytes, and text as UTF-8', () => {
    expect(searchParts({ base: Buffer.from([0xff, 0]) })[0]).toBe('ff00');
    expect(searchParts({ base: 'ou=é' })[0]).toBe(Buffer.from('ou=é').toString('hex'));
    expect(() => searchRequest(1, { ...SPEC, base: '\u{dc00}' })).toThrow(TypeError);
  });

  it.each(['*', '+', '1.1', 'directReports;range=1500-*', 'member;range=0-1499'])(
    'ask for %s',
    (name) => {
      const list = searchParts({ attributes: [name] })[7] ?? '';
      expect(list).toBe(tlv(0x04, name).toString('hex'));
    },
  );

  it.each(['', 'a b', 'cn,mail', '**'])('refuse to ask for %j', (name) => {
    expect(() => searchRequest(1, { ...SPEC, attributes: [name] })).toThrow(TypeError);
  });

  it('carry the paging control, its criticality only where it is not the default', () => {
    const page = { size: 500, cookie: Buffer.from([0, 0xff]) };
    const value = tlv(0x30, tlv(0x02, Buffer.from([1, 0xf4])), tlv(0x04, page.cookie));
    const oid = tlv(0x04, '1.2.840.113556.1.4.319');
    const plain = tlv(0xa0, tlv(0x30, oid, tlv(0x04, value)));
    expect(searchRequest(1, { ...SPEC, page }).subarray(-plain.length)).toEqual(plain);
    const strict = tlv(0xa0, tlv(0x30, oid, tlv(0x01, Buffer.from([0xff])), tlv(0x04, value)));
    const critical = searchRequest(1, { ...SPEC, page: { ...page, critical: true } });
    expect(critical.subarray(-strict.length)).toEqual(strict);
  });

  it('refuse pages of no entries', () => {
    const page = { size: 0, cookie: Buffer.alloc(0) };
    expect(() => searchRequest(1, { ...SPEC, page })).toThrow(RangeError);
  });

  it('are whole where the writer of ldapts, full to the brim, loses the last byte', () => {
    const names = Array.from({ length: 20_000 }, () => 'cn;lang-x');
    const brim = 262_144;
    const fixed = searchRequest(1, {
      ...SPEC,
      filter: equality('a', ''),
      attributes: names,
    }).length;
    for (let size = brim - fixed - 40; size <= brim - fixed + 8; size += 1) {
      const filter = equality('a', Buffer.alloc(size));
      const [outer, ...others] = elements(searchRequest(1, { ...SPEC, filter, attributes: names }));
      expect(others).toEqual([]);
      expect(elements(outer?.content ?? Buffer.of())).toHaveLength(2);
    }
  });

  it('bind with exactly the bytes of the password', () => {
    const credentials = { kind: 'simple', dn: 'cn=é', password: 'p\0ä*' } as const;
    const expected = Buffer.concat([int(3), tlv(0x04, 'cn=é'), tlv(0x80, 'p\0ä*')]);
    expect(operationOf(bindRequest(1, credentials))).toEqual(expected);
  });

  it('bind anonymously, and by certificate', () => {
    const anonymous = Buffer.concat([int(3), tlv(0x04, ''), tlv(0x80, '')]);
    expect(operationOf(bindRequest(1, { kind: 'anonymous' }))).toEqual(anonymous);
    const sasl = tlv(0xa3, tlv(0x04, 'EXTERNAL'), tlv(0x04, ''));
    const external = Buffer.concat([int(3), tlv(0x04, ''), sasl]);
    expect(operationOf(bindRequest(1, { kind: 'external' }))).toEqual(external);
  });

  it('do not bind with an empty password or an empty DN, which servers take for anonymous', () => {
    const empty = { kind: 'simple', dn: 'cn=a', password: '' } as const;
    expect(() => bindRequest(1, empty)).toThrow(TypeError);
    expect(() => bindRequest(1, { ...empty, dn: '', password: 'secret' })).toThrow(TypeError);
  });

  it.each([1, 127, 128, 255, 256, 65_536, 2_147_483_647])('abandon message %i', (id) => {
    const content = operationOf(abandonRequest(9, id));
    expect(content.readIntBE(0, content.length)).toBe(id);
  });

  it('unbind and ask for TLS', () => {
    expect(unbindRequest(3)).toEqual(tlv(0x30, int(3), tlv(0x42)));
    const oid = tlv(0x80, '1.3.6.1.4.1.1466.20037');
    expect(startTlsRequest(1)).toEqual(tlv(0x30, int(1), tlv(0x77, oid)));
  });
});
