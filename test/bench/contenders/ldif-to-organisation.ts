// ldapsearch -LLL … | node ldif-to-organisation.js FILE.db ROOT-DN: the same table, and what makes it answer questions.
import Database from 'better-sqlite3';
import { readLdif } from './ldif.ts';
import { createPeopleTable } from './people-table.ts';
import { Organisation, type Places } from './places.ts';

const [path = '', rootDn = ''] = process.argv.slice(2);
const database = new Database(path);
// One transaction in a new file: the rollback journal stays empty, where a WAL would be written and then copied.
database.exec('PRAGMA synchronous = FULL');
const table = createPeopleTable(database);
const organisation = new Organisation();
const nothing: readonly string[] = [];
await readLdif(process.stdin, (entry) => {
  const dn = entry.get('dn')?.[0] ?? '';
  table.insert(dn, (name) => entry.get(name) ?? nothing);
  organisation.add(dn, entry.get('manager') ?? nothing);
});
const places = organisation.places(rootDn);
writePlaces(places);
database.exec(`
  CREATE INDEX places_manager ON places (manager);
  CREATE VIRTUAL TABLE search USING fts5 (
    uid, cn, mail, employeeNumber, title, departmentNumber,
    content = 'people', tokenize = "unicode61 remove_diacritics 2"
  );
  INSERT INTO search (search) VALUES ('rebuild');
`);
table.commit();
database.close();
const employees = places.depths.filter((depth) => depth >= 0).length;
process.stdout.write(`${JSON.stringify({ employees })}\n`);

function writePlaces({ managers, depths, spans, totals }: Places): void {
  database.exec(`CREATE TABLE places (
    person INTEGER PRIMARY KEY, manager INTEGER, depth INTEGER, direct_reports INTEGER, total_reports INTEGER
  )`);
  const insert = database.prepare<unknown[]>(
    'INSERT INTO places VALUES (?, nullif(?, 0), nullif(?, -1), ?, ?)',
  );
  for (const [i, manager] of managers.entries()) {
    insert.run(i + 1, manager + 1, depths[i], spans[i], totals[i]); // rows count from 1
  }
}
