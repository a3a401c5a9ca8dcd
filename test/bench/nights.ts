// Nightly crawls of a simulated organisation by the program itself, each of what the directory has become by then.
import { join } from 'node:path';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { SimulatedServer } from '../../src/simulate/server.ts';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { type Change, ChangedDirectory } from './changed-directory.ts';
import { crawl } from './simulated.ts';

export interface Nights {
  /** The database. */
  readonly path: string;
  /** One crawl. @param change what the directory tells otherwise than it did at first */
  crawl(change?: Change): Promise<void>;
}

/** A database that does not exist yet, and crawls of `people` into it. */
export function withNights<T>(
  program: string,
  people: number,
  use: (nights: Nights) => Promise<T>,
): Promise<T> {
  return withTemporaryDirectory((dir) => {
    const path = join(dir, 'org.db');
    const organisation = syntheticOrganisation({ people, seed: 1 });
    const night = async (change: Change = () => undefined) => {
      const directory = new ChangedDirectory(organisation, change);
      await using server = await SimulatedServer.listen({ directory });
      const where = ['--url', server.url, '--root', organisation.rootDn, '--db', path];
      await crawl(program, [...where, '--rate', '0']);
    };
    return use({ path, crawl: night });
  });
}
