// Ends its own process (SIGKILL) at one commit: `?commit=n` counts them from 1, `&moment=before` or `after`.
import Database from 'better-sqlite3';

const { searchParams } = new URL(import.meta.url);
const COMMIT = Number(searchParams.get('commit'));
const MOMENT = searchParams.get('moment');

type Method = (this: unknown, ...args: unknown[]) => unknown;

let commits = 0;

/** `isCommit` is asked before the call: what it says afterwards may differ. */
function killing(method: Method, isCommit: (self: unknown, first: unknown) => boolean): Method {
  return function (...args) {
    const fatal = isCommit(this, args[0]) && ++commits === COMMIT;
    if (fatal && MOMENT === 'before') die();
    const result = method.apply(this, args);
    if (fatal) die();
    return result;
  };
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}

/** The end of a transaction, or a statement that is one by itself. */
function statementCommits(self: unknown): boolean {
  const { source, readonly, database } = self as Database.Statement;
  if (source === 'COMMIT') return true;
  return !(readonly || database.inTransaction || source.startsWith('BEGIN'));
}

function textCommits(self: unknown, sql: unknown): boolean {
  return !((self as Database.Database).inTransaction || String(sql).startsWith('BEGIN'));
}

const database = new Database(':memory:');
const statement = Object.getPrototypeOf(database.prepare('SELECT 1'));
database.close();
statement.run = killing(statement.run, statementCommits);
const { prototype } = Database as unknown as { readonly prototype: Record<string, Method> };
prototype['exec'] = killing(prototype['exec'] as Method, textCommits);
prototype['pragma'] = killing(
  prototype['pragma'] as Method,
  (_, source) => source === 'journal_mode = wal',
);
