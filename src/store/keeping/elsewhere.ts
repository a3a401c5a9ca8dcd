import type { Sqlite } from '../file/sqlite.ts';
import { whileUnindexed } from '../publishing/search.ts';
import type { Traces } from './traces.ts';

/** What other people's entries tell that may name somebody; their own names are theirs. */
const TOLD = ['title', 'department', 'location', 'attributes'] as const;

/** Blanks what somebody was called wherever it stands but in their own rows. Call within a transaction. @returns how many rows it was */
export function blankElsewhere(database: Sqlite, pid: number, traces: Traces): number {
  define(database, traces);
  const run = (sql: string, values = {}) => database.prepare(sql).run(values).changes;
  // Of earlier states: nobody reports to somebody who is not there.
  run('UPDATE _place SET manager = NULL WHERE manager = @pid', { pid });
  // A run that is held has lines of its own, which readers see when it is released.
  const lines = ['_line', '_respelt'].flatMap((table) => [
    run(`UPDATE ${table} SET manager = NULL, value = '' WHERE manager = @pid`, { pid }),
    run(
      `UPDATE ${table} SET value = '' WHERE manager IS NULL AND value <> '' AND orgwalk_named(value)`,
    ),
  ]);
  const counts = [
    ...lines,
    run(blanking('_problem', 'detail')),
    run(blanking('_failure', 'last_error')),
    blankTold(database, pid),
    blankQuestions(database, traces),
  ];
  return counts.reduce((sum, count) => sum + count);
}

function define(database: Sqlite, traces: Traces): void {
  database.function('orgwalk_named', (text) => (traces.name(String(text)) ? 1 : 0));
  database.function('orgwalk_without', (text, name) => {
    return text === null ? null : traces.without(String(text), name === null ? null : String(name));
  });
}

function blanking(table: string, column: string): string {
  const blank = `orgwalk_without(${column}, NULL)`;
  return `UPDATE ${table} SET ${column} = ${blank} WHERE ${column} <> ${blank}`;
}

/** A title is in the search index: it goes out with its words and comes back without. */
function blankTold(database: Sqlite, pid: number): number {
  const blank = (column: string) => `orgwalk_without(${column}, name)`;
  const vids = database
    .prepare<unknown[], number>(
      `SELECT vid FROM _version WHERE pid <> ? AND (${TOLD.map((c) => `${c} <> ${blank(c)}`).join(' OR ')})`,
    )
    .pluck()
    .all(pid);
  const update = database.prepare(
    `UPDATE _version SET ${TOLD.map((c) => `${c} = ${blank(c)}`).join(', ')}, fingerprint = NULL WHERE vid = ?`,
  );
  whileUnindexed(database, vids, () => {
    for (const vid of vids) update.run(vid);
  });
  return vids.length;
}

interface Asked {
  readonly id: number;
  readonly question: string;
}

/** Roots are named by DN, mail address or filter. */
function blankQuestions(database: Sqlite, traces: Traces): number {
  const runs = database.prepare<unknown[], Asked>('SELECT id, question FROM _run').all();
  const update = database.prepare('UPDATE _run SET question = ? WHERE id = ?');
  let count = 0;
  for (const { id, question } of runs) {
    const blank = JSON.stringify(JSON.parse(question), (key, value) => blanked(traces, key, value));
    if (blank === JSON.stringify(JSON.parse(question))) continue;
    update.run(blank, id);
    count += 1;
  }
  return count;
}

function blanked(traces: Traces, key: string, value: unknown): unknown {
  if (typeof value === 'string') return traces.without(value);
  if (key !== 'roots' || !Array.isArray(value)) return value;
  return value.map((root) => (traces.areRoot(String(root)) ? '' : root));
}
