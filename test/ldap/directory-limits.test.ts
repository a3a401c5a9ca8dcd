// A single manager under the limits of a server, of whatever kind they are: everyone is found, at little cost.
import { describe, expect, it } from 'vitest';
import { Referral, ResultCode, SearchReference } from '../../src/simulate/faults.ts';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import type { SimulatedServerOptions } from '../../src/simulate/server.ts';
import { person, SUFFIX, team } from '../simulate/servers.ts';
import { branch, expand, failureIn, type Observed, P1, reports, withOpen } from './directories.ts';

/** One manager of so many, who have the names that people have. */
function company(count: number) {
  const spans = [count, 1, ...Array<number>(count - 1).fill(0)];
  return syntheticOrganisation({ people: count + 1, seed: 3, spans });
}

const LARGE = company(1_600);
const SMALL = company(40);

async function readAll({ directory, searches }: Observed, link: string) {
  const before = searches.length;
  const { pages, completed, error } = await expand(directory, [branch('root', link)]);
  const dns = pages.flatMap(({ page }) => page.employees.map(({ dn }) => dn));
  const asked = searches.slice(before);
  return { people: new Set(dns).size, completed, error, searches: asked.length, asked };
}

function withLimits<T>(
  directory: typeof LARGE,
  limits: Partial<SimulatedServerOptions>,
  use: (observed: Observed) => Promise<T>,
): Promise<T> {
  return withOpen({ directory, ...limits }, { roots: [directory.rootDn] }, use);
}

describe('a manager under a size limit, where the server refuses to page', () => {
  it.each([
    [SMALL, 40, 50],
    [SMALL, 40, 500],
    [LARGE, 1_600, 50],
    [LARGE, 1_600, 500],
    [LARGE, 1_600, 1_000],
  ])(
    'is read whole at no more than twice what it must cost (%#)',
    async (directory, count, most) => {
      const limits = { sizeLimit: most, paging: 'refused' } as const;
      await withLimits(directory, limits, async (observed) => {
        const { people, completed, searches } = await readAll(observed, directory.rootDn);
        expect([people, completed]).toEqual([count, true]);
        expect(searches).toBeLessThanOrEqual(2 * Math.ceil(count / most) + 10);
      });
    },
  );

  it('is divided by no term that somebody else would be left out by', async () => {
    const twins = Array.from({ length: 60 }, (_, n) => ({
      ...person(`r${n}`, { uid: [n % 2 ? `Same${n >> 1}` : `same${n >> 1}`], sn: ['x'] }),
      dn: `cn=r${n},${SUFFIX}`,
    }));
    const server = { directory: team(1, twins), sizeLimit: 7, paging: 'refused' } as const;
    await withOpen(server, {}, async (observed) => {
      const { people, completed } = await readAll(observed, P1);
      expect([people, completed]).toEqual([61, true]);
    });
  });
});

describe('a manager who was read under a limit', () => {
  it('and is renamed meanwhile has failed: those who were still to be read went along', async () => {
    const directory = team(1, reports(30));
    let renamed = false;
    const server = {
      directory,
      ...{ sizeLimit: 10, paging: 'refused' as const },
      onSearch: ({ filter }: { readonly filter: string }) => {
        // The first that leaves out who came.
        if (renamed || !filter.includes('(!')) return;
        renamed = true;
        const { attributes } = person('p1');
        const married = `uid=married,${SUFFIX}`;
        directory.replace(P1, { dn: married, attributes: { ...attributes, uid: ['married'] } });
        for (const { dn } of reports(30)) {
          directory.replace(dn, person(dn.slice(4).split(',')[0] ?? '', { manager: [married] }));
        }
      },
    };
    await withOpen(server, {}, async ({ directory: opened }) => {
      const outcome = await expand(opened, [branch('p1')]);
      expect(failureIn(outcome)).toMatchObject({ remedy: 'fail', reason: 'unreadable' });
    });
  });

  it('is complete also where somebody joins meanwhile', async () => {
    const growing = team(1, reports(30));
    let joined = false;
    const server = {
      directory: growing,
      sizeLimit: 20,
      paging: 'refused',
      onSearch: ({ filter }: { readonly filter: string }) => {
        if (joined || !/\(!\(\|\(cn=/.test(filter)) return;
        joined = true;
        growing.add(person('newcomer'));
      },
    } as const;
    await withOpen(server, {}, async ({ directory }) => {
      const { found, completed } = await expand(directory, [branch('p1')]);
      expect([found.length, found.at(-1), completed]).toEqual([32, 'newcomer', true]);
    });
  });
});

describe('a manager under a limit, where the server pages', () => {
  it.each([
    ['of all pages together, larger than a page', { sizeLimit: 700 }, 10],
    ['of all pages together, as large as a page', { sizeLimit: 500 }, 10],
    ['of all pages together, smaller than a page', { sizeLimit: 100 }, 30],
    ['of each page', { sizeLimitPerPage: 100 }, 35],
    ['of the size of a page', { maxPageSize: 100 }, 20],
    ['of both', { sizeLimit: 400, maxPageSize: 100 }, 20],
    ['that it does not tell, since it ignores the page size', { paging: 'ignored' }, 1],
    ['although it ignores the page size', { paging: 'ignored', sizeLimit: 500 }, 12],
    ['and not at all', { paging: 'absent', sizeLimit: 500 }, 12],
  ] as const)('%s, is read whole', async (_, limits, most) => {
    await withLimits(LARGE, limits, async (observed) => {
      const { people, completed, searches } = await readAll(observed, LARGE.rootDn);
      expect([people, completed]).toEqual([1_600, true]);
      expect(searches).toBeLessThanOrEqual(most);
    });
  });

  it.each([
    ['each page', { sizeLimitPerPage: 100 }, 50],
    ['the size of a page', { maxPageSize: 100 }, 100],
    ['paging itself', { paging: 'refused' }, undefined],
  ] as const)('of %s, runs into it once', async (_, limits, pageSize) => {
    await withLimits(LARGE, limits, async (observed) => {
      await readAll(observed, LARGE.rootDn);
      const { asked, people } = await readAll(observed, LARGE.rootDn);
      expect([people, asked[0]?.pageSize]).toEqual([1_600, pageSize]);
      expect(new Set(asked.map((search) => search.pageSize)).size).toBe(1);
    });
  });

  it('keeps the page size that was refused once only, by a server that had no wish to (53)', async () => {
    const faults = [new ResultCode(53, { manager: P1, times: 1, page: 1 })];
    await withOpen({ directory: team(1, reports(600)), faults }, {}, async (observed) => {
      const { people, completed, asked } = await readAll(observed, P1);
      expect([people, completed]).toEqual([601, true]);
      expect(asked.map(({ pageSize }) => pageSize)).toEqual([500, 500, 500]);
    });
  });

  it('of time, is read whole as long as somebody new comes', async () => {
    const faults = [new ResultCode(3, { manager: P1, every: 2 }, 40)];
    await withOpen({ directory: team(1, reports(400)), faults }, {}, async (observed) => {
      const { people, completed } = await readAll(observed, P1);
      expect([people, completed]).toEqual([401, true]);
    });
  });
});

describe('a batch under a limit', () => {
  const two = team(2, reports(100));

  it('of each page is read in smaller pages, without being divided', async () => {
    await withOpen({ directory: two, sizeLimitPerPage: 40 }, {}, async ({ directory }) => {
      const { found, completed } = await expand(directory, [branch('p1'), branch('p2')]);
      expect([new Set(found).size, completed]).toEqual([102, true]);
    });
  });

  it('of all pages together has failed, to be halved; what came is kept', async () => {
    await withOpen({ directory: two, sizeLimit: 40 }, {}, async ({ directory }) => {
      const outcome = await expand(directory, [branch('p1'), branch('p2')]);
      expect(failureIn(outcome)).toEqual({ remedy: 'fail', reason: 'limit', resultCode: 4 });
      expect(new Set(outcome.found).size).toBe(40);
    });
  });
});

describe('a limit that nothing helps against', () => {
  it.each([
    [3, 'the server reached its time limit (3)'],
    [4, 'the server reached its size limit (4)'],
    [11, 'the server reached an administrative limit, of pages or of entries looked at (11)'],
    [12, 'the server does not page (12)'],
  ])('(%i) has failed, and says which one: %s', async (code, message) => {
    const faults = [new ResultCode(code, { manager: P1 })];
    await withOpen({ faults }, {}, async ({ directory, searches }) => {
      const before = searches.length;
      const outcome = await expand(directory, [branch('p1')]);
      expect(failureIn(outcome)).toEqual({ remedy: 'fail', reason: 'limit', resultCode: code });
      expect(outcome.error).toMatchObject({ message });
      expect(searches.length - before).toBeLessThanOrEqual(7);
    });
  });
});

describe('references to other servers', () => {
  it('come with the page, and the branch is complete', async () => {
    const uris = ['ldap://other.example.com/ou=b,dc=example,dc=com'];
    const faults = [new SearchReference(uris, { manager: P1 })];
    await withOpen({ faults }, {}, async ({ directory }) => {
      const { pages, found, completed } = await expand(directory, [branch('p1')]);
      expect(pages.flatMap(({ page }) => page.references)).toEqual(uris);
      expect([found, completed]).toEqual([['p1', 'p2', 'p3'], true]);
    });
  });

  it('come also where they are all that came, and the branch has failed', async () => {
    const uris = ['ldap://a.example.com/', 'ldap://b.example.com/'];
    const faults = [new Referral(uris, { manager: P1 })];
    await withOpen({ faults }, {}, async ({ directory }) => {
      const outcome = await expand(directory, [branch('p1')]);
      expect(outcome.pages.flatMap(({ page }) => page.references)).toEqual(uris);
      expect(failureIn(outcome)).toEqual({ remedy: 'fail', reason: 'unreadable', resultCode: 10 });
    });
  });
});
