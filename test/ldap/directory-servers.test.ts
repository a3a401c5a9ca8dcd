// One directory on two servers: what was learnt or read at one is not carried to the other.
import { describe, expect, it } from 'vitest';
import type { Branch } from '../../src/domain/employee.ts';
import type { ExpansionPage } from '../../src/domain/ports.ts';
import type { DirectoryOptions, LdapDirectory } from '../../src/ldap/directory.ts';
import { OneServer } from '../../src/ldap/expansion/one-server.ts';
import { CutAfterBytes } from '../../src/simulate/faults.ts';
import { staticDirectory } from '../../src/simulate/organisation.ts';
import {
  type ObservedSearch,
  SimulatedServer,
  type SimulatedServerOptions,
} from '../../src/simulate/server.ts';
import { person, SUFFIX, team, top } from '../simulate/servers.ts';
import {
  branch,
  expand,
  failureIn,
  NEVER,
  refusalOf,
  reports,
  withDirectory,
} from './directories.ts';

type ServerOptions = Partial<SimulatedServerOptions>;

interface Pair {
  readonly directory: LdapDirectory;
  readonly first: SimulatedServer;
  readonly second: SimulatedServer;
  /** What the second was asked so far. */
  readonly searches: readonly ObservedSearch[];
}

async function withPair(
  options: { readonly first?: ServerOptions; readonly both?: ServerOptions },
  more: Partial<DirectoryOptions>,
  use: (pair: Pair) => Promise<void>,
): Promise<void> {
  const searches: ObservedSearch[] = [];
  const both = { directory: team(3), ...options.both };
  const onSearch = (search: ObservedSearch) => searches.push(search);
  await using first = await SimulatedServer.listen({ ...both, ...options.first });
  await using second = await SimulatedServer.listen({ ...both, onSearch });
  const urls = [first.url, second.url];
  await withDirectory(first.url, { urls, ...more }, async ({ directory }) => {
    await directory.open(NEVER);
    await directory.findRoots(NEVER);
    await use({ directory, first, second, searches });
  });
}

/** What came of the branch in the end: in flight, it may meet the death of its connection first. */
async function expanded(directory: LdapDirectory, asked: Branch) {
  const first = await expand(directory, [asked]);
  if (first.completed) return first;
  expect(failureIn(first).remedy).toBe('outage');
  return expand(directory, [asked]);
}

/** One that was tried in vain. */
const TRIED: Branch = { ...branch('p1'), attempts: 1 };

describe('when a server gives way to the next', () => {
  it('a branch that was read in parts is read again from its beginning', async () => {
    const directory = team(1, reports(2_000));
    let left = 40;
    const first: ServerOptions = {
      faults: [new CutAfterBytes(60_000)],
      onSearch: () => {
        left -= 1;
        if (left === 0) void gone?.();
      },
    };
    let gone: (() => Promise<void>) | undefined;
    await withPair({ first, both: { directory } }, {}, async (pair) => {
      gone = () => pair.first.close();
      const before = await expand(pair.directory, [TRIED]);
      expect(failureIn(before)).toMatchObject({ remedy: 'outage' });
      expect(before.found.length).toBeGreaterThan(0);
      const { found, completed, error } = await expand(pair.directory, [TRIED]);
      expect(error).toBeUndefined();
      expect([new Set(found).size, completed]).toEqual([2_001, true]);
    });
  });

  it.each([
    ['while it was asked', async () => {}],
    // The end of the idle connection has arrived when this is answered.
    ['while it was not', (directory: LdapDirectory) => directory.probe(NEVER)],
  ])('one that comes back as another (%s) is not taken for what it was', async (_, pause) => {
    await withPair({}, {}, async ({ directory, first, searches }) => {
      await first.close();
      const { port } = first;
      const p1 = person('p1', { entryUUID: ['00000000-0000-4000-8000-000000000001'] });
      const other = staticDirectory([top, p1, person('p9')], SUFFIX);
      await using _another = await SimulatedServer.listen({ directory: other, port });
      await pause(directory);
      const { found } = await expanded(directory, branch('p1'));
      expect(found).toEqual(['p1', 'p2', 'p3']);
      expect(searches.at(-1)?.managers).toHaveLength(1);
    });
  });

  it('its limits on pages are not those of the next', async () => {
    const directory = team(1, reports(60));
    const first = { maxPageSize: 20 };
    await withPair({ first, both: { directory } }, { pageSize: 50 }, async (pair) => {
      expect((await expand(pair.directory, [branch('p1')])).completed).toBe(true);
      await pair.first.close();
      expect((await expanded(pair.directory, branch('p1'))).found).toHaveLength(61);
      expect(pair.searches.findLast(({ managers }) => managers.length > 0)?.pageSize).toBe(50);
    });
  });

  it('somebody is served, and the failure says that it is elsewhere', async () => {
    await withPair({}, {}, async ({ directory, first }) => {
      first.setFaults(new CutAfterBytes(1));
      await first.close();
      expect(await directory.probe(NEVER, 0)).toBe(true);
      expect((await expanded(directory, branch('p1'))).completed).toBe(true);
      expect(directory.server.url).not.toBe(first.url);
    });
  });
});

describe('domains of one name', () => {
  const domain = (guid: string) => {
    const attributes = { ...top.attributes, objectGUID: [Buffer.from(guid, 'hex')] };
    return staticDirectory([{ ...top, attributes }, person('p1')], SUFFIX);
  };
  const ad = { vendor: 'ad-like' } as const;

  it.each([
    ['another GUID', '11', false],
    ['the same GUID', '00', true],
  ])('(Active Directory) and %s: the second is used: %s', async (_, last, isUsed) => {
    const guid = '000102030405060708090a0b0c0d0e';
    const same = domain(`${guid}00`);
    await using first = await SimulatedServer.listen({ directory: same, ...ad });
    await using second = await SimulatedServer.listen({ directory: domain(guid + last), ...ad });
    const urls = [first.url, second.url];
    await withDirectory(first.url, { urls }, async ({ directory }) => {
      await directory.open(NEVER);
      await directory.findRoots(NEVER);
      await first.close();
      expect(await directory.probe(NEVER)).toBe(isUsed);
    });
  });
});

it('credentials that are refused at the next server stop the crawl, and nobody else is asked', async () => {
  const account = { bindDn: 'cn=reader', password: 'secret' };
  const credentials = { kind: 'simple', dn: 'cn=reader', password: 'secret' } as const;
  await using third = await SimulatedServer.listen({ directory: team(3), ...account });
  await using other = await SimulatedServer.listen({
    ...{ directory: team(3), ...account, password: 'another' },
  });
  await using first = await SimulatedServer.listen({ directory: team(3), ...account });
  const urls = [first.url, other.url, third.url];
  await withDirectory(first.url, { urls, credentials }, async ({ directory }) => {
    await directory.open(NEVER);
    await first.close();
    expect(await refusalOf(directory.probe(NEVER))).toBe('credentials');
    expect([other.stats.binds, third.stats.connections]).toEqual([1, 0]);
  });
});

describe('pages of one expansion', () => {
  const pages = async function* (): AsyncGenerator<ExpansionPage, void> {
    const page = { employees: [], references: [], work: {} } as unknown as ExpansionPage['page'];
    yield { page, last: false };
    yield { page, last: true };
  };

  it('never come from two servers', async () => {
    let server = 0;
    const taken: boolean[] = [];
    const read = async () => {
      for await (const { last } of new OneServer(pages(), () => server)) {
        taken.push(last);
        server = 1;
      }
    };
    await expect(read()).rejects.toMatchObject({ remedy: 'retry' });
    expect(taken).toEqual([false]);
  });
});
