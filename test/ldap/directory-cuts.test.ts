// A single manager whose connection is cut before the end each time: by bytes, by faults, for good and for a while.
import { describe, expect, it } from 'vitest';
import type { Branch } from '../../src/domain/employee.ts';
import { CutAfterBytes, PoisonSearch, Silence } from '../../src/simulate/faults.ts';
import { person, SUFFIX, team, withServer } from '../simulate/servers.ts';
import { withProxy } from '../support/proxy.ts';
import { Silence as SilenceAfter } from '../support/toxics.ts';
import {
  branch,
  expand,
  failureIn,
  NEVER,
  P1,
  reports,
  withDirectory,
  withOpen,
} from './directories.ts';
import { BRIEF_MS } from './sessions.ts';

/** One that was tried in vain. */
const TRIED: Branch = { ...branch('p1'), attempts: 1 };

function uidsOf(count: number): readonly string[] {
  return ['p1', ...Array.from({ length: count }, (_, n) => `r${n + 1}`)];
}

describe('a lone branch that is cut each time', () => {
  const directory = team(1, reports(2_000));
  const cut = () => new CutAfterBytes(60_000);

  it('costs the first attempt', async () => {
    await withOpen({ directory, faults: [cut()] }, {}, async ({ directory: opened }) => {
      const outcome = await expand(opened, [branch('p1')]);
      expect(failureIn(outcome)).toMatchObject({ remedy: 'split', resultCode: null });
      expect(outcome.completed).toBe(false);
    });
  });

  it.each([500, 100, 20, 0])('is then read whole in one go (%i to a page)', async (pageSize) => {
    const faults = [cut()];
    await withOpen({ directory, faults }, { pageSize }, async ({ directory: opened }) => {
      const { found, pages, error } = await expand(opened, [TRIED]);
      expect(error).toBeUndefined();
      expect([...new Set(found)].toSorted()).toEqual(uidsOf(2_000).toSorted());
      expect(pages.map(({ last }) => last).indexOf(true)).toBe(pages.length - 1);
    });
  });

  it('is read whole from a server that signs in whoever asks', async () => {
    const account = { bindDn: 'cn=reader', password: 'secret' };
    const credentials = { kind: 'simple', dn: 'cn=reader', password: 'secret' } as const;
    const server = { directory, faults: [cut()], ...account };
    await withOpen(server, { credentials }, async ({ directory: opened }) => {
      const { found, completed } = await expand(opened, [TRIED]);
      expect([new Set(found).size, completed]).toEqual([2_001, true]);
    });
  });

  it('that is small after all is one search on a connection of its own', async () => {
    await withOpen({}, {}, async ({ directory: opened, searches, server }) => {
      const before = { searches: searches.length, connections: server.stats.connections };
      expect((await expand(opened, [TRIED])).completed).toBe(true);
      expect(searches.length - before.searches).toBe(1);
      expect(server.stats.connections - before.connections).toBe(1);
    });
  });

  it.each([
    ['alike for long', Array.from({ length: 400 }, (_, n) => `${'x'.repeat(80)}${n}`)],
    ['different by case only', Array.from({ length: 400 }, (_, n) => `${n % 2 ? 'Ab' : 'aB'}${n}`)],
    [
      'full of signs',
      Array.from({ length: 400 }, (_, n) => `${'*(\\ )#'[n % 6]}${'*('[n % 2]}${n}`),
    ],
    [
      'beyond ASCII',
      Array.from({ length: 400 }, (_, n) => `${[...'éßİ人\u{1f600}ø'][n % 6]}${n}é`),
    ],
    ['beginning with spaces', Array.from({ length: 400 }, (_, n) => `${' '.repeat(n % 3)}${n}`)],
    ['of one character', Array.from({ length: 400 }, (_, n) => String.fromCodePoint(0x4e00 + n))],
  ])('is read whole where the user names are %s', async (_, uids) => {
    const odd = uids.map((uid, n) => {
      return {
        ...person(`o${n}`, { uid: [uid], cn: ['Same'], sn: ['Same'] }),
        dn: `cn=o${n},${SUFFIX}`,
      };
    });
    const faults = [new CutAfterBytes(15_000)];
    await withOpen({ directory: team(1, odd), faults }, {}, async ({ directory: opened }) => {
      const { pages, error } = await expand(opened, [TRIED]);
      const dns = pages.flatMap(({ page }) => page.employees.map(({ dn }) => dn));
      expect([error, new Set(dns).size]).toEqual([undefined, 401]);
    });
  });

  it('is read whole where user names have several values, and some have none', async () => {
    const several = reports(300).map((each, n) => {
      const uid = [`r${n}`, `alias${n}`, `x${n}`];
      const { uid: _, ...others } = each.attributes;
      return { ...each, attributes: n % 7 === 0 ? others : { ...others, uid } };
    });
    const faults = [new CutAfterBytes(15_000)];
    await withOpen({ directory: team(1, several), faults }, {}, async ({ directory: opened }) => {
      const { pages, error } = await expand(opened, [TRIED]);
      const dns = pages.flatMap(({ page }) => page.employees.map(({ dn }) => dn));
      expect([error, new Set(dns).size]).toEqual([undefined, 301]);
    });
  });

  it('by something that passes no more after a while is read whole, too', async () => {
    const toxics = [new SilenceAfter(15_000)];
    await withServer({ directory: team(1, reports(200)) }, (server) =>
      withProxy({ to: server.port, toxics }, (proxy) =>
        withDirectory(proxy.url, { requestTimeoutMs: BRIEF_MS }, async ({ directory: opened }) => {
          await opened.open(NEVER);
          const { found, error } = await expand(opened, [TRIED]);
          expect([error, new Set(found).size]).toEqual([undefined, 201]);
        }),
      ),
    );
  });
});

describe('a lone branch that brings nothing but a cut', () => {
  it('costs one time-out an attempt where the server says nothing', async () => {
    const faults = [new Silence({ manager: P1 })];
    const options = { requestTimeoutMs: BRIEF_MS };
    await withOpen({ faults }, options, async ({ directory, searches }) => {
      for (const attempts of [1, 2]) {
        const before = searches.filter(({ managers }) => managers.length > 0).length;
        const outcome = await expand(directory, [{ ...TRIED, attempts }]);
        expect(failureIn(outcome)).toMatchObject({ remedy: 'split', reason: 'timeout' });
        expect(searches.filter(({ managers }) => managers.length > 0).length - before).toBe(1);
      }
    });
  });

  it('costs a few time-outs an attempt where it says something first', async () => {
    const faults = [new Silence({ manager: P1 }, 1)];
    const options = { requestTimeoutMs: BRIEF_MS };
    await withOpen({ directory: team(1, reports(60)), faults }, options, async (opened) => {
      const { directory, searches } = opened;
      const outcome = await expand(directory, [TRIED]);
      expect(failureIn(outcome).remedy).toBe('split');
      expect(searches.filter(({ managers }) => managers.length > 0).length).toBeLessThanOrEqual(5);
    });
  });

  it('costs one cut more, since a smaller page might have passed', async () => {
    await withOpen({ faults: [new PoisonSearch(P1)] }, {}, async ({ directory, searches }) => {
      const asked = () => searches.filter(({ managers }) => managers.length > 0);
      const before = asked().length;
      expect(failureIn(await expand(directory, [TRIED])).remedy).toBe('split');
      expect(
        asked()
          .slice(before)
          .map(({ pageSize }) => pageSize),
      ).toEqual([500, 10]);
      expect(failureIn(await expand(directory, [{ ...TRIED, attempts: 2 }])).remedy).toBe('split');
      expect(
        asked()
          .slice(before + 2)
          .map(({ pageSize }) => pageSize),
      ).toEqual([10]);
    });
  });
});

describe('what of a lone branch is complete', () => {
  it('stays so when the server goes away and comes back', async () => {
    const everyone = reports(1_000);
    const searches: { readonly filter: string }[] = [];
    const options = {
      directory: team(1, everyone),
      onSearch: (it: { filter: string }) => searches.push(it),
    };
    await withServer(options, (server) =>
      withProxy({ to: server.port, cutAfterBytes: 60_000 }, (proxy) =>
        withDirectory(proxy.url, {}, async ({ directory }) => {
          await directory.open(NEVER);
          const found = new Set<string>();
          let pages = 0;
          const outage = (async () => {
            for await (const { page } of directory.expand([TRIED], 0, NEVER)) {
              for (const { dn } of page.employees) found.add(dn);
              pages += 1;
              if (pages < 6) continue;
              proxy.refuse();
              proxy.cut();
            }
          })();
          await expect(outage).rejects.toMatchObject({ remedy: 'outage' });
          const before = searches.splice(0).map(({ filter }) => filter);
          proxy.admit();
          const rest = await expand(directory, [TRIED]);
          for (const { page } of rest.pages) for (const { dn } of page.employees) found.add(dn);
          expect([rest.completed, found.size]).toEqual([true, 1_001]);
          const again = searches.filter(
            ({ filter }) => filter.includes('manager') && before.includes(filter),
          );
          expect(new Set(again.map(({ filter }) => filter)).size).toBeLessThanOrEqual(1);
        }),
      ),
    );
  });

  it('is forgotten when all of it is', async () => {
    const faults = [new CutAfterBytes(60_000)];
    await withOpen(
      { directory: team(1, reports(600)), faults },
      {},
      async ({ directory, server }) => {
        expect((await expand(directory, [TRIED])).completed).toBe(true);
        server.setFaults();
        const { found } = await expand(directory, [TRIED]);
        expect(found.length).toBe(601);
      },
    );
  });
});
