import { fold } from '../../domain/fold.ts';
import type { Sqlite } from './sqlite.ts';

/** Makes `orgwalk_fold(text)` known to SQL on this connection: {@link fold}, or null. */
export function defineFold(database: Sqlite): void {
  database.function('orgwalk_fold', { deterministic: true }, (text) =>
    text === null ? null : fold(String(text)),
  );
}
