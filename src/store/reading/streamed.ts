import { translating } from '../file/database.ts';
import type { Sqlite } from '../file/sqlite.ts';

/** Rows as they are asked for, so that their number does not matter; SQLite's errors are told in words that help. */
export function* streamed<Row>(database: Sqlite, rows: IterableIterator<Row>): Generator<Row> {
  try {
    for (;;) {
      const step = translating(database.name, () => rows.next());
      if (step.done === true) return;
      yield step.value;
    }
  } finally {
    rows.return?.();
  }
}
