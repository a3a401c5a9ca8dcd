// ldapsearch -LLL … | node ldif-to-sqlite.ts FILE.db: what an administrator would write in an afternoon.
import { openPeopleTable } from './people-table.ts';

const table = openPeopleTable(process.argv[2] ?? 'people.db');
const nothing: readonly string[] = [];
let entry = new Map<string, string[]>();
let rest = '';

function takeEntry(): void {
  const dn = entry.get('dn')?.[0];
  if (dn !== undefined) table.insert(dn, (name) => entry.get(name) ?? nothing);
  entry = new Map();
}

function takeLine(line: string): void {
  if (line === '') {
    takeEntry();
    return;
  }
  const colon = line.indexOf(':');
  const name = line.slice(0, colon);
  const value = line.startsWith('::', colon)
    ? Buffer.from(line.slice(colon + 3), 'base64').toString()
    : line.slice(colon + 2);
  const values = entry.get(name);
  if (values === undefined) entry.set(name, [value]);
  else values.push(value);
}

process.stdin.setEncoding('utf8');
for await (const chunk of process.stdin) {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) takeLine(line);
}
takeEntry();
table.commit();
table.close();
