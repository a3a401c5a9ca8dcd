// Throws where nobody catches, right before the `?write=…`-th transaction that writes.
import Database from 'better-sqlite3';

const { searchParams } = new URL(import.meta.url);
let left = Number(searchParams.get('write'));

const database = new Database(':memory:');
const statement = Object.getPrototypeOf(database.prepare('SELECT 1'));
database.close();
const { run } = statement;

statement.run = function (this: Database.Statement, ...args: unknown[]) {
  if (this.source === 'BEGIN IMMEDIATE') {
    left -= 1;
    if (left === 0) {
      process.nextTick(() => {
        throw new Error('nobody\ncatches this');
      });
    }
  }
  return run.apply(this, args);
};
