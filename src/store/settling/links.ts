import { setImmediate } from 'node:timers/promises';
import type { Statement } from 'better-sqlite3';
import { SLICE } from '../file/slices.ts';
import { INTEGER, type Sqlite } from '../file/sqlite.ts';
import { linkHash } from '../recording/link-hash.ts';
import { storedLink } from '../recording/version-row.ts';
import type { RunNumbers } from '../run-numbers.ts';

export interface Person {
  readonly pid: number;
  readonly id: string;
  readonly dn: string;
  readonly link: string | null;
}

interface Named {
  readonly pid: number;
  readonly value: string;
}

/** One above the largest link hash. */
const HASHES = 2 ** 52;

/** The people seen in a run, by what a manager value must hold to name them. To be made when they have been read. */
export class Links {
  readonly #run: number;
  readonly #keyOf: (value: string) => string;
  readonly #byHash: Statement<unknown[], Person>;
  readonly #sharedHashes: Statement<unknown[], number>;
  readonly #lastSeq: Statement<unknown[], number | null>;
  readonly #reportsOf: Statement<unknown[], Named>;

  constructor(database: Sqlite, { run }: RunNumbers, keyOf: (value: string) => string) {
    this.#run = run;
    this.#keyOf = keyOf;
    // Not in the schema: row by row it would cost the first run a tenth of its time, made at once it costs next to nothing.
    database.exec('CREATE INDEX IF NOT EXISTS _version_link ON _version (link_hash)');
    this.#byHash = database.prepare(
      // CROSS JOIN: SQLite keeps this order. By itself it would go through the whole frontier for each hash.
      `SELECT v.pid, v.id, v.dn, v.link FROM _version AS v INDEXED BY _version_link
       CROSS JOIN _frontier AS f ON f.run = ${run} AND f.pid = v.pid AND f.vid = v.vid WHERE v.link_hash = ${INTEGER}`,
    );
    this.#sharedHashes = database
      .prepare<unknown[], number>(
        `SELECT link_hash FROM _version INDEXED BY _version_link WHERE link_hash >= ? AND link_hash < ?
         GROUP BY link_hash HAVING count(*) > 1`,
      )
      .pluck();
    this.#lastSeq = database
      .prepare<unknown[], number | null>('SELECT max(seq) FROM _frontier WHERE run = ?')
      .pluck();
    this.#reportsOf = database.prepare(
      `SELECT f.pid, l.value FROM _frontier AS f NOT INDEXED CROSS JOIN _line AS l ON l.vid = f.vid
       WHERE f.run = ? AND f.seq > ? AND f.seq <= ? AND l.manager IN (SELECT value FROM json_each(?))`,
    );
  }

  /** Grows with the people seen. */
  get lastSeq(): number {
    return this.#lastSeq.get(this.#run) ?? 0;
  }

  /** Everyone seen with this key. */
  named(key: string): readonly Person[] {
    return this.#byHash.all(linkHash(key)).filter((person) => this.#keyOfPerson(person) === key);
  }

  /** Those who share a key with another person: a manager value with it names either. */
  async sharing(signal: AbortSignal): Promise<readonly number[]> {
    const sharing: number[] = [];
    const slices = Math.ceil((this.lastSeq + 1) / SLICE);
    for (let i = 0; i < slices; i += 1) {
      signal.throwIfAborted();
      await setImmediate();
      const [from, to] = [i, i + 1].map((n) => Math.floor((HASHES / slices) * n));
      for (const hash of this.#sharedHashes.all(from, to)) sharing.push(...this.#sharingHash(hash));
    }
    return sharing;
  }

  /** Whoever was taken for a report of one of `managers`, by which value; a slice at a time. */
  async *reportsOf(managers: readonly number[], signal: AbortSignal) {
    const last = this.lastSeq;
    for (let after = 0; after < last; after += SLICE) {
      signal.throwIfAborted();
      await setImmediate();
      yield this.#reportsOf.all(this.#run, after, after + SLICE, JSON.stringify(managers));
    }
  }

  /** Of the people with one hash: an earlier version of someone, or a collision, shares nothing. */
  #sharingHash(hash: number): readonly number[] {
    const people = this.#byHash.all(hash);
    if (people.length < 2) return [];
    const keys = people.map((person) => this.#keyOfPerson(person));
    return people.flatMap(({ pid }, i) =>
      keys.filter((k) => k === keys[i]).length > 1 ? pid : [],
    );
  }

  #keyOfPerson({ dn, link }: Person): string | undefined {
    const value = storedLink(dn, link);
    return value === null ? undefined : this.#keyOf(value);
  }
}
