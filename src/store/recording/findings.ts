import type { Statement } from 'better-sqlite3';
import type { Employee } from '../../domain/employee.ts';
import { DN_LINK } from '../../domain/link.ts';
import type { Question } from '../../domain/ports.ts';
import type { Sqlite } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';
import type { Recorded } from './people.ts';

/** What findings need to know of the question. */
export type Asked = Pick<Question, 'idAttribute' | 'managerValue'>;

const NOBODY = 0;

/** Notes what a run finds wrong in the directory's own data. Call within the transaction that records it. */
export class Findings {
  readonly #numbers: RunNumbers;
  readonly #asked: Asked;
  readonly #note: Statement<unknown[]>;

  constructor(database: Sqlite, numbers: RunNumbers, asked: Asked) {
    this.#numbers = numbers;
    this.#asked = asked;
    this.#note = database.prepare(
      `INSERT INTO _finding (run, kind, pid, vid, detail) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET vid = excluded.vid`,
    );
  }

  add({ capped, hasId, link }: Employee, { pid, vid }: Recorded): void {
    const { run } = this.#numbers;
    const { idAttribute, managerValue } = this.#asked;
    for (const detail of capped) this.#note.run(run, 'value_capped', pid, vid, detail);
    if (!hasId) this.#note.run(run, 'missing_id', pid, vid, idAttribute);
    // A DN that is no valid UTF-8 names nobody.
    if (link === null && managerValue === DN_LINK) {
      this.#note.run(run, 'unreadable_dn', pid, vid, 'the DN is no valid UTF-8');
    }
  }

  /** Where the server refers to another one: recorded, never followed. */
  referral(uri: string): void {
    this.#note.run(this.#numbers.run, 'referral', NOBODY, NOBODY, withoutCredentials(uri));
  }
}

/** An LDAP URL (RFC 4516) has its secrets, if any, before the host or in its extensions, behind the fourth `?`. */
function withoutCredentials(uri: string): string {
  const [where = '', ...rest] = uri.split('?');
  const shown = where.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1');
  return [shown, ...rest.slice(0, 3)].join('?');
}
