// One text for all spellings of a DN, written apart from the program's own so that one mistake cannot hide in both.

/** Short names of the naming attributes that the generator uses, by alias and OID (RFC 4519). */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  userid: 'uid',
  '0.9.2342.19200300.100.1.1': 'uid',
  commonname: 'cn',
  '2.5.4.3': 'cn',
  organizationalunitname: 'ou',
  '2.5.4.11': 'ou',
  organizationname: 'o',
  '2.5.4.10': 'o',
  domaincomponent: 'dc',
  '0.9.2342.19200300.100.1.25': 'dc',
};

/** Equal for equal DNs as OpenLDAP sees them: case, spaces, escapes, aliases, order of parts, composition. */
export function dnKey(dn: string): string {
  return split(dn, /[,;]/)
    .map((rdn) => split(rdn, /\+/).map(avaKey).toSorted().join('+'))
    .join(',');
}

/** Cuts at separators that stand neither behind a backslash nor between quotes. */
function split(text: string, separator: RegExp): readonly string[] {
  if (!/[\\"]/.test(text)) return text.split(separator);
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (char === '\\') i += 1;
    else if (char === '"') isQuoted = !isQuoted;
    else if (!isQuoted && separator.test(char)) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function avaKey(ava: string): string {
  const equals = ava.indexOf('=');
  const type = ava.slice(0, equals).trim().toLowerCase();
  const value = unescapeValue(ava.slice(equals + 1));
  return `${SHORT_NAMES[type] ?? type}=${escapeValue(fold(value))}`;
}

/** Escaped octets are UTF-8, one by one: `\C3\A9` is one letter. */
function unescapeValue(text: string): string {
  if (!/[\\"]/.test(text)) return text;
  const octets: Buffer[] = [];
  const pattern = /\\([0-9A-Fa-f]{2})|\\(.)|"|([^\\"]+)/gsu;
  for (const [, hex, char, plain] of text.matchAll(pattern)) {
    octets.push(hex === undefined ? Buffer.from(char ?? plain ?? '') : Buffer.from(hex, 'hex'));
  }
  return Buffer.concat(octets).toString('utf8');
}

/** RFC 4518: case, composition, compatibility forms, and spaces at the ends or in runs do not count. */
function fold(value: string): string {
  return value.normalize('NFKC').toLowerCase().replace(/ +/g, ' ').trim();
}

function escapeValue(value: string): string {
  return value.replace(/[",+;<>\\=#]/g, '\\$&');
}
