// A company with managers whom the server cannot be asked about, and crawls of it that count what that costs.
import type { Fault } from '../../src/simulate/faults.ts';
import { staticDirectory } from '../../src/simulate/organisation.ts';
import type { ObservedSearch, SimulatedServer } from '../../src/simulate/server.ts';
import { SUFFIX, top, withServer } from '../simulate/servers.ts';
import { CEO, dnOf, employee } from './company.ts';
import { crawlInto, rows, type Wired, type WiredOptions, withDatabases } from './wired.ts';

/** p0 manages p1 … p`width`, each of whom manages one: a<n>. */
export function wideCompany(width: number) {
  const managers = Array.from({ length: width }, (_, at) => at + 1);
  return staticDirectory(
    [
      top,
      employee(0, []),
      ...managers.map((number) => employee(number, [CEO])),
      ...managers.map((number) => employee(`a${number}`, [dnOf(`p${number}`)])),
    ],
    SUFFIX,
  );
}

export interface Failed {
  readonly dn: string;
  readonly reason: string;
  readonly result_code: number | null;
  readonly attempts: number;
}

export interface Told extends Wired {
  readonly server: SimulatedServer;
  readonly db: string;
  readonly failures: readonly Failed[];
  /** User names of those who were read. */
  readonly people: readonly string[];
  /** How many searches named this manager. */
  searchesFor(dn: string): number;
}

export interface Asked {
  readonly width: number;
  readonly faults: readonly Fault[];
  readonly crawl?: WiredOptions;
}

/** One worker and one batch of all of them, unless told otherwise. */
export async function withCulprits<T>(
  { width, faults, crawl }: Asked,
  use: (told: Told) => Promise<T>,
): Promise<T> {
  const seen: ObservedSearch[] = [];
  const onSearch = (search: ObservedSearch) => seen.push(search);
  return withServer({ directory: wideCompany(width), faults, onSearch }, (server) =>
    withDatabases(async (databases) => {
      const db = databases.next();
      const options = { workers: 1, batch: width, pageSize: 500, ...crawl };
      const wired = await crawlInto(db, server.url, options);
      const searchesFor = (dn: string) => seen.filter((one) => one.managers.includes(dn)).length;
      return use({ ...wired, server, db, ...readBack(db), searchesFor });
    }),
  );
}

export function readBack(db: string): Pick<Told, 'failures' | 'people'> {
  return {
    failures: rows<Failed>(
      db,
      'SELECT dn, reason, result_code, attempts FROM failures ORDER BY dn',
    ),
    people: rows<{ username: string }>(db, 'SELECT username FROM employees').map(
      ({ username }) => username,
    ),
  };
}

/** Everyone but those below these managers. */
export function everyoneBut(width: number, ...below: readonly number[]): readonly string[] {
  const managers = Array.from({ length: width }, (_, at) => at + 1);
  const reports = managers.filter((number) => !below.includes(number));
  return [...[0, ...managers].map((number) => `p${number}`), ...reports.map((n) => `a${n}`)];
}
