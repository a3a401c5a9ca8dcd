// Reports read from their managers' own entries, where a search by manager looks through everybody.
import { describe, expect, it } from 'vitest';
import { CutAfterMessages, DropConnection, ResultCode } from '../../src/simulate/faults.ts';
import type { StaticDirectory } from '../../src/simulate/organisation.ts';
import type { ObservedSearch } from '../../src/simulate/server.ts';
import { SUFFIX } from '../simulate/servers.ts';
import {
  type AdOptions,
  dnOf,
  domainOf,
  smallDomain,
  UNINDEXED,
  user,
  uuidOf,
  withDomain,
} from './active-directories.ts';
import { branch, type Expansion, expand, failureIn, NEVER, withDirectory } from './directories.ts';

/** What an expansion of these managers brings, at a server that was found to be slow. */
async function listed(
  directory: StaticDirectory,
  managers: readonly string[],
  { onSearch, ...how }: AdOptions = {},
): Promise<Expansion & { readonly searches: readonly ObservedSearch[] }> {
  const branches = managers.map((name) => ({ ...branch(name, dnOf(name)), id: uuidOf(name) }));
  let expanding = false;
  const observe = (search: ObservedSearch) => void (expanding && onSearch?.(search));
  return withDomain(directory, { ...UNINDEXED, ...how, onSearch: observe }, (server) =>
    withDirectory(
      server.url,
      { roots: [dnOf('ceo')], filter: undefined },
      async ({ directory: opened }) => {
        await opened.open(NEVER);
        await opened.findRoots(NEVER);
        expanding = true;
        const asked = server.searches.length;
        const expansion = await expand(opened, branches);
        return { ...expansion, searches: server.searches.slice(asked) };
      },
      server.clock,
    ),
  );
}

function team(size: number): StaticDirectory {
  return domainOf(user('ceo', 'ceo'), user('boss', 'ceo'), ...members(size));
}

function members(size: number) {
  return Array.from({ length: size }, (_, n) => user(`m${n}`, 'boss'));
}

/** How many are found, each once at least. */
function count({ found }: Expansion): number {
  return new Set(found).size;
}

describe('the list of a manager', () => {
  it('is read for a share of managers in one search, and the entries in another', async () => {
    const { found, completed, searches } = await listed(smallDomain(), ['a', 'b']);
    const accounts = ['a1', 'a2', 'a3', 'gone'].map((name) => `${name}-account`);
    expect(found.toSorted()).toEqual([dnOf('friend'), ...accounts]);
    expect(completed).toBe(true);
    // Whoever did not come, a computer, is asked for once more: it may have been renamed.
    expect(searches).toHaveLength(3);
  });

  it.each([
    [7, 3],
    [9, 3],
    [3, 3],
    [1_700, 1_500],
  ])(
    'of %i is followed to its end in ranges of %i, which come unasked',
    async (size, maxValues) => {
      const expansion = await listed(team(size), ['boss'], { server: { maxValues } });
      expect(count(expansion)).toBe(size);
      expect(expansion.completed).toBe(true);
    },
  );

  it('of 3,100 is followed to its end where ranges come only on request', async () => {
    const expansion = await listed(team(3_100), ['boss']);
    expect(count(expansion)).toBe(3_100);
  });

  it('that changes between two ranges loses nobody', async () => {
    const directory = team(8);
    const expansion = await listed(directory, ['boss'], {
      server: { maxValues: 3 },
      onSearch: ({ attributes }) => {
        // Everybody behind moves up by one: the first of the next range is passed over.
        if (attributes.some((name) => name.includes('range=3-'))) {
          directory.replace(dnOf('m0'), user('m0', 'ceo'));
        }
      },
    });
    expect(expansion.found).toEqual(expect.arrayContaining(['m3-account', 'm7-account']));
    expect(expansion.completed).toBe(true);
  });

  it.each(['range=0-', 'range=3-', 'range=6-'])(
    'is read to its end where the manager is renamed before %s',
    async (range) => {
      const directory = team(8);
      let renamed = false;
      const { found, completed } = await listed(directory, ['boss'], {
        server: { maxValues: 3 },
        onSearch: ({ scope, attributes }) => {
          const isIt = scope === 'base' && attributes.some((name) => name.includes(range));
          if (renamed || !isIt) return;
          renamed = true;
          const { dn: _, ...entry } = user('boss', 'ceo');
          directory.replace(dnOf('boss'), { ...entry, dn: dnOf('married') });
          for (let n = 0; n < 8; n += 1) directory.replace(dnOf(`m${n}`), user(`m${n}`, 'married'));
        },
      });
      expect([renamed, new Set(found).size, completed]).toEqual([true, 8, true]);
    },
  );

  it('brings who was renamed after it was read', async () => {
    const directory = team(3);
    let renamed = false;
    const { found } = await listed(directory, ['boss'], {
      onSearch: ({ filter }) => {
        if (renamed || !filter.includes('distinguishedname')) return;
        renamed = true;
        const { dn: _, ...entry } = user('m1', 'boss');
        directory.replace(dnOf('m1'), { ...entry, dn: dnOf('married') });
      },
    });
    expect(found.toSorted()).toEqual(['m0-account', 'm1-account', 'm2-account']);
  });

  it('is found when the manager was renamed', async () => {
    const directory = smallDomain();
    const { dn: _, ...entry } = user('a', 'ceo');
    directory.replace(dnOf('a'), { ...entry, dn: dnOf('renamed') });
    for (const name of ['a1', 'a2', 'a3']) directory.replace(dnOf(name), user(name, 'renamed'));
    const { found } = await listed(directory, ['a']);
    expect(found.toSorted()).toEqual(['a1-account', 'a2-account', 'a3-account']);
  });

  it('of a manager who is gone is empty', async () => {
    const directory = smallDomain();
    directory.remove(dnOf('a'));
    for (const name of ['a1', 'a2', 'a3']) directory.remove(dnOf(name));
    const { found, completed, error } = await listed(directory, ['a', 'b']);
    expect(error).toBeUndefined();
    expect(found).toHaveLength(2);
    expect(completed).toBe(true);
  });

  it('that is not there does not hide reports: the search by manager decides', async () => {
    const hidesReports = (dn: string) => dn === dnOf('a');
    const { found } = await listed(smallDomain(), ['a', 'b'], { hidesReports });
    expect(found).toEqual(expect.arrayContaining(['a1-account', 'a2-account', 'a3-account']));
  });
});

describe('the entries behind a list', () => {
  it.each([4, 1])(
    'are fetched by fewer at a time where a size limit of %i is met',
    async (sizeLimit) => {
      const expansion = await listed(team(60), ['boss'], { server: { sizeLimit } });
      expect(count(expansion)).toBe(60);
      expect(expansion.completed).toBe(true);
    },
  );

  it('are fetched on where the connection is cut after some of them', async () => {
    const faults = [
      new DropConnection({ attribute: 'distinguishedName', manager: dnOf('m30'), times: 1 }, 2),
    ];
    const expansion = await listed(team(60), ['boss'], { server: { faults } });
    expect(count(expansion)).toBe(60);
    expect(expansion.completed).toBe(true);
  });

  it('are fetched to the end however often the connection is cut, as long as some come in between', async () => {
    // The first connection opens the directory; what comes after it is cut each time.
    const faults = [
      new DropConnection({ base: SUFFIX, from: 8, times: 1 }),
      new CutAfterMessages(16, { kind: 'connect', fromMs: 1 }),
    ];
    const expansion = await listed(team(200), ['boss'], { server: { faults } });
    expect(count(expansion)).toBe(200);
    expect(expansion.completed).toBe(true);
  });

  it('are no branch that is complete where one of them cannot be read', async () => {
    const faults = [new ResultCode(80, { attribute: 'distinguishedName', manager: dnOf('m30') })];
    const expansion = await listed(team(60), ['boss'], { server: { faults } });
    expect(expansion.completed).toBe(false);
    expect(failureIn(expansion)).toMatchObject({ remedy: 'retry', resultCode: 80 });
  });
});
