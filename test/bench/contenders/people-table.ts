// The bare table that all scripts fill: no index, no history, nothing derived.
import type Database from 'better-sqlite3';
import { ATTRIBUTES } from './attributes.ts';

export type PeopleTable = {
  insert(dn: string, valuesOf: (attribute: string) => readonly string[]): void;
  commit(): void;
};

/** Rows become durable with `commit`. Values of one attribute stand in one column, a line each. */
export function createPeopleTable(database: Database.Database): PeopleTable {
  const columns = ['dn', ...ATTRIBUTES];
  database.exec(`CREATE TABLE people (${columns.map((name) => `"${name}" TEXT`).join(', ')})`);
  const marks = columns.map(() => '?').join(', ');
  const statement = database.prepare<unknown[]>(`INSERT INTO people VALUES (${marks})`);
  return {
    insert(dn, valuesOf) {
      if (!database.inTransaction) database.exec('BEGIN');
      statement.run(dn, ...ATTRIBUTES.map((name) => textOf(valuesOf(name))));
    },
    commit() {
      if (database.inTransaction) database.exec('COMMIT');
    },
  };
}

function textOf(values: readonly string[]): string | null {
  return values.length < 2 ? (values[0] ?? null) : values.join('\n');
}
