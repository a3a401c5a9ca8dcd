// A server that refuses searches as too busy, and crawls of it that tell what this costs whom.
import { Interrupted } from '../../src/domain/errors.ts';
import {
  type Effects,
  type Fault,
  type FaultRequest,
  ResultCode,
  Silence,
} from '../../src/simulate/faults.ts';
import { staticDirectory } from '../../src/simulate/organisation.ts';
import type {
  ObservedSearch,
  SimulatedServer,
  SimulatedServerOptions,
} from '../../src/simulate/server.ts';
import { SUFFIX, top, withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { CEO, company, employee } from './company.ts';
import { type Failed, readBack } from './culprits.ts';
import { crawlInto, rows, type WiredOptions, withDatabases } from './wired.ts';

/** Two entries that are nobody, which only the server can tell, and the employees g1 and g2 who have them for managers as well. */
export const GROUPS = [`ou=group1,${SUFFIX}`, `ou=group2,${SUFFIX}`] as const;

export function companyOfGroups() {
  const groups = GROUPS.map((dn) => ({ dn, attributes: { objectClass: ['organizationalUnit'] } }));
  const members = GROUPS.map((dn, at) => employee(`g${at + 1}`, [CEO, dn]));
  const others = [1, 2, 3].map((number) => employee(number, [CEO]));
  return staticDirectory([top, employee(0, []), ...groups, ...members, ...others], SUFFIX);
}

/** How one crawl ended. */
export interface Ended {
  readonly status: string;
  readonly failures: readonly Failed[];
  /** That the branch that lost most has lost; 0 where the run is published. */
  readonly attempts: number;
  /** How often a search was asked again at somebody's cost. */
  readonly retries: number;
  readonly digest: string;
}

export interface Scene {
  readonly server: SimulatedServer;
  /** All searches so far, of all crawls. */
  readonly searches: readonly ObservedSearch[];
  /** The path of a database that does not exist yet. */
  next(): string;
  crawl(db: string, more?: WiredOptions): Promise<Ended>;
  /** How a crawl of the healthy server ends. */
  readonly undisturbed: Ended;
}

/** @param options how it is crawled unless told otherwise */
export function withBusy<T>(
  serving: Partial<SimulatedServerOptions>,
  options: WiredOptions,
  use: (scene: Scene) => Promise<T>,
): Promise<T> {
  const searches: ObservedSearch[] = [];
  const onSearch = (search: ObservedSearch) => searches.push(search);
  return withServer({ directory: company(), ...serving, onSearch }, (server) =>
    withDatabases(async (databases) => {
      const next = () => databases.next();
      const crawl = async (db: string, more: WiredOptions = {}): Promise<Ended> => {
        const status = await statusOf(crawlInto(db, server.url, { ...options, ...more }));
        return {
          status,
          failures: readBack(db).failures,
          ...lostIn(db),
          digest: digestDatabase(db),
        };
      };
      const undisturbed = await crawl(next());
      return use({ server, searches, next, crawl, undisturbed });
    }),
  );
}

async function statusOf(crawling: ReturnType<typeof crawlInto>): Promise<string> {
  try {
    const { run, published } = await crawling;
    return run.resumed ? `${published.status}, resumed` : published.status;
  } catch (error) {
    if (error instanceof Interrupted) return `interrupted: ${error.reason}`;
    throw error;
  }
}

function lostIn(db: string): Pick<Ended, 'attempts' | 'retries'> {
  const [lost] = rows<Pick<Ended, 'attempts' | 'retries'>>(
    db,
    `SELECT r.retries, (SELECT coalesce(max(f.attempts), 0) FROM _frontier AS f WHERE f.run = r.id) AS attempts
     FROM runs AS r ORDER BY r.id DESC LIMIT 1`,
  );
  if (lost === undefined) throw new Error('no run has begun');
  return lost;
}

type Strike = (request: FaultRequest) => Effects | undefined;

/** Leaves the rootDSE alone, as a server does whose data is elsewhere. */
function belowRootDse<F extends Fault>(fault: F): F {
  const strike: Strike = fault.effectsOn.bind(fault);
  fault.effectsOn = (request) => (request.base === '' ? undefined : strike(request));
  return fault;
}

/** The `from`-th search that is not of the rootDSE, and all after it, at most `times`, are never answered. */
export function dataSilent(from: number, times = Number.POSITIVE_INFINITY): Fault {
  return belowRootDse(new Silence({ from, times }));
}

/** The same, but they are refused. */
export function dataRefused(code: number, from: number): Fault {
  return belowRootDse(new ResultCode(code, { from }));
}
