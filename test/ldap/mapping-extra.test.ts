// The column `attributes`: what is kept beside the columns.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExtraAttributes } from '../../src/ldap/mapping/extra-attributes.ts';

type Given = Readonly<Record<string, readonly (string | Buffer)[]>>;

const KIB_64 = 65_536;

function read(names: readonly string[], given: Given) {
  const attributes = new Map(
    Object.entries(given).map(([name, values]) => [
      name.toLowerCase(),
      values.map((value) => Buffer.from(value)),
    ]),
  );
  const { json, capped } = new ExtraAttributes(names).read(attributes);
  return { json, capped, content: JSON.parse(json) };
}

const base64 = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

describe('extra attributes', () => {
  it('are lists under the names that were asked for, none where the entry has none', () => {
    const given = { EMPLOYEETYPE: ['b', 'a'], carlicense: ['007'], other: ['x'], empty: [] };
    const { json } = read(['employeeType', 'carLicense', 'missing', 'empty'], given);
    expect(json).toBe('{"carLicense":["007"],"employeeType":["a","b"]}');
    expect(read([], given).json).toBe('{}');
  });

  it('are equal text where they have equal content, in whatever order it comes', () => {
    const values = fc.uniqueArray(fc.uint8Array({ minLength: 1, maxLength: 3 }), {
      selector: (bytes) => Buffer.from(bytes).toString('hex'),
    });
    const shuffled = values.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(shuffled, ([one, other]) => {
        const of = (list: readonly Uint8Array[]) =>
          read(['a', 'b'], { b: ['x'], a: list.map((bytes) => Buffer.from(bytes)) }).json;
        expect(of(one)).toBe(of(other));
      }),
    );
  });

  it.each([
    ['a photo', 'jpegPhoto', 'ffd8ffe000', 'image/jpeg'],
    ['a photo that is another picture', 'thumbnailPhoto', '89504e470d0a', 'image/png'],
    ['a certificate', 'userCertificate;binary', '3003020101', 'application/pkix-cert'],
    ['a SID', 'objectSid', '0105', 'application/octet-stream'],
    ['a GUID of somebody’s own', 'msExchMailboxGuid', '00'.repeat(16), 'application/octet-stream'],
    ['what is called binary', 'x;binary', '61', 'application/octet-stream'],
    ['what is no UTF-8', 'description', 'e9', 'application/octet-stream'],
  ])('of bytes are base64 with their type: %s', (_, name, hex, type) => {
    expect(read([name], { [name]: [Buffer.from(hex, 'hex')] }).content).toEqual({
      [name]: [{ base64: base64(hex), type }],
    });
  });

  it('keep text as it is', () => {
    const odd = '007 \u{1f600} <b> \u202e \0 " \\ \u{feff}';
    expect(read(['a'], { a: [odd, `${odd}x`] }).content).toEqual({ a: [odd, `${odd}x`] });
    expect(read(['__proto__'], { __proto__: ['x'] }).json).toBe('{}');
  });

  it('with options are themselves alone; binary is no option of the content', () => {
    const given = { 'cn;lang-de': ['d'], cn: ['c'], 'userCertificate;binary': ['x'] };
    expect(read(['cn;lang-DE'], given).content).toEqual({ 'cn;lang-DE': ['d'] });
    expect(read(['cn'], given).content).toEqual({ cn: ['c'] });
    expect(Object.keys(read(['userCertificate'], given).content)).toEqual(['userCertificate']);
  });

  it('over 64 KiB are cut as text, left out as bytes, and named', () => {
    const text = read(['a', 'b'], { a: ['é'.repeat(KIB_64)], b: ['short'] });
    expect(Buffer.byteLength(text.content.a[0])).toBe(KIB_64);
    expect(text.capped).toEqual(['a']);
    const photo = Buffer.alloc(KIB_64 + 1, 0xff);
    const { content, capped } = read(['jpegPhoto'], { jpegPhoto: [photo, Buffer.from('GIF8')] });
    expect(content.jpegPhoto).toEqual([{ base64: base64('47494638'), type: 'image/gif' }]);
    expect(capped).toEqual(['jpegPhoto']);
  });

  it('of 50,000 values are cut to what belongs to a person, and named', () => {
    const many = Array.from({ length: 50_000 }, (_, at) => `uid=${at},ou=people,dc=example,dc=com`);
    const { json, content, capped } = read(['member'], { member: many });
    expect(json.length).toBeLessThan(1.1 * 16 * KIB_64);
    expect(content.member.length).toBeGreaterThan(10_000);
    expect(capped).toEqual(['member']);
    expect(read(['member'], { member: many.toReversed() }).json).toBe(json);
  });

  it.each([
    ['member;range=0-1', ['member']],
    ['member;range=0-*', []],
  ])('in a range are kept, and named where there are more: %s', (name, capped) => {
    const got = read(['member'], { [name]: ['b', 'a'], member: [] });
    expect(got.content).toEqual({ member: ['a', 'b'] });
    expect(got.capped).toEqual(capped);
  });
});
