import { eachSlice, SLICE } from '../file/slices.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { Column, indexOf } from '../publishing/columns.ts';
import { HOLDS, type RunNumbers } from '../run-numbers.ts';

/**
 * What is known of somebody whom a run has not seen. open: not asked for yet; below: a branch above them failed, so that
 * nobody asks; found: taken in; unlinked: in the directory, with no manager in the run; unknown: it could not be told.
 */
export const MISSING = {
  open: 0,
  below: 1,
  found: 2,
  gone: 3,
  unlinked: 4,
  unknown: 5,
} as const;
export type Missing = (typeof MISSING)[keyof typeof MISSING];

interface Row {
  readonly pid: number;
  readonly manager: number | null;
  /** 1: the server has said so, perhaps before an interruption. */
  readonly gone: 0 | 1;
}

/** Nobody's number. */
const NONE = 0;

const NOT_SEEN =
  'NOT EXISTS (SELECT 1 FROM _frontier AS f WHERE f.run = @run AND f.pid = p.pid) ORDER BY pid';
const GONE = 'EXISTS (SELECT 1 FROM _gone AS g WHERE g.run = @run AND g.pid = p.pid) AS gone';
const PUBLISHED = `SELECT pid, manager, ${GONE} FROM _place AS p WHERE pid > @after AND ${HOLDS}`;
const DETACHED = `
  SELECT DISTINCT pid, NULL AS manager, ${GONE} FROM _problem AS p WHERE pid > @after AND kind = 'detached' AND ${HOLDS}`;

/** Those of the published state whom a run has not seen, as columns: there may be many. */
export class MissingPeople {
  readonly #published: Segment;
  /** Who is known to be in the directory, unlinked, since an earlier run. */
  readonly #detached: Segment;

  private constructor(published: Segment, detached: Segment) {
    this.#published = published;
    this.#detached = detached;
  }

  /** @param before what is known of them already */
  static async load(
    database: Sqlite,
    numbers: RunNumbers,
    before: MissingPeople | undefined,
    signal: AbortSignal,
  ): Promise<MissingPeople> {
    const load = (sql: string) =>
      loadColumns(database, `${sql} AND ${NOT_SEEN} LIMIT ${SLICE}`, numbers, signal);
    const answer = (pid: number) => before?.of(pid);
    const published = new Segment(await load(PUBLISHED), answer);
    const detached = new Segment(await load(DETACHED), answer);
    const missing = new MissingPeople(published, detached);
    if (published.size > 0) await missing.#markBelow(database, numbers, signal);
    return missing;
  }

  /** Undefined: the person is not missing. */
  of(pid: number): Missing | undefined {
    return this.#published.of(pid) ?? this.#detached.of(pid);
  }

  set(pid: number, answer: Missing): void {
    this.#published.set(pid, answer);
    this.#detached.set(pid, answer);
  }

  /** How many of the published state are in the directory no more, or linked to nobody. */
  get dropped(): number {
    return this.#published.count(MISSING.gone) + this.#published.count(MISSING.unlinked);
  }

  /** At most `max` to ask for: nobody whose manager may still be found and bring them along. */
  next(max: number): readonly number[] {
    return [...this.#published.next(max), ...this.#detached.next(max)].slice(0, max);
  }

  /** Everyone of the published state of whom this is known. */
  all(answer: Missing): readonly number[] {
    return [...this.#published.pids].filter((pid) => this.#published.of(pid) === answer);
  }

  /** Those who were detached before and are so still, as far as anybody can tell. */
  stillDetached(): readonly number[] {
    return [...this.#detached.pids].filter((pid) => this.#detached.of(pid) !== MISSING.gone);
  }

  async #markBelow(database: Sqlite, numbers: RunNumbers, signal: AbortSignal): Promise<void> {
    const failed = database
      .prepare<unknown[], number>('SELECT pid FROM _failure WHERE run = ?')
      .pluck()
      .all(numbers.run);
    this.#published.reopen();
    if (failed.length === 0) return;
    const everyone = await loadColumns(
      database,
      `${PUBLISHED} ORDER BY pid LIMIT ${SLICE}`,
      numbers,
      signal,
    );
    this.#published.markBelow(belowThe(new Set(failed), everyone));
  }
}

interface Columns {
  readonly pids: Int32Array;
  readonly managers: Int32Array;
  /** 1: gone. */
  readonly gone: Int32Array;
}

/** People by ascending number, and what is known of each. */
class Segment {
  readonly pids: Int32Array;
  readonly #managers: Int32Array;
  readonly #answers: Uint8Array;

  constructor({ pids, managers, gone }: Columns, answerOf: (pid: number) => Missing | undefined) {
    this.pids = pids;
    this.#managers = managers;
    this.#answers = Uint8Array.from(pids, (pid, at) => {
      return answerOf(pid) ?? (gone[at] === 1 ? MISSING.gone : MISSING.open);
    });
  }

  get size(): number {
    return this.pids.length;
  }

  of(pid: number): Missing | undefined {
    const at = indexOf(this.pids, pid);
    return at < 0 ? undefined : (this.#answers[at] as Missing);
  }

  set(pid: number, answer: Missing): void {
    const at = indexOf(this.pids, pid);
    if (at >= 0) this.#answers[at] = answer;
  }

  count(answer: Missing): number {
    let count = 0;
    for (const each of this.#answers) if (each === answer) count += 1;
    return count;
  }

  next(max: number): readonly number[] {
    const next: number[] = [];
    for (let i = 0; i < this.pids.length && next.length < max; i += 1) {
      if (this.#answers[i] !== MISSING.open) continue;
      const manager = this.of(this.#managers[i] as number);
      if (manager === MISSING.open || manager === MISSING.found) continue;
      next.push(this.pids[i] as number);
    }
    return next;
  }

  /** Another branch may have failed since, or not fail any more. */
  reopen(): void {
    for (let i = 0; i < this.#answers.length; i += 1) {
      if (this.#answers[i] === MISSING.below) this.#answers[i] = MISSING.open;
    }
  }

  markBelow(isBelow: (manager: number) => boolean): void {
    for (let i = 0; i < this.#answers.length; i += 1) {
      if (this.#answers[i] !== MISSING.open) continue;
      if (isBelow(this.#managers[i] as number)) this.#answers[i] = MISSING.below;
    }
  }
}

const UNTOLD = 0;
const CLEAR = 1;
const BELOW = 2;

/** Whether a published person is one of `failed`, or somebody above them is. */
function belowThe(failed: ReadonlySet<number>, { pids, managers }: Columns) {
  const told = new Uint8Array(pids.length);
  return (person: number): boolean => {
    const way: number[] = [];
    let at = indexOf(pids, person);
    while (at >= 0 && told[at] === UNTOLD && !failed.has(pids[at] as number)) {
      way.push(at);
      at = indexOf(pids, managers[at] as number);
    }
    const is = at >= 0 && (told[at] === BELOW || failed.has(pids[at] as number));
    for (const each of way) told[each] = is ? BELOW : CLEAR;
    return is;
  };
}

async function loadColumns(
  database: Sqlite,
  sql: string,
  { run, published }: RunNumbers,
  signal: AbortSignal,
): Promise<Columns> {
  const pids = new Column();
  const managers = new Column();
  const gone = new Column();
  const select = database.prepare<unknown[], Row>(sql);
  await eachSlice(
    (after) => select.all({ run, published, after }),
    (rows) => {
      for (const row of rows) {
        pids.push(row.pid);
        managers.push(row.manager ?? NONE);
        gone.push(row.gone);
      }
    },
    signal,
  );
  return { pids: pids.values(), managers: managers.values(), gone: gone.values() };
}
