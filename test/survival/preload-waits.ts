// Says so on stderr whenever the program is about to wait for the right to write.
import { writeSync } from 'node:fs';
import Database from 'better-sqlite3';

const database = new Database(':memory:');
const statement = Object.getPrototypeOf(database.prepare('SELECT 1'));
database.close();
const { run } = statement;

statement.run = function (this: Database.Statement, ...args: unknown[]) {
  if (this.source === 'BEGIN IMMEDIATE') writeSync(2, 'about to write\n');
  return run.apply(this, args);
};
