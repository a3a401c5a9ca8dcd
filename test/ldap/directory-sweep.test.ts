// One search for everyone: what it asks, when it is believed, how it ends at a limit.
import { describe, expect, it } from 'vitest';
import { SearchFailure } from '../../src/domain/errors.ts';
import type { SweptPerson } from '../../src/domain/ports.ts';
import type { LdapDirectory } from '../../src/ldap/directory.ts';
import {
  EmptyPageWithCookie,
  IgnorePaging,
  InvalidCookie,
  ResultCode,
  SilentTruncation,
} from '../../src/simulate/faults.ts';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { person, SUFFIX, team } from '../simulate/servers.ts';
import { NEVER, type Observed, withOpen } from './directories.ts';

const PEOPLE = 2_300;
const DIRECTORY = syntheticOrganisation({ people: PEOPLE, seed: 5 });

async function sweep(directory: LdapDirectory): Promise<readonly SweptPerson[]> {
  const people: SweptPerson[] = [];
  for await (const page of directory.sweep(0, NEVER)) people.push(...page);
  return people;
}

async function failureOf(directory: LdapDirectory) {
  const error = await sweep(directory).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SearchFailure)) throw new Error('Expected a failure', { cause: error });
  const { remedy, reason, resultCode } = error;
  return { remedy, reason, resultCode };
}

/** Page sizes that were asked for below the base, with subtree scope and without a limit of our own. */
function asked({ searches }: Observed): readonly (number | undefined)[] {
  const large = searches.filter(({ scope, sizeLimit }) => scope === 'sub' && sizeLimit === 0);
  return large.map(({ pageSize }) => pageSize);
}

const sweeping = { directory: DIRECTORY } as const;

describe('a sweep', () => {
  it('finds everyone in as many searches as there are pages of 1,000', async () => {
    await withOpen(sweeping, {}, async (observed) => {
      const people = await sweep(observed.directory);
      const everyone = Array.from({ length: PEOPLE }, (_, n) => DIRECTORY.person(n).dn);
      expect(people.map(({ dn }) => dn).toSorted()).toEqual(everyone.toSorted());
      expect(new Set(people.map(({ id }) => id)).size).toBe(PEOPLE);
      expect(asked(observed)).toEqual([1_000, 1_000, 1_000]);
    });
  });

  it('asks for nothing but id and manager, and never for no attributes at all', async () => {
    await withOpen({}, {}, async ({ directory, searches }) => {
      await sweep(directory);
      expect(searches.at(-1)?.attributes).toEqual(['entryUUID', 'manager']);
    });
    const managerValue = 'employeeNumber';
    await withOpen({}, { managerValue }, async ({ directory, searches }) => {
      await sweep(directory);
      expect(searches.at(-1)?.attributes).toEqual(['entryUUID', 'manager', 'employeeNumber']);
    });
  });

  it('tells who has a manager: a value that names oneself is none, in whatever spelling', async () => {
    const directory = team(2, [
      person('chief', { manager: [`UID=Chief, ${SUFFIX}`] }),
      person('guest', { manager: [] }),
      person('two', { manager: [`uid=two,${SUFFIX}`, `uid=p1,${SUFFIX}`] }),
    ]);
    await withOpen({ directory }, {}, async (observed) => {
      const people = await sweep(observed.directory);
      const has = people.map(({ dn, hasManager }) => [dn.split(/[=,]/)[1], hasManager]);
      expect(Object.fromEntries(has)).toEqual({
        ...{ p1: false, p2: true, chief: false, guest: false, two: true },
      });
    });
  });

  it('compares with the attribute that manager values hold, where that is not the DN', async () => {
    const number = (uid: string, own: readonly string[], manager: string) =>
      person(uid, { employeeNumber: own, manager: [manager] });
    const directory = team(0, [number('a', ['0', '1'], '1'), number('b', ['2'], '1')]);
    await withOpen({ directory }, { managerValue: 'employeeNumber' }, async (observed) => {
      const people = await sweep(observed.directory);
      expect(people.map(({ hasManager }) => hasManager)).toEqual([false, true]);
    });
  });

  it('leaves out whoever the filter leaves out', async () => {
    await withOpen({}, { filter: '(uid=p*)' }, async ({ directory }) => {
      expect(await sweep(directory)).toHaveLength(3);
    });
    await withOpen({}, { filter: '(uid=p2)' }, async ({ directory }) => {
      expect(await sweep(directory)).toHaveLength(1);
    });
  });

  it('goes on past a page without entries', async () => {
    const faults = [new EmptyPageWithCookie({ page: 2 })];
    await withOpen({ ...sweeping, faults }, {}, async ({ directory }) => {
      expect(await sweep(directory)).toHaveLength(PEOPLE);
    });
  });

  it('keeps to a page size below the usual one: whoever asked for it had a reason', async () => {
    await withOpen(sweeping, { pageSize: 400 }, async (observed) => {
      expect(await sweep(observed.directory)).toHaveLength(PEOPLE);
      expect(new Set(asked(observed))).toEqual(new Set([400]));
    });
  });
});

describe('a sweep at a limit of the server', () => {
  it.each([
    ['the page size (11)', { maxPageSize: 300 }],
    ['the entries of one page (4)', { sizeLimitPerPage: 300 }],
  ])('on %s asks in smaller pages', async (_, limit) => {
    await withOpen({ ...sweeping, ...limit }, {}, async (observed) => {
      expect(await sweep(observed.directory)).toHaveLength(PEOPLE);
      expect(asked(observed).slice(0, 2)).toEqual([1_000, 250]);
    });
  });

  it.each([
    ['refused (11)', 'refused'],
    ['absent (12)', 'absent'],
  ] as const)('where paging is %s asks without pages', async (_, paging) => {
    await withOpen({ ...sweeping, paging }, {}, async (observed) => {
      expect(await sweep(observed.directory)).toHaveLength(PEOPLE);
      expect(asked(observed).at(-1)).toBeUndefined();
      expect(asked(observed).length).toBeLessThan(6);
    });
  });

  it.each([
    ['over all pages', { sizeLimit: 500 }, 4],
    ['without paging', { sizeLimit: 500, paging: 'refused' }, 4],
    ['on what it looks through', { lookThroughLimit: 800 }, 11],
  ] as const)('on the entries %s gives up after a handful of searches', async (_, limit, code) => {
    await withOpen({ ...sweeping, ...limit }, {}, async (observed) => {
      expect(await failureOf(observed.directory)).toEqual({
        ...{ remedy: 'fail', reason: 'limit', resultCode: code },
      });
      expect(asked(observed).length).toBeLessThan(8);
    });
  });
});

describe('a sweep is not believed', () => {
  it('where a full page comes without the paging control: the server may have cut it', async () => {
    const faults = [new SilentTruncation()];
    await withOpen({ ...sweeping, faults }, {}, async ({ directory }) => {
      expect(await failureOf(directory)).toMatchObject({ remedy: 'fail', reason: 'limit' });
    });
  });

  it('where it shows nobody: somebody is there', async () => {
    await withOpen(sweeping, {}, async ({ directory, server }) => {
      server.setFaults(new ResultCode(0));
      expect(await failureOf(directory)).toMatchObject({ remedy: 'fail', reason: 'unreadable' });
    });
  });

  it.each([
    [50, 'fail', 'denied'],
    [51, 'retry', 'timeout'],
    [3, 'fail', 'limit'],
  ])('where it ends with %i: %s', async (code, remedy, reason) => {
    await withOpen(sweeping, {}, async ({ directory, server }) => {
      server.setFaults(new ResultCode(code, {}, 200));
      expect(await failureOf(directory)).toEqual({ remedy, reason, resultCode: code });
    });
  });

  it('where the server loses its place between two pages: it is to be made again', async () => {
    const faults = [new InvalidCookie()];
    await withOpen({ ...sweeping, faults }, {}, async (observed) => {
      expect(await failureOf(observed.directory)).toMatchObject({ remedy: 'retry' });
      expect(asked(observed)).toEqual([1_000, 1_000]);
    });
  });

  it('but is where a server that ignores paging sends more than a page', async () => {
    const faults = [new IgnorePaging()];
    await withOpen({ ...sweeping, faults }, {}, async ({ directory }) => {
      expect(await sweep(directory)).toHaveLength(PEOPLE);
    });
  });
});
