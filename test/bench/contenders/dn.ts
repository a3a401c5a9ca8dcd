/** Other names of the attribute types that the directory's DNs are made of. */
const NAMES: Readonly<Record<string, string>> = {
  ...{ userid: 'uid', '0.9.2342.19200300.100.1.1': 'uid' },
  ...{ commonname: 'cn', '2.5.4.3': 'cn' },
  ...{ organizationalunitname: 'ou', '2.5.4.11': 'ou' },
  ...{ domaincomponent: 'dc', '0.9.2342.19200300.100.1.25': 'dc' },
};

const PLAIN = /^(?:[a-z]+=[a-z0-9]+(?:,|$))+$/;
const PARTS = {
  ',': /(?:\\.|"(?:\\.|[^"\\])*"|[^",\\])+/gs,
  '+': /(?:\\.|"(?:\\.|[^"\\])*"|[^"+\\])+/gs,
};

/** The same text for most spellings of a DN, as a script does it that is to find nearly everybody's manager. */
export function keyOf(dn: string): string {
  if (PLAIN.test(dn)) return dn;
  const rdns = dn.match(PARTS[',']) ?? [];
  return rdns
    .map((rdn) => (rdn.match(PARTS['+']) ?? []).map(avaKey).toSorted().join('+'))
    .join(',');
}

function avaKey(ava: string): string {
  const equals = ava.indexOf('=');
  const type = ava.slice(0, equals).trim().toLowerCase();
  return `${NAMES[type] ?? type}=${valueKey(ava.slice(equals + 1))}`;
}

const ESCAPED = /((?:\\[0-9a-f]{2})+)|\\(.)/gis;

function valueKey(text: string): string {
  const value = text
    .trimStart()
    .replace(/^"(.*)" *$/s, '$1')
    .replace(ESCAPED, (_, hex?: string, letter = '') =>
      hex === undefined ? letter : Buffer.from(hex.replaceAll('\\', ''), 'hex').toString(),
    );
  return value.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}
