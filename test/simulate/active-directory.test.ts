import { describe, expect, test } from 'vitest';
import { activeDirectory } from '../../src/simulate/active-directory.ts';
import { type StaticEntry, staticDirectory } from '../../src/simulate/organisation.ts';
import { person, SUFFIX, top, withSession } from './servers.ts';

const UUID = '01020304-0506-4708-890a-0b0c0d0e0f10';
const BOSS = `uid=p1,${SUFFIX}`;
const REPORTS = ['p2', 'p3', 'p4', 'p5'].map((uid) => `uid=${uid},${SUFFIX}`);
const VENDOR = { vendor: 'ad-like' } as const;

function domain(options = {}) {
  const boss: StaticEntry = person('p1', { manager: [], entryUUID: [UUID] });
  const others = ['p2', 'p3', 'p4', 'p5'].map((uid) => person(uid));
  return activeDirectory(staticDirectory([top, boss, ...others], SUFFIX), options);
}

/** The attributes of the boss, by the names that the server sends. */
function reportsOf(attributes: readonly string[], options = {}, maxValues = 0) {
  return withSession({ directory: domain(options), ...VENDOR, maxValues }, async (client) => {
    const { entries } = await client.search({ base: BOSS, scope: 'base', attributes });
    const sent = entries[0]?.attributes ?? new Map();
    return Object.fromEntries([...sent].map(([name, values]) => [name, values.map(String)]));
  });
}

describe('directReports', () => {
  test('names whoever has the entry for a manager', async () => {
    expect(await reportsOf(['directReports'])).toEqual({ directReports: REPORTS });
  });

  test('is not there where the account may not read it', async () => {
    expect(await reportsOf(['directReports'], { hidesReports: () => true })).toEqual({});
  });

  test('comes in ranges where it has more values than an answer may have', async () => {
    expect(await reportsOf(['directReports'], {}, 3)).toEqual({
      directReports: [],
      'directReports;range=0-2': REPORTS.slice(0, 3),
    });
    expect(await reportsOf(['directReports;range=3-*'], {}, 3)).toEqual({
      'directReports;range=3-*': REPORTS.slice(3),
    });
  });

  test('comes in the range that is asked for', async () => {
    expect(await reportsOf(['directReports;range=1-2'])).toEqual({
      'directReports;range=1-2': REPORTS.slice(1, 3),
    });
    expect(await reportsOf(['directReports;range=0-1499'])).toEqual({
      'directReports;range=0-*': REPORTS,
    });
  });
});

describe('objectGUID', () => {
  test('has its first three groups little-endian, and finds the entry as a filter and as a base', () =>
    withSession({ directory: domain(), ...VENDOR }, async (client) => {
      const attributes = ['objectGUID'];
      const byBase = await client.search({ base: `<GUID=${UUID}>`, scope: 'base', attributes });
      const guid = byBase.entries[0]?.attributes.get('objectGUID')?.[0];
      expect(guid?.toString('hex')).toBe('0403020106050847890a0b0c0d0e0f10');
      const escaped = guid?.toString('hex').replace(/../gu, '\\$&');
      const byFilter = await client.search({ base: SUFFIX, filter: `(objectGUID=${escaped})` });
      expect([...byBase.entries, ...byFilter.entries].map(({ dn }) => dn)).toEqual([BOSS, BOSS]);
    }));

  test('of nobody is no base', () =>
    withSession({ directory: domain(), ...VENDOR }, async (client) => {
      const base = `<GUID=${UUID.replace('1', '2')}>`;
      expect((await client.search({ base, scope: 'base' })).code).toBe(32);
    }));
});

describe('a search by manager', () => {
  test.each([true, false])('finds the reports (with an index: %s)', (managerIndexed) =>
    withSession({ directory: domain({ managerIndexed }), ...VENDOR }, async (client) => {
      const { entries } = await client.search({ base: SUFFIX, filter: `(manager=${BOSS})` });
      expect(entries.map(({ dn }) => dn)).toEqual(REPORTS);
    }),
  );

  test('without an index is late by the time that looking through takes', async () => {
    const slept: number[] = [];
    const clock = { now: () => 0, sleep: async (ms: number) => void slept.push(ms) };
    const options = { directory: domain({ managerIndexed: false }), ...VENDOR, clock, scanMs: 70 };
    await withSession(options, async (client) => {
      await client.search({ base: SUFFIX, filter: `(manager=${BOSS})` });
      await client.search({ base: SUFFIX, filter: `(distinguishedName=${BOSS})` });
    });
    expect(slept).toEqual([70]);
  });
});
