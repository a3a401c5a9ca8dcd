import { SLICE, untilNone } from './file/slices.ts';
import type { Sqlite } from './file/sqlite.ts';
import { HOLDS, type RunNumbers } from './run-numbers.ts';

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
  const next = database.prepare(
    `SELECT max(pid) AS upTo FROM (SELECT pid FROM _place WHERE pid > @after ORDER BY pid LIMIT ${SLICE})`,
  );
  let after = 0;
  await untilNone(() => {
    const { upTo } = next.get({ after }) as { upTo: number | null };
    if (upTo === null) return 0;
    copy.run({ run, published, whole, after, upTo });
    after = upTo;
    return 1;
  }, signal);
}
