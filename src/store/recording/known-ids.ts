import type { Statement } from 'better-sqlite3';
import { INTEGER, type Sqlite, TEXT } from '../file/sqlite.ts';
import { HOLDS, type RunNumbers } from '../run-numbers.ts';
import { IdTable } from './id-table.ts';
import { VERSION, type VersionRow } from './version-row.ts';

/** Ids that are kept in memory at most: 16 MiB. From then on the index of the file serves. */
const MOST_IN_MEMORY = 1_500_000;

const INDEX = '_version_id';

/**
 * Finds the newest version that goes by an id. Ids are random, and an index looks up each of them on another page of the file;
 * kept row by row, it dirties that page, too: half of what a first crawl wrote. So while people are read, the ids of those who
 * hold, or were recorded, are kept in memory. In a first run there is no index beside: it is made at once when everyone has
 * been read. A run that goes on finds out by itself whether there is one.
 */
export class KnownIds {
  readonly #database: Sqlite;
  readonly #numbers: Pick<RunNumbers, 'published' | 'run'>;
  readonly #known: string;
  readonly #byVid: Statement<unknown[], VersionRow>;
  #indexed: Statement<unknown[], VersionRow> | undefined;
  #table: IdTable | undefined;

  constructor(database: Sqlite, { published, run }: RunNumbers) {
    this.#database = database;
    this.#numbers = { published, run };
    // A version that another run staged but never published says nothing to this one.
    this.#known = `(from_run <= ${published} OR from_run = ${run})`;
    this.#byVid = this.#prepare(`vid = ${INTEGER} AND ${this.#known}`);
    if (published > 0) this.#makeIndex();
    if (published > 0 || isIndexed(database)) this.#indexed = this.#byIndex();
    this.#load();
  }

  newest(id: string): VersionRow | undefined {
    return this.#inMemory(id) ?? this.#indexed?.get(id);
  }

  #inMemory(id: string): VersionRow | undefined {
    if (this.#table === undefined) return undefined;
    let newest: VersionRow | undefined;
    for (const vid of this.#table.candidates(id)) {
      // The transaction that brought it may have failed, and an id may have been replaced.
      const row = this.#byVid.get(vid);
      if (row?.[4] === id && row[0] > (newest?.[0] ?? 0)) newest = row;
    }
    return newest;
  }

  /** A version goes by `id` now. */
  add(id: string, vid: number): void {
    this.#table?.add(id, vid);
    if ((this.#table?.size ?? 0) > MOST_IN_MEMORY) this.index();
  }

  /** Everyone has been read: whatever comes now wants to find people by id. */
  index(): void {
    this.#makeIndex();
    this.#indexed ??= this.#byIndex();
    this.#table?.release();
    this.#table = undefined;
  }

  /** Each time it is needed: it may have been made in a transaction that failed. */
  #makeIndex(): void {
    this.#database.exec(`CREATE INDEX IF NOT EXISTS ${INDEX} ON _version (id)`);
  }

  #load(): void {
    const table = new IdTable();
    const ids = this.#database
      .prepare<unknown[], [string, number]>(
        `SELECT id, vid FROM _version WHERE from_run = @run OR (${HOLDS}) LIMIT ${MOST_IN_MEMORY + 1}`,
      )
      .raw();
    for (const [id, vid] of ids.iterate(this.#numbers)) table.add(id, vid);
    this.#table = table;
    if (table.size > MOST_IN_MEMORY) this.index();
  }

  #byIndex(): Statement<unknown[], VersionRow> {
    return this.#prepare(`id = ${TEXT} AND ${this.#known} ORDER BY vid DESC LIMIT 1`);
  }

  #prepare(where: string): Statement<unknown[], VersionRow> {
    const sql = `SELECT ${VERSION.join(', ')} FROM _version WHERE ${where}`;
    return this.#database.prepare<unknown[], VersionRow>(sql).raw();
  }
}

/** Before anybody is recorded: a first run makes the index when it has read everyone. */
export function dropIdIndexOfNobody(database: Sqlite): void {
  if (database.prepare('SELECT 1 FROM _version LIMIT 1').get() !== undefined) return;
  database.exec(`DROP INDEX IF EXISTS ${INDEX}`);
}

function isIndexed(database: Sqlite): boolean {
  return (database.pragma(`index_info(${INDEX})`) as unknown[]).length > 0;
}
