import { fold } from '../../domain/fold.ts';
import type { Sqlite } from './sqlite.ts';

/** Titles and departments are the same for many. */
const REMEMBERED = 1_000;

/** Makes `orgwalk_fold(text)` known to SQL on this connection: {@link fold}, or null. */
export function defineFold(database: Sqlite): void {
  const known = new Map<string, string>();
  database.function('orgwalk_fold', { deterministic: true }, (text) => {
    if (text === null) return null;
    const as = String(text);
    const folded = known.get(as) ?? fold(as);
    if (known.size === REMEMBERED) known.clear();
    known.set(as, folded);
    return folded;
  });
}
