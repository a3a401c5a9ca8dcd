// A disk that cannot be read or written once: at statement `?statement=n` on the database, counted from 1.
import Database from 'better-sqlite3';

const at = Number(new URL(import.meta.url).searchParams.get('statement'));
let statements = 0;

type Method = (this: unknown, ...args: unknown[]) => unknown;

function failing(method: Method): Method {
  return function (...args) {
    const { name } = (this as { readonly database?: Database.Database }).database ?? {
      name: (this as Database.Database).name,
    };
    if (!name.endsWith('.lock') && name !== ':memory:' && ++statements === at) {
      throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR_READ');
    }
    return method.apply(this, args);
  };
}

const database = new Database(':memory:');
const statement = Object.getPrototypeOf(database.prepare('SELECT 1'));
database.close();
for (const name of ['run', 'get', 'all', 'iterate']) statement[name] = failing(statement[name]);
const { prototype } = Database as unknown as { readonly prototype: Record<string, Method> };
for (const name of ['exec', 'prepare']) prototype[name] = failing(prototype[name] as Method);
