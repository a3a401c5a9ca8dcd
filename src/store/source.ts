import { DatabaseError } from '../domain/errors.ts';
import type { KnownSource, SourceProfile } from '../domain/ports.ts';
import type { Sqlite } from './file/sqlite.ts';

/** The one source of everything in the database; null before the first run. */
export function sourceOf(database: Sqlite): KnownSource | null {
  const row = database
    .prepare<unknown[], KnownSource>('SELECT key, id_attribute AS idAttribute FROM _source')
    .get();
  return row ?? null;
}

/**
 * A database belongs to one source: two would make each other's people leave. Notes what was found out about the server,
 * for people to read. Throws a `DatabaseError` where the database is another one's.
 */
export function belongTo(database: Sqlite, source: SourceProfile): void {
  const known = sourceOf(database);
  if (known === null) {
    database
      .prepare(
        'INSERT INTO _source (one, key, id_attribute, vendor, created_at) VALUES (1, ?, ?, ?, ?)',
      )
      .run(source.key, source.idAttribute, source.vendor, new Date().toISOString());
  } else if (known.key === source.formerKey) {
    database.prepare('UPDATE _source SET key = ?').run(source.key);
  } else if (known.key !== source.key) {
    throw new DatabaseError(
      'other-source',
      `the database ${database.name} belongs to another directory (${known.key}, not ${source.key})`,
      'name another file with --db for this directory; nothing was changed',
    );
  }
  const { vendor, paging, traits } = source;
  database
    .prepare('UPDATE _source SET vendor = ?, profile = ?')
    .run(vendor, JSON.stringify({ vendor, paging, ...traits }));
}
