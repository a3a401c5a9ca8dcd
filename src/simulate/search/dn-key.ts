import { canonicalAttribute } from './schema-names.ts';

/**
 * One text for all spellings of a DN that this simulated server holds to be the same: letter case, spaces around
 * separators, escapes, quotes, attribute aliases, order inside a multi-valued RDN (RFC 4514, RFC 4518 simplified).
 * Undefined for what is no DN.
 */
export function dnKey(dn: string): string | undefined {
  if (PLAIN.test(dn)) return plainKey(dn);
  const rdns = split(dn, ',;');
  if (rdns === undefined) return undefined;
  const keys: string[] = [];
  for (const rdn of rdns) {
    const key = rdnKey(rdn);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return keys.join(',');
}

/** Key of the entry above, '' above a topmost one. */
export function parentKey(key: string): string {
  for (let at = key.indexOf(','); at !== -1; at = key.indexOf(',', at + 1)) {
    if (key[at - 1] !== '\\') return key.slice(at + 1);
  }
  return '';
}

export function isWithin(key: string, base: string): boolean {
  if (base === '' || key === base) return true;
  const at = key.length - base.length - 1;
  return at > 0 && key[at] === ',' && key[at - 1] !== '\\' && key.endsWith(base);
}

/** Nearly all DNs: no escapes, quotes, spaces, plus signs or letters that need folding. */
const PLAIN =
  /^(?:[A-Za-z][A-Za-z0-9-]*=[A-Za-z0-9._@-]+(?:,[A-Za-z][A-Za-z0-9-]*=[A-Za-z0-9._@-]+)*)?$/u;
const ALIASED = /(?:^|,)(?!uid=|ou=|dc=|cn=|o=)/u;

function plainKey(dn: string): string {
  const lower = dn.toLowerCase();
  if (!ALIASED.test(lower) || lower === '') return lower;
  return lower.replace(
    /(^|,)([^=]+)=/gu,
    (_, comma, type) => `${comma}${canonicalAttribute(type)}=`,
  );
}

function rdnKey(rdn: string): string | undefined {
  const keys: string[] = [];
  for (const pair of split(rdn, '+') ?? []) {
    const equals = pair.indexOf('=');
    const type = pair.slice(0, Math.max(0, equals)).trim();
    if (!/^(?:[A-Za-z][A-Za-z0-9-]*|(?:oid\.)?[0-9]+(?:\.[0-9]+)*)$/iu.test(type)) return undefined;
    const value = unescapeValue(pair.slice(equals + 1));
    if (value === undefined) return undefined;
    keys.push(`${canonicalAttribute(type)}=${escapeFolded(value)}`);
  }
  return keys.length === 0 ? undefined : keys.sort().join('+');
}

function split(text: string, separators: string): readonly string[] | undefined {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') at++;
    else if (char === '"') quoted = !quoted;
    else if (!quoted && separators.includes(char)) {
      parts.push(text.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(text.slice(from));
  return quoted ? undefined : parts;
}

function unescapeValue(raw: string): string | undefined {
  const text = trimUnescaped(raw);
  if (text.startsWith('#')) return hexValue(text.slice(1));
  const quoted = text.length > 1 && text.startsWith('"') && text.endsWith('"');
  const inner = quoted ? text.slice(1, -1) : text;
  if (/(?:^|[^\\])(?:\\\\)*\\$/u.test(inner)) return undefined;
  return inner.replace(/(?:\\[0-9a-f]{2})+|\\([\s\S])/giu, (run, char) =>
    char === undefined ? Buffer.from(run.replaceAll('\\', ''), 'hex').toString() : char,
  );
}

function trimUnescaped(raw: string): string {
  const left = raw.trimStart();
  const right = left.trimEnd();
  // `\ ` at the end is an escaped space and belongs to the value.
  return right.endsWith('\\') && left.length > right.length ? `${right} ` : right;
}

/** `#` and the BER of the value (RFC 4514 §2.4); only strings of short length are understood. */
function hexValue(hex: string): string | undefined {
  if (!/^(?:[0-9a-f]{2}){2,}$/iu.test(hex)) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  return bytes[1] === bytes.length - 2 ? bytes.subarray(2).toString() : undefined;
}

function escapeFolded(value: string): string {
  const folded = value.normalize('NFKC').toLowerCase().trim().replace(/\s+/gu, ' ');
  return folded.replace(/[\\,+"<>;=]/gu, '\\$&');
}
