// RFC 4515 text to BER, byte for byte: ldapts's parser refuses `(&)` and garbles escaped bytes from 0x80 up.
import { tlv } from '../support/ldap-bytes.ts';

const ITEM = /^(?<name>[^=~<>:]*)(?::(?<rule>[^=]*):)?(?<operator>=|~=|<=|>=)(?<value>[\s\S]*)$/u;
const COMPARISONS: Readonly<Record<string, number>> = {
  '=': 0xa3,
  '>=': 0xa5,
  '<=': 0xa6,
  '~=': 0xa8,
};
const SETS: Readonly<Record<string, number>> = { '&': 0xa0, '|': 0xa1, '!': 0xa2 };

export function filterBytes(text: string): Buffer {
  const inner = text.slice(1, -1);
  const set = SETS[inner.charAt(0)];
  return set === undefined
    ? itemBytes(inner)
    : tlv(set, ...partsOf(inner.slice(1)).map(filterBytes));
}

/** The filters in parentheses that follow one another. */
function partsOf(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(' && depth++ === 0) from = at;
    if (text[at] === ')' && --depth === 0) parts.push(text.slice(from, at + 1));
  }
  return parts;
}

function itemBytes(item: string): Buffer {
  const { name = '', rule, operator = '', value = '' } = ITEM.exec(item)?.groups ?? {};
  if (rule !== undefined) {
    return tlv(0xa9, tlv(0x81, rule), tlv(0x82, name), tlv(0x83, octets(value)));
  }
  if (operator === '=' && value === '*') return tlv(0x87, name);
  if (operator === '=' && value.includes('*')) {
    return tlv(0xa4, tlv(0x04, name), tlv(0x30, ...substrings(value.split('*'))));
  }
  return tlv(COMPARISONS[operator] ?? 0, tlv(0x04, name), tlv(0x04, octets(value)));
}

function substrings(pieces: readonly string[]): readonly Buffer[] {
  const last = pieces.length - 1;
  return pieces.flatMap((piece, at) => {
    const tag = at === 0 ? 0x80 : at === last ? 0x82 : 0x81;
    return piece === '' ? [] : [tlv(tag, octets(piece))];
  });
}

function octets(value: string): Buffer {
  const parts = value.split(/(\\[0-9a-f]{2})/iu).map((part) => {
    const isEscape = /^\\[0-9a-f]{2}$/iu.test(part);
    return Buffer.from(isEscape ? part.slice(1) : part, isEscape ? 'hex' : 'utf8');
  });
  return Buffer.concat(parts);
}
