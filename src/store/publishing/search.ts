import { setImmediate } from 'node:timers/promises';
import { defineFold } from '../file/folding.ts';
import { SLICE, untilNone } from '../file/slices.ts';
import type { Sqlite } from '../file/sqlite.ts';
import type { RunNumbers } from '../run-numbers.ts';

const COLUMNS = ['username', 'name', 'email', 'employee_number', 'title', 'department'] as const;

/** ASCII goes in as it is, since the tokenizer folds it: a call for each column of everyone would cost more than the index. */
const folded = (column: string) =>
  `iif(length(${column}) = octet_length(${column}), ${column}, orgwalk_fold(${column}))`;

/**
 * Each slice is large enough to stand in the index by itself: merged whenever there are four of a size, as FTS5 does by itself,
 * everything would be written once more often (sqlite.org/fts5.html#the_automerge_configuration_option). Sixteen are merged still.
 */
const NO_MERGE = 0;
const MERGE = 4;

/** The name, with what it leaves out of the given name and the surname. */
const NAME = `concat_ws(' ', name, iif(instr(coalesce(name, ''), given_name), NULL, given_name),
  iif(instr(coalesce(name, ''), surname), NULL, surname))`;

/**
 * Makes the versions that a run brought findable, in slices, each a transaction of its own: those that stand in one of its
 * places, which must be written. May be interrupted and called again; what is there already stays.
 */
export async function indexVersions(
  database: Sqlite,
  { run, published }: Pick<RunNumbers, 'run' | 'published'>,
  signal: AbortSignal,
): Promise<void> {
  const add = adding(database, run);
  const nextVid = database
    .prepare<unknown[], number | null>('SELECT min(vid) FROM _version WHERE vid > ?')
    .pluck();
  const last = database.prepare('SELECT max(vid) FROM _version').pluck().get() as number | null;
  let from = firstVidAfter(database, published);
  while (last !== null && from <= last) {
    signal.throwIfAborted();
    add.immediate(from, from + SLICE);
    from = nextVid.get(from + SLICE - 1) ?? last + 1;
    await setImmediate();
  }
}

/**
 * Where the versions begin that no published run brought. Versions are numbered upwards, and those of unpublished runs,
 * however many there are, come behind all others: this takes a look at twenty of them instead of at all.
 */
function firstVidAfter(database: Sqlite, published: number): number {
  const next = database.prepare<unknown[], { readonly vid: number; readonly from_run: number }>(
    'SELECT vid, from_run FROM _version WHERE vid >= ? ORDER BY vid LIMIT 1',
  );
  let low = 1;
  let high = 1 + Number(database.prepare('SELECT max(vid) FROM _version').pluck().get() ?? 0);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = next.get(middle);
    if (found !== undefined && found.from_run <= published) low = found.vid + 1;
    else high = middle;
  }
  return low;
}

function adding(database: Sqlite, run: number) {
  defineFold(database);
  const insert = (but: string) =>
    database.prepare(
      `INSERT INTO _search (rowid, ${COLUMNS.join(', ')})
       ${textsOf(`WHERE v.vid >= ? AND v.vid < ? AND v.from_run = ${run} AND EXISTS (
         SELECT 1 FROM _place AS p WHERE p.pid = v.pid AND p.from_run = ${run} AND p.vid = v.vid
       ) ${but}`)}`,
    );
  const all = insert('');
  const others = insert(`AND NOT EXISTS (${INDEXED})`);
  const some = database.prepare('SELECT 1 FROM _search WHERE rowid >= ? AND rowid < ? LIMIT 1');
  const merging = (segments: number) =>
    database.prepare(`INSERT INTO _search (_search, rank) VALUES ('automerge', ${segments})`);
  const [stop, goOn] = [merging(NO_MERGE), merging(MERGE)];
  return database.transaction((from: number, to: number) => {
    stop.run();
    (some.get(from, to) === undefined ? all : others).run(from, to);
    // Writes the slice to the index first, and is rolled back with it.
    goOn.run();
  });
}

const INDEXED = 'SELECT 1 FROM _search AS s WHERE s.rowid = v.vid';

/** What the index holds of versions, `_version AS v`. */
function textsOf(where: string): string {
  return `SELECT vid, ${COLUMNS.map(folded).join(', ')} FROM (
    SELECT v.vid, v.username, ${NAME} AS name, v.email, v.employee_number, v.title, v.department
    FROM _version AS v ${where} ORDER BY v.vid
  )`;
}

/**
 * Takes versions out of the search index, within the caller's transaction. Whoever is not in it is passed over. To be called
 * while they say what they said when they came into it: an index without content is told what to take out
 * (sqlite.org/fts5.html#the_delete_command). `contentless_delete` would spare that, but no SQLite before 3.43 opens such a file.
 */
export function unindex(database: Sqlite, vids: readonly number[]): void {
  defineFold(database);
  const remove = database.prepare(
    `INSERT INTO _search (_search, rowid, ${COLUMNS.join(', ')})
     SELECT 'delete', * FROM (${textsOf(`WHERE v.vid = ? AND EXISTS (${INDEXED})`)})`,
  );
  for (const vid of vids) remove.run(vid);
}

/** Lets `change` say something else of versions, within the caller's transaction: those in the index are found by it then. */
export function whileUnindexed(
  database: Sqlite,
  vids: readonly number[],
  change: () => void,
): void {
  const has = database.prepare('SELECT 1 FROM _search WHERE rowid = ?');
  const indexed = vids.filter((vid) => has.get(vid) !== undefined);
  unindex(database, indexed);
  change();
  const add = database.prepare(
    `INSERT INTO _search (rowid, ${COLUMNS.join(', ')}) ${textsOf('WHERE v.vid = ?')}`,
  );
  for (const vid of indexed) add.run(vid);
}

/** Takes out, in slices, whatever runs after the published one have brought: it may yet say something else. */
export async function unindexAfter(
  database: Sqlite,
  published: number,
  signal: AbortSignal,
): Promise<void> {
  const next = database
    .prepare<unknown[], number>(
      `SELECT rowid FROM _search WHERE rowid >= ? ORDER BY rowid LIMIT ${SLICE}`,
    )
    .pluck();
  let from = firstVidAfter(database, published);
  await untilNone(() => {
    const vids = next.all(from);
    database.transaction(() => unindex(database, vids)).immediate();
    from = (vids.at(-1) ?? from) + 1;
    return vids.length;
  }, signal);
}

/** Writes the index anew without what was taken out, all at once: until then, words of it may stand in it still. */
export function purgeIndex(database: Sqlite): void {
  database.exec("INSERT INTO _search (_search) VALUES ('optimize')");
}
