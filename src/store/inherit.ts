import { HOLDS, type RunNumbers } from './run-numbers.ts';
import { SLICE, untilNone } from './slices.ts';
import type { Sqlite } from './sqlite.ts';

/**
 * Takes over what the published run has read: everyone whom it saw is known, and their branches are complete, but for
 * those that failed, which wait. In slices; what is there already stays, so a call that was cut off is simply repeated.
 */
export async function inherit(
  database: Sqlite,
  numbers: RunNumbers,
  signal: AbortSignal,
): Promise<void> {
  const { run, published, whole } = numbers;
  const seen = `
    SELECT p.pid, p.vid, f.pid IS NULL AS state FROM _place AS p
    LEFT JOIN _failure AS f ON f.run = @published AND f.pid = p.pid
    WHERE p.pid > @after AND p.pid <= @upTo AND ${HOLDS} AND (p.seen_run IS NULL OR p.seen_run >= @whole)`;
  const copy = database.prepare(
    `INSERT INTO _frontier (run, pid, vid, state, root, seen)
     SELECT @run, pid, vid, state, 0, 0 FROM (${seen}) WHERE true ORDER BY pid ON CONFLICT DO NOTHING`,
  );
  await eachRange(
    database.prepare(ofSlice('_place', 'pid > @after')),
    (range) => copy.run({ run, published, whole, ...range }),
    signal,
  );
  await inheritFindings(database, numbers, signal);
}

/** What is wrong in the data of people who are not read again is still wrong. */
async function inheritFindings(
  database: Sqlite,
  { run, published }: RunNumbers,
  signal: AbortSignal,
): Promise<void> {
  const kinds = database
    .prepare<unknown[], string>('SELECT DISTINCT kind FROM _finding WHERE run = ?')
    .pluck()
    .all(published);
  const next = database.prepare(
    ofSlice('_finding', 'run = @published AND kind = @kind AND pid > @after'),
  );
  const copy = database.prepare(
    `INSERT INTO _finding (run, kind, pid, vid, detail)
     SELECT @run, kind, pid, vid, detail FROM _finding AS f
     WHERE run = @published AND kind = @kind AND pid > @after AND pid <= @upTo
       AND EXISTS (SELECT 1 FROM _frontier AS t WHERE t.run = @run AND t.pid = f.pid AND t.seen = 0)
     ON CONFLICT DO NOTHING`,
  );
  for (const kind of kinds) {
    const copyRange = (range: Range) => copy.run({ run, published, kind, ...range });
    await eachRange(next, copyRange, signal, { published, kind });
  }
}

interface Range {
  readonly after: number;
  readonly upTo: number;
}

/** The last pid of a slice of a table that begins behind `@after`. */
function ofSlice(table: string, where: string): string {
  return `SELECT max(pid) AS upTo FROM (SELECT pid FROM ${table} WHERE ${where} ORDER BY pid LIMIT ${SLICE})`;
}

async function eachRange(
  next: ReturnType<Sqlite['prepare']>,
  handle: (range: Range) => void,
  signal: AbortSignal,
  values: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  let after = 0;
  await untilNone(() => {
    const { upTo } = next.get({ ...values, after }) as { upTo: number | null };
    if (upTo === null) return 0;
    handle({ after, upTo });
    after = upTo;
    return 1;
  }, signal);
}
