import type { Statement } from 'better-sqlite3';
import type { ChangeKind } from '../../domain/changes.ts';
import { NONE } from '../../domain/lines.ts';
import { eachSlice, SLICE, untilNone } from '../file/slices.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { HOLDS, type RunNumbers } from '../run-numbers.ts';
import { indexOf } from './columns.ts';
import type { Organisation } from './organisation.ts';
import { VersionComparison, VersionEraser } from './versions.ts';

export type Changes = Record<ChangeKind, number>;

interface PlaceRow {
  readonly pid: number;
  readonly vid: number;
  readonly first_run: number;
  readonly seen_run: number | null;
  readonly manager: number | null;
  readonly depth: number | null;
  readonly direct_reports: number;
  readonly total_reports: number;
}

/** Nulls: the run knows nothing of the person, who is kept. */
interface CurrentRow extends PlaceRow {
  readonly seen: 0 | 1 | null;
  readonly new_vid: number | null;
}

/** Writes the places that differ from the published ones, and who differs. */
export class PlaceWriter {
  readonly #database: Sqlite;
  readonly #numbers: RunNumbers;
  readonly #organisation: Organisation;
  readonly #comparison: VersionComparison;
  readonly #current: Statement<unknown[], CurrentRow>;
  readonly #later: Statement<unknown[], [pid: number, vid: number]>;
  readonly #first: Statement<unknown[], number>;
  readonly #insert: Statement<unknown[]>;
  readonly #closePlace: Statement<unknown[]>;
  readonly #closeVersion: Statement<unknown[]>;
  readonly #eraser: VersionEraser;
  readonly #insertChange: Statement<unknown[]>;
  readonly #detached: ReadonlySet<number>;
  readonly #changes: Changes = {
    joined: 0,
    left: 0,
    detached: 0,
    returned: 0,
    moved: 0,
    changed: 0,
  };

  /** @param detached people whom the organisation does not hold: in the directory still, and linked to nobody */
  constructor(
    database: Sqlite,
    numbers: RunNumbers,
    organisation: Organisation,
    detached: ReadonlySet<number>,
  ) {
    this.#database = database;
    this.#numbers = numbers;
    this.#organisation = organisation;
    const { published } = numbers;
    const isPublished = database.prepare(`SELECT 1 FROM _place WHERE pid = @pid AND ${HOLDS}`);
    this.#comparison = new VersionComparison(database, {
      before: (pid) => isPublished.get({ pid, published }) !== undefined,
      after: (pid) => indexOf(organisation.pids, pid) >= 0,
    });
    this.#current = database.prepare(
      `SELECT p.pid, p.vid, first_run, seen_run, manager, depth, direct_reports, total_reports,
         f.seen, f.vid AS new_vid
       FROM _place AS p LEFT JOIN _frontier AS f ON f.run = @run AND f.pid = p.pid
       WHERE p.pid > @after AND p.pid <= @upTo AND ${HOLDS} ORDER BY p.pid`,
    );
    this.#later = database
      .prepare<unknown[], [number, number]>(
        'SELECT pid, vid FROM _frontier WHERE run = @run AND pid > @after AND pid <= @upTo AND vid <> pid',
      )
      .raw();
    this.#first = database
      .prepare<unknown[], number>(
        'SELECT min(first_run) FROM _place WHERE pid = ? AND from_run <= ?',
      )
      .pluck();
    this.#insert = database.prepare(
      `INSERT INTO _place (pid, from_run, vid, first_run, seen_run, manager, depth, direct_reports, total_reports)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#closePlace = database.prepare(
      `UPDATE _place SET to_run = @run WHERE pid = @pid AND ${HOLDS}`,
    );
    this.#closeVersion = database.prepare('UPDATE _version SET to_run = ? WHERE vid = ?');
    this.#eraser = new VersionEraser(database, numbers.run);
    this.#detached = detached;
    this.#insertChange = database.prepare(
      'INSERT INTO _change (run, pid, kind, before, after) VALUES (?, ?, ?, ?, ?)',
    );
  }

  async write(signal: AbortSignal): Promise<Readonly<Changes>> {
    const { pids } = this.#organisation;
    const slice = this.#database.transaction((from: number, to: number) => this.#slice(from, to));
    let from = 0;
    await untilNone(() => {
      const to = Math.min(from + SLICE, pids.length);
      slice.immediate(from, to);
      const written = to - from;
      from = to;
      return written;
    }, signal);
    await this.#closeBeyond(pids.at(-1) ?? 0, signal);
    return this.#changes;
  }

  /** People `from` … `to - 1` of the organisation, and the published ones between them who are no longer in it. */
  #slice(from: number, to: number): void {
    const { pids } = this.#organisation;
    const after = from === 0 ? 0 : (pids[from - 1] as number);
    const upTo = pids[to - 1] ?? after;
    const { run, published } = this.#numbers;
    const current = published === 0 ? [] : this.#current.all({ after, upTo, run, published });
    // A person's number is that of their first version, which most have who are new. On most nights nobody is.
    let later: ReadonlyMap<number, number> | undefined;
    let next = 0;
    for (let i = from; i < to; i += 1) {
      const pid = pids[i] as number;
      for (; (current[next]?.pid ?? pid) < pid; next += 1) this.#leave(current[next] as PlaceRow);
      const before = current[next];
      if (before?.pid === pid) {
        this.#stay(i, before);
        next += 1;
      } else {
        later ??= new Map(this.#later.all({ after, upTo, run }));
        this.#arrive(i, pid, later.get(pid) ?? pid);
      }
    }
  }

  /** Published people whose numbers lie above everyone's in the organisation. */
  async #closeBeyond(last: number, signal: AbortSignal): Promise<void> {
    const { published } = this.#numbers;
    const select = this.#database.prepare<unknown[], PlaceRow>(
      `SELECT * FROM _place WHERE pid > @after AND ${HOLDS} ORDER BY pid LIMIT ${SLICE}`,
    );
    const close = this.#database.transaction((rows: readonly PlaceRow[]) => {
      for (const row of rows) this.#leave(row);
    });
    await eachSlice(
      (after) => select.all({ after: Math.max(after, last), published }),
      (rows) => close.immediate(rows),
      signal,
    );
  }

  #arrive(index: number, pid: number, vid: number): void {
    const { run, published } = this.#numbers;
    const first = published === 0 ? null : this.#first.get(pid, published);
    // The first published state has nobody to compare with: nobody joined.
    if (published > 0) {
      this.#note(first == null ? 'joined' : 'returned', pid, { before: null, after: vid });
    }
    this.#add(index, vid, first ?? run, this.#seenNow);
  }

  #stay(index: number, before: CurrentRow): void {
    const vid = this.#versionOf(before, before.new_vid ?? before.vid);
    const seen = before.seen === 1 ? this.#seenNow : this.#seenBefore(before);
    if (vid === before.vid && seen === before.seen_run && this.#samePlace(index, before)) return;
    const { run, published } = this.#numbers;
    this.#closePlace.run({ pid: before.pid, run, published });
    if (vid !== before.vid) this.#closeVersion.run(run, before.vid);
    this.#add(index, vid, before.first_run, seen);
  }

  #leave(before: PlaceRow): void {
    const { run, published } = this.#numbers;
    this.#closePlace.run({ pid: before.pid, run, published });
    this.#closeVersion.run(run, before.vid);
    const kind = this.#detached.has(before.pid) ? 'detached' : 'left';
    this.#note(kind, before.pid, { before: before.vid, after: null });
  }

  #note(
    kind: ChangeKind,
    pid: number,
    { before, after }: { readonly before: number | null; readonly after: number | null },
  ): void {
    this.#changes[kind] += 1;
    this.#insertChange.run(this.#numbers.run, pid, kind, before, after);
  }

  /** Null where this run read everything: then it need not be written for each person. */
  get #seenNow(): number | null {
    const { run, inherits } = this.#numbers;
    return inherits ? run : null;
  }

  #seenBefore({ seen_run }: PlaceRow): number | null {
    const { whole, inherits } = this.#numbers;
    return inherits ? seen_run : (seen_run ?? whole);
  }

  /** The version to publish: the former one, unless the new one says something new. */
  #versionOf(before: PlaceRow, vid: number): number {
    if (vid === before.vid) return vid;
    const difference = this.#comparison.compare(before.vid, vid);
    const vids = { before: before.vid, after: vid };
    if (difference.moved) this.#note('moved', before.pid, vids);
    if (difference.changed) this.#note('changed', before.pid, vids);
    if (difference.any) return vid;
    this.#eraser.erase(vid, { run: this.#numbers.run, pid: before.pid, former: before.vid });
    return before.vid;
  }

  #samePlace(index: number, before: PlaceRow): boolean {
    const { forest } = this.#organisation;
    return (
      before.total_reports === forest.total[index] &&
      before.direct_reports === forest.direct[index] &&
      before.manager === this.#managerPid(index) &&
      before.depth === orNull(forest.depth[index])
    );
  }

  #add(index: number, vid: number, first: number, seen: number | null): void {
    const { pids, forest } = this.#organisation;
    this.#insert.run(
      pids[index],
      this.#numbers.run,
      vid,
      first,
      seen,
      this.#managerPid(index),
      orNull(forest.depth[index]),
      forest.direct[index],
      forest.total[index],
    );
  }

  #managerPid(index: number): number | null {
    const { pids, forest } = this.#organisation;
    const manager = forest.manager(index);
    return manager === NONE ? null : (pids[manager] as number);
  }
}

function orNull(value: number | undefined): number | null {
  return value === undefined || value === NONE ? null : value;
}
