import { setImmediate } from 'node:timers/promises';
import type { Statement } from 'better-sqlite3';
import { dnKey } from '../../domain/dn.ts';
import { DN_LINK, linkKeyOf } from '../../domain/link.ts';
import type { SweptPerson, Unreached } from '../../domain/ports.ts';
import { SLICE, untilNone } from '../file/slices.ts';
import { type Sqlite, TEXT } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { Links } from './links.ts';

/** People looked up in one transaction. */
const AT_ONCE = 1_000;
/** A finding about somebody who is no employee of the run has no person and no version. */
const NOBODY = 0;

type Counting = { -readonly [Kind in keyof Unreached]: number };

/** People whom the directory has and the run has not reached, as findings of the run. */
export class UnreachedPeople {
  readonly #database: Sqlite;
  readonly #numbers: RunNumbers;
  readonly #managerValue: string;
  readonly #byId: Statement<unknown[]>;
  readonly #byDn: Statement<unknown[]>;
  readonly #note: Statement<unknown[]>;
  readonly #forget: Statement<unknown[]>;
  /** Undefined until everyone who can be reached has been recorded, and where people go by another link than the DN. */
  #links: Links | undefined;

  constructor(database: Sqlite, numbers: RunNumbers, managerValue: string) {
    const { run } = numbers;
    const reached = `SELECT 1 FROM _version AS v CROSS JOIN _frontier AS f ON f.run = ${run} AND f.pid = v.pid`;
    this.#database = database;
    this.#numbers = numbers;
    this.#managerValue = managerValue;
    // Whichever version has the id: somebody whose entry has lost it is known by it still.
    this.#byId = database.prepare(`${reached} WHERE v.id = ${TEXT} LIMIT 1`);
    this.#byDn = database.prepare(
      `${reached} AND f.vid = v.vid WHERE v.link IS NOT NULL AND v.dn = ${TEXT} LIMIT 1`,
    );
    this.#note = database.prepare(
      `INSERT INTO _finding (run, kind, pid, vid, id, detail)
       VALUES (${run}, 'unreachable', ${NOBODY}, ${NOBODY}, ?, ?) ON CONFLICT DO NOTHING`,
    );
    this.#forget = database.prepare(
      `DELETE FROM _finding WHERE (run, pid, kind, detail) IN (
         SELECT run, pid, kind, detail FROM _finding
         WHERE run = ${run} AND pid = ${NOBODY} AND kind = 'unreachable' LIMIT ${SLICE}
       )`,
    );
  }

  async forget(signal: AbortSignal): Promise<void> {
    await untilNone(() => this.#forget.run().changes, signal);
  }

  /** To be called when everyone who can be reached has been recorded. Returns how many findings are new. */
  async note(people: readonly SweptPerson[], signal: AbortSignal): Promise<Unreached> {
    if (this.#managerValue === DN_LINK) {
      this.#links ??= new Links(this.#database, this.#numbers, linkKeyOf(DN_LINK));
    }
    const counts = { withManager: 0, withoutManager: 0 };
    const slice = this.#database.transaction((some: readonly SweptPerson[]) => {
      for (const person of some) if (!this.#isReached(person)) this.#add(person, counts);
    });
    for (let at = 0; at < people.length; at += AT_ONCE) {
      signal.throwIfAborted();
      slice.immediate(people.slice(at, at + AT_ONCE));
      await setImmediate();
    }
    return counts;
  }

  #add({ id, dn, hasManager }: SweptPerson, counts: Counting): void {
    const detail = `${hasManager ? 'has a manager' : 'has no manager'}: ${dn}`;
    const { changes } = this.#note.run(id, detail);
    counts[hasManager ? 'withManager' : 'withoutManager'] += changes;
  }

  #isReached({ id, dn }: SweptPerson): boolean {
    if (this.#byId.get(id) !== undefined) return true;
    // Whoever shows no id may have shown one to the crawl, or to an earlier one.
    if (id !== dnKey(dn)) return false;
    return (this.#links?.named(id).length ?? 0) > 0 || this.#byDn.get(dn) !== undefined;
  }
}
