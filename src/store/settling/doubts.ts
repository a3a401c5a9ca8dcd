import { setImmediate } from 'node:timers/promises';
import type { Statement } from 'better-sqlite3';
import { dnKey } from '../../domain/dn.ts';
import type { ManagerAnswer, UnknownManager } from '../../domain/ports.ts';
import { type Sqlite, TEXT } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { LineReviser } from './lines.ts';
import { Links } from './links.ts';

const SLICE = 1_000;

/** A manager value that somebody has, and who it is: among those seen, or else in the published state. */
interface SettledRow {
  readonly pid: number;
  readonly key: string;
  readonly seen: number | null;
  readonly published: number | null;
}

/**
 * Manager values whose person was unknown when their page came: looked up among everyone seen, then asked of the
 * server, once each. The answers are kept, so that a resumed run does not ask again.
 */
export class Doubts {
  readonly #database: Sqlite;
  readonly #numbers: RunNumbers;
  readonly #keyOf: (value: string) => string;
  readonly #open: Statement<unknown[], UnknownManager>;
  #links: Links | undefined;
  readonly #doubt: Statement<unknown[]>;
  readonly #answer: Statement<unknown[]>;
  readonly #byDn: Statement<unknown[]>;
  /** Up to where shared keys were looked for. */
  #lookedUpTo = 0;

  constructor(database: Sqlite, numbers: RunNumbers, keyOf: (value: string) => string) {
    this.#database = database;
    this.#numbers = numbers;
    this.#keyOf = keyOf;
    this.#open = database.prepare(
      `SELECT key, min(value) AS value FROM _doubt AS d WHERE run = ? AND key > ?
       AND NOT EXISTS (SELECT 1 FROM _answer AS a WHERE a.run = d.run AND a.key = d.key)
       GROUP BY key ORDER BY key LIMIT ${SLICE}`,
    );
    this.#doubt = database.prepare(
      'INSERT OR IGNORE INTO _doubt (run, key, pid, value) VALUES (?, ?, ?, ?)',
    );
    this.#answer = database.prepare(
      'INSERT OR REPLACE INTO _answer (run, key, kind, id) VALUES (?, ?, ?, ?)',
    );
    this.#byDn = database.prepare(
      `SELECT 1 FROM _version AS v CROSS JOIN _frontier AS f ON f.run = ? AND f.pid = v.pid AND f.vid = v.vid
       WHERE v.id = ${TEXT} AND v.by_dn = 1`,
    );
  }

  /** To be used when they have been read. */
  get #linksNow(): Links {
    this.#links ??= new Links(this.#database, this.#numbers, this.#keyOf);
    return this.#links;
  }

  /** Settles by key what can be; returns at most `max` of the rest. */
  async unknown(max: number, signal: AbortSignal): Promise<readonly UnknownManager[]> {
    const links = this.#linksNow;
    await this.#doubtShared(links, signal);
    const unknown: UnknownManager[] = [];
    let after = '';
    while (unknown.length < max) {
      signal.throwIfAborted();
      await setImmediate();
      const doubts = this.#open.all(this.#numbers.run, after);
      if (doubts.length === 0) break;
      after = doubts.at(-1)?.key ?? after;
      unknown.push(...this.#settleByKey(doubts, links));
    }
    return unknown.slice(0, max);
  }

  settle(key: string, answer: ManagerAnswer): void {
    const id = answer.kind === 'employee' ? this.#knownAs(answer) : null;
    this.#answer.run(this.#numbers.run, key, answer.kind, id);
  }

  /** The server names an entry by its id; the run may know it by its DN, or by an id that is not shown any more. */
  #knownAs({ id, dn }: { readonly id: string; readonly dn: string }): string {
    const key = dnKey(dn);
    if (this.#byDn.get(this.#numbers.run, key) !== undefined) return key;
    const [person] = id === key ? this.#linksNow.named(this.#keyOf(dn)) : [];
    return person?.id ?? id;
  }

  /**
   * Writes the settled managers into the lines of this run's versions. Only when nobody else is to be recorded.
   * @param keeps whether somebody published whom this run did not see stays, and so does who reports to them
   */
  async apply(keeps: (pid: number) => boolean, signal: AbortSignal): Promise<void> {
    const settled = this.#database.prepare<unknown[], SettledRow>(
      `SELECT d.pid, d.key, (
         SELECT f.pid FROM _version AS v CROSS JOIN _frontier AS f ON f.run = d.run AND f.pid = v.pid AND f.vid = v.vid
         WHERE v.id = a.id LIMIT 1
       ) AS seen, (
         SELECT p.pid FROM _version AS v CROSS JOIN _place AS p ON p.vid = v.vid AND p.pid = v.pid
         WHERE v.id = a.id AND p.from_run <= @published AND (p.to_run IS NULL OR p.to_run > @published)
         LIMIT 1
       ) AS published
       FROM _doubt AS d JOIN _answer AS a ON a.run = d.run AND a.key = d.key
       WHERE d.run = @run AND a.kind <> 'unreadable' AND (d.key, d.pid) > (@key, @pid)
       ORDER BY d.key, d.pid LIMIT ${SLICE}`,
    );
    const { run, published } = this.#numbers;
    const where = { run, published };
    const revise = new LineReviser(this.#database, this.#numbers, this.#keyOf);
    const slice = this.#database.transaction((rows: readonly SettledRow[]) => {
      for (const { pid, key, seen, published: before } of rows) {
        const kept = before !== null && keeps(before) ? before : null;
        revise.line({ pid, key, manager: seen ?? kept });
      }
    });
    let last = { key: '', pid: 0 };
    for (;;) {
      signal.throwIfAborted();
      await setImmediate();
      const rows = settled.all({ ...where, key: last.key, pid: last.pid });
      if (rows.length === 0) return;
      slice.immediate(rows);
      last = rows.at(-1) ?? last;
    }
  }

  /**
   * Where two people share a key, whoever happened to be asked about was taken for the manager. Only the server can
   * tell, so whatever names one of them is doubted, in whatever order they were found.
   */
  async #doubtShared(links: Links, signal: AbortSignal): Promise<void> {
    const { lastSeq } = links;
    if (lastSeq === this.#lookedUpTo) return;
    const sharing = await links.sharing(signal);
    const { run } = this.#numbers;
    const doubt = this.#database.transaction((lines: readonly { pid: number; value: string }[]) => {
      for (const { pid, value } of lines) this.#doubt.run(run, this.#keyOf(value), pid, value);
    });
    if (sharing.length > 0) {
      for await (const lines of links.reportsOf(sharing, signal)) doubt.immediate(lines);
    }
    this.#lookedUpTo = lastSeq;
  }

  #settleByKey(doubts: readonly UnknownManager[], links: Links): readonly UnknownManager[] {
    const unknown: UnknownManager[] = [];
    const settle = this.#database.transaction(() => {
      for (const doubt of doubts) {
        // Where two share the key, only the server can tell.
        const [person, another] = links.named(doubt.key);
        if (person === undefined || another !== undefined) unknown.push(doubt);
        else this.settle(doubt.key, { kind: 'employee', id: person.id, dn: person.dn });
      }
    });
    settle.immediate();
    return unknown;
  }
}
