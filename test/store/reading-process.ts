// Reads a database over and over while its parent tells it to, as somebody with sqlite3 does, and tells what it sees whenever
// that differs. Waits for nobody: a lock that is held is an error. Usage: fork(…, [path]); ends with its parent.
import { setImmediate } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type { Seen } from './nightly-company.ts';

const CHANGES = ['joined', 'left', 'detached', 'returned', 'moved', 'changed'];

/** Everything in one statement: nothing but SQLite's snapshot keeps its parts together. */
const EVERYTHING = `
WITH run AS (SELECT * FROM runs WHERE published_at IS NOT NULL ORDER BY id DESC LIMIT 1)
SELECT json_object(
  'run', (SELECT id FROM run),
  'stamp', (SELECT title FROM employees WHERE depth = 0),
  'titles', (SELECT json_group_object(title, n) FROM (
    SELECT title, count(*) AS n FROM employees WHERE depth > 0 GROUP BY title ORDER BY title)),
  'people', (SELECT count(*) FROM employees),
  'below', (SELECT total_reports FROM employees WHERE depth = 0),
  'orphans', (SELECT count(*) FROM employees AS e WHERE depth > 0 AND NOT EXISTS (
    SELECT 1 FROM employees AS m WHERE m.id = e.manager_id AND m.depth = e.depth - 1)),
  'primaryLines', (SELECT sum(is_primary) FROM reporting_lines),
  'counted', (SELECT json_array(employees, failed_branches, ${CHANGES.map((kind) => `"${kind}"`).join(', ')}) FROM run),
  'changes', (SELECT json_array(${CHANGES.map((kind) => `count(*) FILTER (WHERE kind = '${kind}')`).join(', ')})
    FROM changes WHERE run_id = (SELECT id FROM run)),
  'newestChange', (SELECT max(run_id) FROM changes),
  'versionsThatHold', (SELECT count(*) FROM employee_history WHERE valid_to IS NULL),
  'outdated', (SELECT count(*) FROM employee_history AS h WHERE valid_to IS NULL AND NOT EXISTS (
    SELECT 1 FROM employees AS e WHERE e.id = h.id AND e.title = h.title)),
  'findings', (SELECT group_concat(kind || ' ' || detail, ', ') FROM findings)
)`;

/** What the reader is told: to read until it is told to rest, which it does when it has read once more. */
export type Word = 'read' | 'rest';
export type Told = { readonly seen: Seen } | { readonly error: string } | { readonly rests: true };

const [path = ''] = process.argv.slice(2);
const database = new Database(path, { readonly: true, timeout: 0 });
const everything = database.prepare<[], string>(EVERYTHING).pluck();
const tell = (told: Told) => process.send?.(told);

let last = '';
let word: Word = 'rest';
process.once('disconnect', () => process.exit());
process.on('message', (told: Word) => {
  word = told;
  if (told === 'read') return void readOn();
  look();
  tell({ rests: true });
});

async function readOn(): Promise<void> {
  while (word === 'read') {
    look();
    await setImmediate();
  }
}

function look(): void {
  try {
    const now = everything.get() ?? '';
    if (now !== last) tell({ seen: JSON.parse(now, parsed) });
    last = now;
  } catch (error) {
    tell({ error: String(error) });
  }
}

/** JSON within JSON, which SQLite hands on as text. */
function parsed(key: string, value: unknown): unknown {
  return ['titles', 'counted', 'changes'].includes(key) && typeof value === 'string'
    ? JSON.parse(value)
    : value;
}
