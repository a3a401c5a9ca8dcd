import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { DatabaseError } from '../../domain/errors.ts';
import { defineFold } from './folding.ts';
import type { Sqlite } from './sqlite.ts';

const FOLDER = new URL('../../../migrations/', import.meta.url);

interface Migration {
  readonly number: number;
  readonly name: string;
}

/** The numbered migrations that this program brings, in order. */
export function migrations(): readonly Migration[] {
  return readdirSync(fileURLToPath(FOLDER))
    .filter((name) => /^\d{3}-[a-z-]+\.sql$/.test(name))
    .sort()
    .map((name) => ({ number: Number(name.slice(0, 3)), name }));
}

/** Brings the schema up to date: each migration with its ledger row in one transaction, so that a kill leaves whole steps. */
export function migrate(database: Sqlite): void {
  defineFold(database);
  const step = database.transaction((migration: Migration) => {
    if (appliedUpTo(database) >= migration.number) return;
    ensureLedger(database);
    database
      .prepare('INSERT INTO _migration (number, name, applied_at) VALUES (?, ?, ?)')
      .run(migration.number, migration.name, new Date().toISOString());
    database.exec(readFileSync(new URL(migration.name, FOLDER), 'utf8'));
  });
  for (const migration of migrations()) step.immediate(migration);
}

/** A file that a newer program wrote is refused untouched: its meaning is not known here. */
export function refuseNewer(database: Sqlite, path: string): void {
  const newest = migrations().at(-1)?.number ?? 0;
  if (appliedUpTo(database) <= newest) return;
  throw new DatabaseError(
    'newer-schema',
    `the database ${path} was written by a newer orgwalk`,
    'use that version, or name another file with --db; this one was left as it is',
  );
}

/** What answers questions is not all there before the file is migrated, and whoever reads cannot do that. */
export function refuseOlder(database: Sqlite, path: string): void {
  const newest = migrations().at(-1)?.number ?? 0;
  if (appliedUpTo(database) >= newest) return;
  throw new DatabaseError(
    'older-schema',
    `the database ${path} was written by an older orgwalk`,
    'the next orgwalk crawl brings it up to date; nothing was changed',
  );
}

/** A file that no crawl has written to yet has nothing to answer. */
export function refuseEmpty(database: Sqlite, path: string): void {
  if (appliedUpTo(database) > 0) return;
  throw new DatabaseError('empty', `the database ${path} is empty`, 'fill it with: orgwalk crawl');
}

/** 0 for an empty file. Rejects a file with tables of its own that is no orgwalk database. */
function appliedUpTo(database: Sqlite): number {
  if (hasLedger(database)) {
    const row = database.prepare('SELECT max(number) AS number FROM _migration').get();
    return (row as { number: number | null }).number ?? 0;
  }
  const { tables } = database
    .prepare("SELECT count(*) AS tables FROM sqlite_master WHERE type = 'table'")
    .get() as { tables: number };
  if (tables === 0) return 0;
  throw new DatabaseError(
    'not-a-database',
    `the database ${database.name} was not made by orgwalk`,
    'name another file with --db; this one was left as it is',
  );
}

function hasLedger(database: Sqlite): boolean {
  const ledger = database.prepare("SELECT 1 FROM sqlite_master WHERE name = '_migration'").get();
  return ledger !== undefined;
}

function ensureLedger(database: Sqlite): void {
  database.exec(`CREATE TABLE IF NOT EXISTS _migration (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    applied_at TEXT NOT NULL
  ) STRICT`);
}
