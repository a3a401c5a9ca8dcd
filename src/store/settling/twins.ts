import { setImmediate } from 'node:timers/promises';
import { dnKey } from '../../domain/dn.ts';
import type { KnownPerson, Twin, TwinAnswer } from '../../domain/ports.ts';
import { SLICE } from '../file/slices.ts';
import { INTEGER, type Sqlite, TEXT } from '../file/sqlite.ts';
import { Staged } from '../recording/staged.ts';
import { stillHolds, VERSION, type VersionRow } from '../recording/version-row.ts';
import type { RunNumbers } from '../run-numbers.ts';
import { type Candidate, type Verdict, verdictOn } from './twin-verdict.ts';

/** Ids that are settled in one go: bounds the memory, not the work. */
const AT_ONCE = 500;

interface Seen extends Candidate {
  readonly pid: number;
  readonly id: string;
  readonly dn: string;
}

/** All who were seen with one id. */
interface Group {
  readonly id: string;
  readonly seen: readonly Seen[];
  /** Who had the id before this run, and may have left. */
  readonly owner: number | undefined;
  readonly verdict: Verdict<Seen>;
}

interface Named {
  readonly pid: number;
  readonly vid: number;
  readonly n: number;
  readonly value: string;
  readonly own: 0 | 1;
}

/**
 * Ids that were seen at several DNs in a run. Until the server has been asked, each DN is taken for a person of its own,
 * so that what is below it is read. Then either one was renamed while the crawl ran, or the directory gives one id twice.
 */
export class Twins {
  readonly #database: Sqlite;
  readonly #numbers: RunNumbers;
  readonly #keyOf: (value: string) => string;

  constructor(database: Sqlite, numbers: RunNumbers, keyOf: (value: string) => string) {
    this.#database = database;
    this.#numbers = numbers;
    this.#keyOf = keyOf;
  }

  /** What is to be asked of the server, at most `max` at a time. Only when everyone waiting has been read. */
  open(max: number): readonly Twin[] {
    const { run } = this.#numbers;
    // Whoever had the id all along and was seen where they were.
    this.#do(
      `INSERT OR IGNORE INTO _twin (run, id, pid) SELECT t.run, t.id, v.pid
       FROM (SELECT DISTINCT run, id FROM _twin WHERE run = ${run}) AS t
       CROSS JOIN _version AS v ON v.id = t.id
       CROSS JOIN _frontier AS f ON f.run = t.run AND f.pid = v.pid AND f.vid = v.vid`,
    );
    const open = this.#database
      .prepare<unknown[], Twin>(
        `SELECT t.pid AS person, t.id, v.dn FROM _twin AS t
         JOIN _frontier AS f ON f.run = t.run AND f.pid = t.pid JOIN _version AS v ON v.vid = f.vid
         WHERE t.run = ${run} AND t.answer IS NULL
           AND (SELECT count(*) FROM _twin AS o WHERE o.run = t.run AND o.id = t.id) > 1
         ORDER BY t.id, t.pid LIMIT ${INTEGER}`,
      )
      .all(max);
    // A manager value that led to the id may have meant the other one.
    if (open.length > 0) this.#forgetAnswers([...new Set(open.map(({ id }) => id))]);
    return open;
  }

  settle({ id, person }: Twin, answer: TwinAnswer | 'unknown'): void {
    const { run } = this.#numbers;
    this.#do(
      'UPDATE _twin SET answer = ? WHERE run = ? AND id = ? AND pid = ?',
      answer,
      run,
      id,
      person,
    );
  }

  /** Acts on the answers. To be repeated at will. Returns whether the run holds other people than before. */
  async resolve(signal: AbortSignal): Promise<boolean> {
    let changed = false;
    const apply = this.#database.transaction((groups: readonly Group[]) => {
      for (const group of groups) this.#apply(group);
    });
    for (let after = ''; ; ) {
      signal.throwIfAborted();
      await setImmediate();
      const groups = this.#groupsAfter(after);
      if (groups.length === 0) return changed;
      after = groups.at(-1)?.id ?? after;
      const people = groups.filter(changes).flatMap(({ seen }) => seen.map(({ pid }) => pid));
      if (people.length > 0) await this.#doubtLines(people, signal);
      changed ||= people.length > 0;
      apply.immediate(groups);
    }
  }

  /** Those who are at none of the DNs at which they were seen. */
  lost(): readonly KnownPerson[] {
    const { run } = this.#numbers;
    return this.#database
      .prepare<unknown[], KnownPerson>(
        `SELECT t.pid AS person, t.id, v.dn FROM _twin AS t
         JOIN _frontier AS f ON f.run = t.run AND f.pid = t.pid JOIN _version AS v ON v.vid = f.vid AND v.id = t.id
         WHERE t.run = ${run} AND t.answer = 'gone' AND (SELECT count(*) FROM _twin AS o WHERE o.run = t.run AND o.id = t.id) = 1`,
      )
      .all();
  }

  #groupsAfter(after: string): readonly Group[] {
    const { run } = this.#numbers;
    const ids = this.#database
      .prepare<unknown[], string>(
        `SELECT id FROM _twin WHERE run = ${run} AND id > ${TEXT} GROUP BY id
         HAVING count(*) > 1 AND count(answer) = count(*) ORDER BY id LIMIT ${AT_ONCE}`,
      )
      .pluck()
      .all(after);
    return ids.map((id) => this.#group(id));
  }

  #group(id: string): Group {
    const { run } = this.#numbers;
    const rows = this.#database
      .prepare<unknown[], Omit<Seen, 'key' | 'goesByDn'>>(
        `SELECT t.pid, v.id, v.dn, t.answer FROM _twin AS t
         JOIN _frontier AS f ON f.run = t.run AND f.pid = t.pid JOIN _version AS v ON v.vid = f.vid
         WHERE t.run = ${run} AND t.id = ?`,
      )
      .all(id);
    const seen = rows.map((row) => {
      const key = dnKey(row.dn);
      const byDn = this.#published(key, 1);
      return { ...row, key, goesByDn: byDn?.[1] === row.pid && stillHolds(byDn, this.#numbers) };
    });
    const owner = this.#published(id, 0);
    const ownerAt = owner && stillHolds(owner, this.#numbers) ? dnKey(owner[6]) : undefined;
    return { id, seen, owner: owner?.[1], verdict: verdictOn(seen, ownerAt) };
  }

  #published(id: string, byDn: 0 | 1): VersionRow | undefined {
    return this.#database
      .prepare<unknown[], VersionRow>(
        `SELECT ${VERSION.join(', ')} FROM _version
         WHERE id = ${TEXT} AND by_dn = ${byDn} AND from_run <= ? ORDER BY vid DESC LIMIT 1`,
      )
      .raw()
      .get(id, this.#numbers.published);
  }

  /** Whoever was taken for a report of one of them: by which value is looked up again when it is settled who they are. */
  async #doubtLines(people: readonly number[], signal: AbortSignal): Promise<void> {
    const { run } = this.#numbers;
    const named = this.#database.prepare<unknown[], Named>(
      `SELECT f.pid, l.vid, l.n, l.value, v.from_run = f.run AS own
       FROM _frontier AS f NOT INDEXED CROSS JOIN _version AS v ON v.vid = f.vid CROSS JOIN _line AS l ON l.vid = f.vid
       WHERE f.run = ${run} AND f.seq > ? AND f.seq <= ? AND l.manager IN (SELECT value FROM json_each(?))`,
    );
    const doubt = this.#database.transaction((lines: readonly Named[]) => {
      for (const line of lines) this.#doubt(line);
    });
    const last = this.#database
      .prepare<unknown[], number | null>('SELECT max(seq) FROM _frontier WHERE run = ?')
      .pluck()
      .get(run);
    for (let after = 0; after < (last ?? 0); after += SLICE) {
      signal.throwIfAborted();
      await setImmediate();
      doubt.immediate(named.all(after, after + SLICE, JSON.stringify(people)));
    }
  }

  #doubt({ pid, vid, n, value, own }: Named): void {
    this.#do(
      'INSERT OR IGNORE INTO _doubt (run, key, pid, value) VALUES (?, ?, ?, ?)',
      this.#numbers.run,
      this.#keyOf(value),
      pid,
      value,
    );
    // The number may be given to somebody else when this one turns out to be nobody.
    if (own === 1) this.#do('UPDATE _line SET manager = NULL WHERE vid = ? AND n = ?', vid, n);
  }

  #apply(group: Group): void {
    const { id, owner, verdict } = group;
    const { keeper, gone, duplicates } = verdict;
    const staged = new Staged(this.#database, this.#numbers);
    const swap = swaps(group) ? { from: keeper?.pid, to: owner } : undefined;
    if (swap?.from !== undefined && swap.to !== undefined) staged.exchange(swap.from, swap.to);
    const personOf = ({ pid }: Seen) => {
      if (pid === swap?.from) return swap.to ?? pid;
      return pid === swap?.to ? (swap.from ?? pid) : pid;
    };
    const heir = keeper && personOf(keeper);
    for (const each of gone) staged.drop(personOf(each), heir);
    if (changes(group)) {
      this.#name(group, personOf, staged);
      this.#forgetAnswers([id, ...group.seen.map(({ key }) => key)]);
    }
    if (heir !== undefined) this.#noteDuplicate(heir, id, false);
    for (const each of duplicates) this.#noteDuplicate(personOf(each), id, true);
  }

  #name({ id, seen, verdict }: Group, personOf: (seen: Seen) => number, staged: Staged): void {
    const { keeper, gone } = verdict;
    for (const each of seen) {
      const person = personOf(each);
      if (each === keeper) staged.rename(person, id, 0);
      else if (!gone.includes(each)) staged.rename(person, each.key, 1);
    }
  }

  #noteDuplicate(pid: number, id: string, is: boolean): void {
    const { run } = this.#numbers;
    this.#do(
      "DELETE FROM _finding WHERE run = ? AND pid = ? AND kind = 'duplicate_id' AND detail = ?",
      run,
      pid,
      id,
    );
    if (!is) return;
    this.#do(
      `INSERT INTO _finding (run, kind, pid, vid, detail)
       SELECT run, 'duplicate_id', pid, vid, ? FROM _frontier WHERE run = ? AND pid = ?`,
      id,
      run,
      pid,
    );
  }

  /** Whom a manager value leads to is settled anew. */
  #forgetAnswers(ids: readonly string[]): void {
    this.#do(
      'DELETE FROM _answer WHERE run = ? AND id IN (SELECT value FROM json_each(?))',
      this.#numbers.run,
      JSON.stringify(ids),
    );
  }

  #do(sql: string, ...values: readonly unknown[]): void {
    this.#database.prepare(sql).run(...values);
  }
}

/** Whether another one than whoever had the id before this run was taken for them. */
function swaps({ owner, seen, verdict: { keeper } }: Group): boolean {
  if (owner === undefined || keeper === undefined || keeper.goesByDn) return false;
  return keeper.pid !== owner && seen.some(({ pid }) => pid === owner);
}

function changes(group: Group): boolean {
  const { id, seen, verdict } = group;
  const { keeper, gone } = verdict;
  if (gone.length > 0 || swaps(group)) return true;
  return seen.some((each) => each.id !== (each === keeper ? id : each.key));
}
