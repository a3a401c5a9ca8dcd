/** Attributes of an entry, and `dn`, as `ldapsearch` spells them: as they were asked for. */
export type LdifEntry = ReadonlyMap<string, readonly string[]>;

/** LDIF (RFC 2849) as `ldapsearch -LLL -o ldif-wrap=no` writes it: no folded lines. */
export async function readLdif(
  input: NodeJS.ReadableStream,
  take: (entry: LdifEntry) => void,
): Promise<void> {
  let entry = new Map<string, string[]>();
  const takeLine = (line: string) => {
    if (line !== '') return addLine(entry, line);
    if (entry.size > 0) take(entry);
    entry = new Map();
  };
  let rest = '';
  input.setEncoding('utf8');
  for await (const chunk of input) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) takeLine(line);
  }
  takeLine('');
}

function addLine(entry: Map<string, string[]>, line: string): void {
  if (line.startsWith('#')) return; // the cookie of each page
  const colon = line.indexOf(':');
  const name = line.slice(0, colon);
  const value = line.startsWith('::', colon)
    ? Buffer.from(line.slice(colon + 3), 'base64').toString()
    : line.slice(colon + 2);
  const values = entry.get(name);
  if (values === undefined) entry.set(name, [value]);
  else values.push(value);
}
