// LDAP messages as bytes for scripted servers, coded without the help of `src/` or ldapts, so that
// one mistake cannot hide in both.

export function tlv(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(length);
  const used = octets.subarray(octets.findIndex((octet) => octet !== 0));
  return Buffer.concat([Buffer.from([0x80 | used.length]), used]);
}

/** As Active Directory writes lengths: four octets, however short the content. */
export function tlvLong(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const header = Buffer.from([tag, 0x84, 0, 0, 0, 0]);
  header.writeUInt32BE(content.length, 2);
  return Buffer.concat([header, content]);
}

export function integer(value: number, tag = 0x02): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeInt32BE(value);
  return tlv(tag, octets);
}

export function message(id: number, operation: Buffer, ...controls: readonly Buffer[]): Buffer {
  const tail = controls.length === 0 ? [] : [tlv(0xa0, ...controls)];
  return tlv(0x30, integer(id), operation, ...tail);
}

export type Values = readonly (Buffer | string)[];

export function entry(
  id: number,
  dn: Buffer | string,
  attributes: readonly (readonly [string, Values])[] = [],
): Buffer {
  const list = attributes.map(([name, values]) =>
    tlv(0x30, tlv(0x04, name), tlv(0x31, ...values.map((value) => tlv(0x04, value)))),
  );
  return message(id, tlv(0x64, tlv(0x04, dn), tlv(0x30, ...list)));
}

export interface ResultParts {
  readonly matchedDn?: string;
  readonly diagnostic?: string;
  readonly referrals?: readonly string[];
}

/** The components of an LDAPResult. */
export function resultParts(code: number, parts: ResultParts = {}): Buffer {
  const { matchedDn = '', diagnostic = '', referrals } = parts;
  const uris = referrals?.map((uri) => tlv(0x04, uri));
  const referral = uris === undefined ? [] : [tlv(0xa3, ...uris)];
  return Buffer.concat([
    tlv(0x0a, Buffer.from([code])),
    tlv(0x04, matchedDn),
    tlv(0x04, diagnostic),
    ...referral,
  ]);
}

export function done(id: number, code = 0, ...controls: readonly Buffer[]): Buffer {
  return message(id, tlv(0x65, resultParts(code)), ...controls);
}

export function bindAnswer(id: number, code = 0): Buffer {
  return message(id, tlv(0x61, resultParts(code)));
}

export function reference(id: number, ...uris: readonly string[]): Buffer {
  return message(id, tlv(0x73, ...uris.map((uri) => tlv(0x04, uri))));
}

export function extendedAnswer(id: number, code: number, name?: string): Buffer {
  const responseName = name === undefined ? [] : [tlv(0x8a, name)];
  return message(id, tlv(0x78, resultParts(code), ...responseName));
}

export function noticeOfDisconnection(code: number): Buffer {
  return extendedAnswer(0, code, '1.3.6.1.4.1.1466.20036');
}

export function intermediate(id: number): Buffer {
  return message(id, tlv(0x79, tlv(0x80, '1.3.6.1.4.1.4203.1.9.1.4'), tlv(0x81, 'anything')));
}

export function pagingControl(cookie: Buffer | string, estimate = 0): Buffer {
  const value = tlv(0x30, integer(estimate), tlv(0x04, cookie));
  return tlv(0x30, tlv(0x04, '1.2.840.113556.1.4.319'), tlv(0x04, value));
}

export interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/** The elements that lie side by side in `bytes`. */
export function elements(bytes: Buffer): readonly Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { start, end } = extentAt(bytes, at) ?? { start: at, end: Number.NaN };
    if (!(end <= bytes.length)) throw new Error('The elements are cut short');
    found.push({ tag: bytes.readUInt8(at), content: bytes.subarray(start, end) });
    at = end;
  }
  return found;
}

/** Where the content of the element at `at` starts and ends; undefined: its header is incomplete. */
export function extentAt(
  bytes: Buffer,
  at: number,
): { readonly start: number; readonly end: number } | undefined {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return { start: at + 2, end: at + 2 + first };
  const octets = first & 0x7f;
  const start = at + 2 + octets;
  return start > bytes.length
    ? undefined
    : { start, end: start + bytes.readUIntBE(at + 2, octets) };
}
