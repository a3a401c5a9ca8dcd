// The crawl that everybody writes first: one search per person over ldapts's own Client, 8 connections.
// node naive-crawl.js URL BASE ROOT-DN FILE.db: prints what it did as JSON. Uses none of orgwalk's code.
import Database from 'better-sqlite3';
import { AndFilter, Client, type Entry, EqualityFilter } from 'ldapts';
import { ATTRIBUTES } from './attributes.ts';
import { createPeopleTable } from './people-table.ts';

const CONNECTIONS = 8;
const ROWS_PER_COMMIT = 1_000;

const [url = '', base = '', rootDn = '', path = ''] = process.argv.slice(2);
const database = new Database(path);
const table = createPeopleTable(database);
const seen = new Set<string>();
const waiting: string[] = [];
let searches = 0;
let busy = 0;
let wake: (() => void)[] = [];

function valuesOf(entry: Entry, name: string): readonly string[] {
  const value = entry[name] ?? [];
  return (Array.isArray(value) ? value : [value]).map(String);
}

function take(entry: Entry): void {
  const id = valuesOf(entry, 'entryUUID')[0] ?? entry.dn;
  if (seen.has(id)) return;
  seen.add(id);
  waiting.push(entry.dn);
  table.insert(entry.dn, (name) => valuesOf(entry, name));
  if (seen.size % ROWS_PER_COMMIT === 0) table.commit();
}

async function readRoot(client: Client): Promise<void> {
  searches += 1;
  const found = await client.search(rootDn, { scope: 'base', attributes: [...ATTRIBUTES] });
  for (const entry of found.searchEntries) take(entry);
}

const PERSON = new EqualityFilter({ attribute: 'objectClass', value: 'person' });

/** A filter object, not a string: names need no escaping, and ldapts's string parser garbles what is not ASCII. */
function reportsOf(manager: string): EqualityFilter {
  return new EqualityFilter({ attribute: 'manager', value: manager });
}

async function readReports(client: Client, manager: string): Promise<void> {
  searches += 1;
  const found = await client.search(base, {
    scope: 'sub',
    filter: new AndFilter({ filters: [PERSON, reportsOf(manager)] }),
    attributes: [...ATTRIBUTES],
    paged: { pageSize: 1_000 },
  });
  for (const entry of found.searchEntries) take(entry);
}

function wakeAll(): void {
  for (const resume of wake) resume();
  wake = [];
}

async function work(client: Client): Promise<void> {
  for (;;) {
    const manager = waiting.pop();
    if (manager === undefined && busy === 0) return wakeAll();
    if (manager === undefined) {
      await new Promise<void>((resume) => wake.push(resume));
      continue;
    }
    busy += 1;
    await readReports(client, manager);
    busy -= 1;
    wakeAll();
  }
}

const clients = Array.from({ length: CONNECTIONS }, () => new Client({ url }));
const [first] = clients;
if (first !== undefined) await readRoot(first);
await Promise.all(clients.map(work));
table.commit();
database.close();
await Promise.all(clients.map((client) => client.unbind()));
const { maxRSS } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({ employees: seen.size, searches, peakRssBytes: maxRSS * 1024 })}\n`,
);
