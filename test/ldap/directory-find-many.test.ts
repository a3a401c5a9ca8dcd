// Looking many people up by id at once.
import { describe, expect, it } from 'vitest';
import { Inquiry } from '../../src/crawl/inquiry.ts';
import { walk } from '../../src/crawl/walk.ts';
import type { Employee } from '../../src/domain/employee.ts';
import type { KnownPerson } from '../../src/domain/ports.ts';
import { systemClock } from '../../src/pace/clock.ts';
import { ResultCode } from '../../src/simulate/faults.ts';
import { person, SUFFIX, team } from '../simulate/servers.ts';
import { NEVER, type Observed, withOpen } from './directories.ts';

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const at = (uid: string) => `uid=${uid},${SUFFIX}`;
const PEOPLE = Array.from({ length: 60 }, (_, n) => person(`r${n}`, { entryUUID: [uuid(n)] }));
const SERVER = { directory: team(1, [...PEOPLE, person('plain')]) };
const OPTIONS = { roots: [at('r0')] };

/** The n-th, at a DN where nobody is any more. */
const known = (n: number): KnownPerson => ({ person: n, id: uuid(n), dn: at(`former${n}`) });
const knownByDn = (uid: string): KnownPerson => ({ person: 99, id: at(uid), dn: at(uid) });
const dnsOf = (found: readonly (Employee | null | undefined)[]) =>
  found.map((each) => each?.dn ?? null);

/** What came back, by id or else alone, and what was searched for that, of a directory whose root was found. */
async function find(
  { directory, searches }: Observed,
  people: readonly KnownPerson[],
): Promise<{ found: readonly (string | null)[]; scopes: readonly string[] }> {
  await directory.findRoots(NEVER);
  const before = searches.length;
  const found: (Employee | null)[] = [];
  for (const [i, employee] of (await directory.find(people, 0, NEVER)).entries()) {
    found.push(employee ?? (await directory.findAlone(people[i] as KnownPerson, 0, NEVER)));
  }
  return { found: dnsOf(found), scopes: searches.slice(before).map(({ scope }) => scope) };
}

describe('many who are looked for', () => {
  it('are found in one search, wherever they are, in the order of the questions', async () => {
    await withOpen(SERVER, OPTIONS, async (observed) => {
      const fifty = Array.from({ length: 50 }, (_, n) => known(59 - n));
      const { found, scopes } = await find(observed, fifty);
      expect(found).toEqual(fifty.map((_, n) => at(`r${59 - n}`)));
      expect(scopes).toEqual(['sub']);
    });
  });

  it('come with their managers', async () => {
    await withOpen(SERVER, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const found = await directory.find([known(1), known(2)], 0, NEVER);
      const values = found.map((each) => each?.managers.map(({ value }) => value));
      expect(values).toEqual([[at('p1')], [at('p1')]]);
    });
  });

  it('are each asked for at their DN where they go by it', async () => {
    await withOpen(SERVER, OPTIONS, async (observed) => {
      const people = [known(1), knownByDn('plain'), known(2), knownByDn('nobody')];
      const { found, scopes } = await find(observed, people);
      expect(found).toEqual([at('r1'), at('plain'), at('r2'), null]);
      // The others at once; two by DN; whether nobody came to be at the DN; that somebody is found by id still.
      expect(scopes).toEqual(['sub', 'base', 'base', 'base', 'sub']);
    });
  });

  it('are gone where one search finds others, and their DN holds nobody', async () => {
    await withOpen(SERVER, OPTIONS, async (observed) => {
      const people = [known(1), known(777), known(2)];
      const { found, scopes } = await find(observed, people);
      expect(found).toEqual([at('r1'), null, at('r2')]);
      // By id; at the DN; that somebody is found by id still.
      expect(scopes).toEqual(['sub', 'base', 'sub']);
    });
  });

  it('cost two searches each for whoever is gone: at the DN, and that the server still finds others by id', async () => {
    await withOpen(SERVER, OPTIONS, async (observed) => {
      await find(observed, [known(700)]);
      const { scopes } = await find(observed, [known(701), known(702)]);
      expect(scopes).toEqual(['sub', 'base', 'sub', 'base', 'sub']);
    });
  });

  it('are found where they turned up after they were asked for by id, not at their DN', async () => {
    // Neither the search by id nor the one at the DN finds anybody; the one that shows that others are found does.
    const faults = [new ResultCode(0, { kind: 'search', nth: 4 })];
    await withOpen({ ...SERVER, faults }, OPTIONS, async (observed) => {
      const { found, scopes } = await find(observed, [known(1)]);
      expect(found).toEqual([at('r1')]);
      expect(scopes).toEqual(['sub', 'base', 'sub']);
    });
  });

  it('are each left open where the server finds nobody by id', async () => {
    await withOpen(SERVER, OPTIONS, async ({ directory, server }) => {
      await directory.findRoots(NEVER);
      server.setFaults(new ResultCode(0, { kind: 'search' }));
      expect(await directory.find([known(1), known(2)], 0, NEVER)).toEqual([undefined, undefined]);
      for (const person of [known(1), known(2)]) {
        const found = directory.findAlone(person, 0, NEVER);
        await expect(found).rejects.toMatchObject({ remedy: 'fail', reason: 'unreadable' });
      }
    });
  });

  it('do not leave where the server comes to show nobody among them', async () => {
    await withOpen(SERVER, OPTIONS, async ({ directory, server }) => {
      await directory.findRoots(NEVER);
      expect(await directory.findAlone(known(701), 0, NEVER)).toBeNull();
      server.setFaults(new ResultCode(32, { kind: 'search' }));
      const found = directory.findAlone(known(702), 0, NEVER);
      await expect(found).rejects.toMatchObject({ remedy: 'fail', reason: 'unreadable' });
    });
  });

  it('do not leave where the server shows nobody only while they were looked for', async () => {
    await withOpen(SERVER, OPTIONS, async ({ directory, server }) => {
      await directory.findRoots(NEVER);
      expect(await directory.findAlone(known(701), 0, NEVER)).toBeNull();
      // At the DN, and by id together with somebody who is there; whoever asked once more would be served.
      server.setFaults(new ResultCode(32, { kind: 'search', times: 2 }));
      const found = directory.findAlone(known(1), 0, NEVER);
      await expect(found).rejects.toMatchObject({ remedy: 'fail', reason: 'unreadable' });
    });
  });

  it('are left open, all of them, by a size limit', async () => {
    await withOpen({ ...SERVER, sizeLimit: 4 }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const found = directory.find([1, 2, 3, 4, 5].map(known), 0, NEVER);
      await expect(found).rejects.toMatchObject({ reason: 'limit' });
    });
  });

  it('are asked for in halves by the crawl, until the limit is met', async () => {
    await withOpen({ ...SERVER, sizeLimit: 4 }, OPTIONS, async ({ directory }) => {
      await directory.findRoots(NEVER);
      const people = Array.from({ length: 16 }, (_, n) => known(n));
      const found = new Map<number, string | null>();
      const sizes: number[] = [];
      const inquiry = new Inquiry<KnownPerson, Employee | null>({
        questions: people,
        ways: [
          {
            atOnce: 50,
            ask: (asked, slot, signal) => {
              sizes.push(asked.length);
              return directory.find(asked, slot, signal);
            },
          },
        ],
        settle: async ({ person: n }, employee) => void found.set(n, employee?.dn ?? null),
        giveUp: async () => {},
      });
      await walk({
        frontier: inquiry,
        expander: {
          expand: (asked, slot, signal) => inquiry.expand(asked, slot, signal),
          probe: async () => true,
        },
        share: (waiting) => Math.min(waiting, 50),
        ...{ workers: 1, patienceMs: 60_000, clock: systemClock, signal: NEVER },
        retry: { tries: 2, refusals: 2, delayMs: () => 0 },
        outageOver: async () => {},
        onFailure: 'continue',
      });
      expect(sizes).toEqual([16, 8, 4, 4, 8, 4, 4]);
      expect([...found].every(([n, dn]) => dn === at(`r${n}`))).toBe(true);
      expect(found.size).toBe(16);
    });
  });
});
