import { closeReading } from './beside.ts';
import { openForReading, openForWriting } from './database.ts';
import { explained } from './errors.ts';
import { CrawlerLock } from './lock.ts';
import type { Sqlite } from './sqlite.ts';

/**
 * Opens the database at `path`, which must be there, while no crawl writes to it, and closes it again. Rejects with a
 * `DatabaseError` where it cannot be used.
 */
export async function withKept<T>(path: string, use: (database: Sqlite) => Promise<T>): Promise<T> {
  // Refuses what is missing or empty: to be opened for writing, it would be made.
  closeReading(openForReading(path));
  const lock = CrawlerLock.acquire(path);
  try {
    const database = openForWriting(path);
    try {
      return await use(database);
    } catch (error) {
      throw explained(error, path);
    } finally {
      database.close();
    }
  } finally {
    lock.release();
  }
}
