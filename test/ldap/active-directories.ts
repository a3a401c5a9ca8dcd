// Active Directories of a few people, with a search by manager that is quick or slow by a clock of their own.
import type { Clock } from '../../src/domain/ports.ts';
import {
  type ActiveDirectoryOptions,
  activeDirectory,
} from '../../src/simulate/active-directory.ts';
import {
  type StaticDirectory,
  type StaticEntry,
  staticDirectory,
} from '../../src/simulate/organisation.ts';
import {
  type ObservedSearch,
  SimulatedServer,
  type SimulatedServerOptions,
} from '../../src/simulate/server.ts';
import { SUFFIX } from '../simulate/servers.ts';

export const DOMAIN: StaticEntry = {
  dn: SUFFIX,
  attributes: { objectClass: ['top', 'domainDNS'], dc: ['example'], entryUUID: [uuidOf('domain')] },
};

type Attributes = StaticEntry['attributes'];

/** `manager` is the name of one in the same unit, or a DN. */
export function user(name: string, manager: string | null, more: Attributes = {}): StaticEntry {
  const { ou = ['people'], ...attributes } = more;
  return {
    dn: dnOf(name, String(ou[0])),
    attributes: {
      objectClass: ['top', 'person', 'organizationalPerson', 'user'],
      cn: [name],
      sAMAccountName: [`${name}-account`],
      userAccountControl: ['512'],
      entryUUID: [uuidOf(name)],
      ...(manager === null ? {} : { manager: [manager.includes('=') ? manager : dnOf(manager)] }),
      ...attributes,
    },
  };
}

export function dnOf(name: string, unit = 'people'): string {
  return `CN=${name},OU=${unit},${SUFFIX}`;
}

export function uuidOf(name: string): string {
  return `00000000-0000-4000-8000-${Buffer.from(name).toString('hex').padStart(12, '0').slice(-12)}`;
}

export function domainOf(...entries: readonly StaticEntry[]): StaticDirectory {
  return staticDirectory([DOMAIN, ...entries], SUFFIX);
}

/** ceo manages a and b, a manages three, b manages a contact, a computer, and somebody disabled in another unit. */
export function smallDomain(): StaticDirectory {
  const contact = ['top', 'person', 'organizationalPerson', 'contact'];
  const computer = ['top', 'person', 'organizationalPerson', 'user', 'computer'];
  return domainOf(
    user('ceo', 'ceo'),
    user('a', 'ceo'),
    user('b', 'ceo'),
    ...['a1', 'a2', 'a3'].map((name) => user(name, 'a')),
    user('friend', 'b', { objectClass: contact, sAMAccountName: [], userAccountControl: [] }),
    user('laptop', 'b', { objectClass: computer }),
    user('gone', dnOf('b'), { ou: ['sales'], userAccountControl: ['514'] }),
    user('gone1', dnOf('gone', 'sales'), { ou: ['sales'] }),
  );
}

export const EVERYBODY = ['a', 'a1', 'a2', 'a3', 'b', 'ceo', 'friend', 'gone', 'gone1'];

/** What a search that looks at all entries takes: by the clock of the test, no time at all. */
const SCAN_MS = 100;

/** Moves when somebody waits for it. */
export class HandClock implements Clock {
  #now = 0;

  now(): number {
    return this.#now;
  }

  async sleep(ms: number): Promise<void> {
    this.#now += ms;
  }
}

export interface AdServer {
  readonly url: string;
  /** For the directory, too. */
  readonly clock: Clock;
  readonly searches: readonly ObservedSearch[];
}

export interface AdOptions extends ActiveDirectoryOptions {
  readonly server?: Partial<SimulatedServerOptions>;
  /** Called when a search has arrived and is not answered yet. */
  readonly onSearch?: (search: ObservedSearch) => void;
}

/** A domain controller, gone after `use`. */
export async function withDomain<T>(
  directory: StaticDirectory,
  { server: more, onSearch, ...options }: AdOptions,
  use: (server: AdServer) => Promise<T>,
): Promise<T> {
  const clock = new HandClock();
  const searches: ObservedSearch[] = [];
  await using server = await SimulatedServer.listen({
    directory: activeDirectory(directory, options),
    vendor: 'ad-like',
    clock,
    ...(options.managerIndexed === false ? { scanMs: SCAN_MS } : {}),
    onSearch: (search) => {
      searches.push(search);
      onSearch?.(search);
    },
    ...more,
  });
  return await use({ url: server.url, clock, searches });
}

/** As Samba has it when it is shipped. */
export const UNINDEXED: AdOptions = { managerIndexed: false };
