import { reindex, unindex } from './search.ts';
import type { Sqlite } from './sqlite.ts';
import type { Traces } from './traces.ts';

/** What other people's entries tell that may name somebody; their own names are theirs. */
const TOLD = ['title', 'department', 'location', 'attributes'] as const;

/** Blanks what somebody was called wherever it stands but in their own rows. Call within a transaction. @returns how many rows it was */
export function blankElsewhere(database: Sqlite, pid: number, traces: Traces): number {
  define(database, traces);
  const steps = [
    'UPDATE _place SET manager = NULL WHERE manager = @pid',
    "UPDATE _line SET manager = NULL, value = '' WHERE manager = @pid",
    "UPDATE _line SET value = '' WHERE manager IS NULL AND value <> '' AND orgwalk_named(value)",
    ...['_problem.detail', '_failure.last_error'].map(blanking),
  ];
  const counts = steps.map((sql) => {
    const statement = database.prepare(sql);
    return (sql.includes('@pid') ? statement.run({ pid }) : statement.run()).changes;
  });
  const told = blankTold(database, pid);
  const [, ...named] = counts;
  return named.reduce((sum, count) => sum + count, told + blankQuestions(database, traces));
}

function define(database: Sqlite, traces: Traces): void {
  database.function('orgwalk_named', (text) => (traces.name(String(text)) ? 1 : 0));
  database.function('orgwalk_without', (text, name) => {
    return text === null ? null : traces.without(String(text), name === null ? null : String(name));
  });
}

function blanking(column: string): string {
  const [table, name] = column.split('.');
  const blank = `orgwalk_without(${name}, NULL)`;
  return `UPDATE ${table} SET ${name} = ${blank} WHERE ${name} <> ${blank}`;
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
  unindex(database, vids);
  const update = database.prepare(
    `UPDATE _version SET ${TOLD.map((c) => `${c} = ${blank(c)}`).join(', ')} WHERE vid = ?`,
  );
  for (const vid of vids) update.run(vid);
  reindex(database, vids);
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
