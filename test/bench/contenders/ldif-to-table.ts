// ldapsearch -LLL … | node ldif-to-table.js FILE.db: what an administrator would write in half an hour.
import Database from 'better-sqlite3';
import { readLdif } from './ldif.ts';
import { createPeopleTable } from './people-table.ts';

const database = new Database(process.argv[2] ?? 'people.db');
const table = createPeopleTable(database);
const nothing: readonly string[] = [];
let employees = 0;
await readLdif(process.stdin, (entry) => {
  table.insert(entry.get('dn')?.[0] ?? '', (name) => entry.get(name) ?? nothing);
  employees += 1;
});
table.commit();
database.close();
process.stdout.write(`${JSON.stringify({ employees })}\n`);
