// Sends its own process SIGTERM just before the first statement whose text holds `?before=…`.
import Database from 'better-sqlite3';

const { searchParams } = new URL(import.meta.url);
const BEFORE = searchParams.get('before') ?? '';

type Method = (this: unknown, ...args: unknown[]) => unknown;

let sent = false;

function signalling(method: Method, textOf: (self: unknown, first: unknown) => string): Method {
  return function (...args) {
    if (!sent && textOf(this, args[0]).includes(BEFORE)) {
      sent = true;
      process.kill(process.pid, 'SIGTERM');
    }
    return method.apply(this, args);
  };
}

const database = new Database(':memory:');
const statement = Object.getPrototypeOf(database.prepare('SELECT 1'));
database.close();
for (const name of ['run', 'get', 'all']) {
  statement[name] = signalling(statement[name], (self) => (self as Database.Statement).source);
}
for (const name of ['exec', 'pragma'] as const) {
  const method = Database.prototype[name] as Method;
  Object.assign(Database.prototype, { [name]: signalling(method, (_, text) => String(text)) });
}
