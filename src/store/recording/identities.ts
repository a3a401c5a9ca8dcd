import type { Statement } from 'better-sqlite3';
import { dnKey } from '../../domain/dn.ts';
import type { Employee } from '../../domain/employee.ts';
import { INTEGER, type Sqlite, TEXT } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { KnownIds } from './known-ids.ts';
import { linkHash } from './link-hash.ts';
import { stillHolds, VERSION, type VersionRow } from './version-row.ts';

/** Who an entry is. */
export interface Identity {
  /** What the person is known by from now on. */
  readonly id: string;
  /** Whether that is the DN: the entry has no id, or shares it. */
  readonly byDn: 0 | 1;
  /** The version to compare with; undefined for somebody new. */
  readonly row: VersionRow | undefined;
  /** The id that another DN was seen with as well. */
  readonly shared?: string;
  /** Who goes by it so far. */
  readonly sharer?: number;
}

/**
 * Identity is not the DN. An entry is known by its id, wherever it is; one that has none, by its DN: whoever was published
 * there stays who they are, whether their id has just appeared or has been hidden. Of two entries with one id, the one that
 * goes by DN already does so again: which of them came first must not matter.
 */
export class Identities {
  readonly #database: Sqlite;
  readonly #numbers: RunNumbers;
  readonly #keyOf: (value: string) => string;
  readonly #ids: KnownIds;
  readonly #byDn: Statement<unknown[], VersionRow>;
  readonly #seen: Statement<unknown[], VersionRow>;
  readonly #published: Statement<unknown[], VersionRow>;
  readonly #isPublished: Statement<unknown[]>;
  readonly #inRun: Statement<unknown[], number>;
  #atDn: Statement<unknown[], VersionRow> | undefined;
  #anyByDn: boolean;

  constructor(database: Sqlite, numbers: RunNumbers, keyOf: (value: string) => string) {
    this.#database = database;
    this.#numbers = numbers;
    this.#keyOf = keyOf;
    const { published, run } = numbers;
    const columns = VERSION.join(', ');
    // A version that another run staged but never published says nothing to this one.
    const known = `(from_run <= ${published} OR from_run = ${run})`;
    this.#ids = new KnownIds(database, numbers);
    this.#byDn = rowsOf(
      database,
      `SELECT ${columns} FROM _version WHERE id = ${TEXT} AND by_dn = 1 AND ${known}
       ORDER BY vid DESC LIMIT 1`,
    );
    this.#published = rowsOf(
      database,
      `SELECT ${columns} FROM _version WHERE id = ${TEXT} AND from_run <= ${published}
       ORDER BY vid DESC LIMIT 1`,
    );
    this.#isPublished = database.prepare(
      `SELECT 1 FROM _place WHERE pid = ${INTEGER} AND from_run <= ${published}
       AND (to_run IS NULL OR to_run > ${published})`,
    );
    const theirs = VERSION.map((column) => `v.${column}`).join(', ');
    this.#seen = rowsOf(
      database,
      `SELECT ${theirs} FROM _frontier AS f JOIN _version AS v ON v.vid = f.vid
       WHERE f.run = ${run} AND f.pid = ${INTEGER} AND f.seen = 1`,
    );
    this.#inRun = database
      .prepare<unknown[], number>(
        `SELECT vid FROM _frontier WHERE run = ${run} AND pid = ${INTEGER}`,
      )
      .pluck();
    const any = database
      .prepare("SELECT 1 FROM _version WHERE by_dn = 1 AND id > '' LIMIT 1")
      .get();
    this.#anyByDn = any !== undefined;
  }

  /** A version goes by `id` now. */
  add(id: string, vid: number): void {
    this.#ids.add(id, vid);
  }

  /** Everyone has been read. */
  index(): void {
    this.#ids.index();
  }

  /** @param moved whether the server was asked where the person with this id is now */
  of(employee: Employee, moved: boolean): Identity {
    const identity = employee.hasId ? this.#withId(employee, moved) : this.#withoutId(employee);
    if (identity.byDn === 1) this.#anyByDn = true;
    return identity;
  }

  #withId(employee: Employee, moved: boolean): Identity {
    const { id, dn } = employee;
    const own = this.#ids.newest(id);
    const asOwn = { id, byDn: 0, row: own } as const;
    if (own === undefined && !this.#anyByDn) return asOwn;
    if (own !== undefined && own[6] === dn) return asOwn;
    const key = this.#keyOfDn(employee);
    if (own !== undefined && dnKey(own[6]) === key) return asOwn;
    const there = this.#goingByDn(key, 1);
    const seen = own && this.#seen.get(own[1]);
    if (own === undefined || !(seen || stillHolds(own, this.#numbers))) {
      // The id has appeared, or is nobody else's any more.
      return there === undefined ? asOwn : { ...asOwn, row: there };
    }
    if (there !== undefined && there[1] !== own[1]) {
      return { id: key, byDn: 1, row: there, shared: id, sharer: own[1] };
    }
    if (moved || seen === undefined || dnKey(seen[6]) === key) return asOwn;
    const row = this.#formerly(key) ?? this.#formerly(id);
    return { id: key, byDn: 1, row, shared: id, sharer: own[1] };
  }

  #withoutId({ id: key, dn }: Employee): Identity {
    const there = this.#goingByDn(key) ?? this.#withIdAt(key, dn);
    if (there === undefined) return { id: key, byDn: 1, row: this.#formerly(key) };
    return { id: there[4], byDn: there[5], row: there };
  }

  /** Whoever was known so before and has left: not if they are known otherwise now. */
  #formerly(id: string): VersionRow | undefined {
    // Of the first run nobody was known, and there is no index to find that out by.
    const row = this.#numbers.published === 0 ? undefined : this.#published.get(id);
    if (row === undefined || this.#inRun.get(row[1]) !== undefined) return undefined;
    return this.#isPublished.get(row[1]) === undefined ? row : undefined;
  }

  /** @param still 1: not if the id has appeared in this run */
  #goingByDn(key: string, still: 0 | 1 = 0): VersionRow | undefined {
    if (!this.#anyByDn) return undefined;
    const row = this.#byDn.get(key);
    if (row === undefined || !stillHolds(row, this.#numbers)) return undefined;
    const current = this.#seen.get(row[1]) ?? row;
    return current[5] >= still ? current : undefined;
  }

  /** Whoever is known at this DN by an id. Where there are two, the same one each time. */
  #withIdAt(key: string, dn: string): VersionRow | undefined {
    // Of the first run nobody is known, and the index is made when it has read everyone.
    if (this.#numbers.published === 0) return undefined;
    this.#atDn ??= this.#prepareAtDn();
    const people = this.#atDn.all(this.#keyOf === dnKey ? linkHash(key) : dn).filter((row) => {
      const current = this.#inRun.get(row[1]) ?? row[0];
      return current === row[0] && dnKey(row[6]) === key && this.#isKnown(row);
    });
    return people.toSorted((a, b) => (a[4] < b[4] ? -1 : 1))[0];
  }

  #isKnown(row: VersionRow): boolean {
    const { published, run } = this.#numbers;
    return stillHolds(row, this.#numbers) && (row[2] <= published || row[2] === run);
  }

  #prepareAtDn(): Statement<unknown[], VersionRow> {
    const columns = VERSION.join(', ');
    if (this.#keyOf !== dnKey) {
      return rowsOf(
        this.#database,
        `SELECT ${columns} FROM _version WHERE dn = ${TEXT} AND link IS NOT NULL`,
      );
    }
    this.#database.exec('CREATE INDEX IF NOT EXISTS _version_link ON _version (link_hash)');
    return rowsOf(
      this.#database,
      `SELECT ${columns} FROM _version INDEXED BY _version_link WHERE link_hash = ${INTEGER}`,
    );
  }

  /** Mostly known already: it is what a manager value must hold. */
  #keyOfDn({ dn, link, linkKey }: Employee): string {
    const known = this.#keyOf === dnKey && link === dn && linkKey !== null;
    return known ? linkKey : dnKey(dn);
  }
}

function rowsOf(database: Sqlite, sql: string): Statement<unknown[], VersionRow> {
  return database.prepare<unknown[], VersionRow>(sql).raw();
}
