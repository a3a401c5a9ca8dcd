import { describe, expect, test } from 'vitest';
import { staticDirectory, syntheticOrganisation } from '../../src/simulate/organisation.ts';
import type { ObservedSearch } from '../../src/simulate/server.ts';
import { hundred, person, SUFFIX, team, top, withSession } from './servers.ts';
import { controlOf } from './socket-client.ts';

const PEOPLE = `ou=people,${SUFFIX}`;
const everyone = '(objectClass=*)';

describe('scope', () => {
  test.for([
    [SUFFIX, 'base', 1],
    [SUFFIX, 'one', 1],
    [SUFFIX, 'sub', 102],
    [SUFFIX, 'children', 101],
    [PEOPLE, 'base', 1],
    [PEOPLE, 'one', 100],
    [PEOPLE, 'sub', 101],
    [` OU=People , ${SUFFIX}`, 'one', 100],
  ] as const)('%s %s has %i entries', ([base, scope, count]) =>
    withSession({}, async (client) => {
      const { code, entries } = await client.search({ base, scope });
      expect(code).toBe(0);
      expect(entries.length).toBe(count);
    }),
  );

  test('limits what an index finds', () =>
    withSession({}, async (client) => {
      const manager = hundred().rootDn;
      const filter = `(manager=${manager})`;
      const count = async (base: string, scope: 'one' | 'sub') =>
        (await client.search({ base, scope, filter })).entries.length;
      const reports = hundred().reportsOf(0).count;
      expect(await count(SUFFIX, 'sub')).toBe(reports);
      expect(await count(PEOPLE, 'one')).toBe(reports);
      expect(await count(SUFFIX, 'one')).toBe(0);
      expect(await count(manager, 'sub')).toBe(0);
    }));
});

describe('a base that is not there', () => {
  test.for([
    [`uid=nobody,${PEOPLE}`, 32, PEOPLE],
    [`uid=x,ou=nowhere,${SUFFIX}`, 32, SUFFIX],
    ['dc=elsewhere', 32, ''],
    ['nonsense', 34, ''],
  ] as const)('%s gives %i and the matched DN %j', ([base, code, matchedDn]) =>
    withSession({}, async (client) => {
      expect(await client.search({ base })).toMatchObject({ code, matchedDn, entries: [] });
    }),
  );
});

describe('attributes', () => {
  const operational = [
    'structuralObjectClass',
    'entryUUID',
    'entryDN',
    'createTimestamp',
    'modifyTimestamp',
  ];
  const names = (attributes: readonly string[], typesOnly = false) =>
    withSession({}, async (client) => {
      const search = { base: hundred().rootDn, scope: 'base', attributes, typesOnly } as const;
      const { entries } = await client.search(search);
      const [entry] = entries;
      return { names: [...(entry?.attributes.keys() ?? [])], entry };
    });

  test('without a list are all user attributes', async () => {
    const { names: all } = await names([]);
    expect(all).toContain('cn');
    expect(all).toContain('objectClass');
    expect(all).not.toContain('entryUUID');
    expect((await names(['*'])).names).toEqual(all);
  });

  test('1.1 are none', async () => {
    expect((await names(['1.1'])).names).toEqual([]);
  });

  test('named are those, in the schema’s spelling, operational ones too', async () => {
    const asked = ['CN', 'entryuuid', 'surname', 'noSuchAttribute'];
    expect((await names(asked)).names).toEqual(['cn', 'sn', 'entryUUID']);
  });

  test('+ are the operational ones', async () => {
    expect((await names(['+'])).names).toEqual(operational);
  });

  test('typesOnly leaves the values out', async () => {
    const { entry } = await names(['cn', 'objectClass'], true);
    expect(entry?.attributes.get('cn')).toEqual([]);
    expect(entry?.attributes.get('objectClass')).toEqual([]);
  });

  test('keep their options, and come with the name without options', () => {
    const directory = staticDirectory([top, person('x', { 'cn;lang-de': ['Hallo'] })], SUFFIX);
    return withSession({ directory }, async (client) => {
      const { entries } = await client.search({ filter: '(uid=x)', attributes: ['cn'] });
      expect([...(entries[0]?.attributes.keys() ?? [])]).toEqual(['cn', 'cn;lang-de']);
      const german = await client.search({ filter: '(uid=x)', attributes: ['cn;lang-de'] });
      expect([...(german.entries[0]?.attributes.keys() ?? [])]).toEqual(['cn;lang-de']);
    });
  });

  test('are sent byte for byte, whatever their size', () => {
    const values = [
      Buffer.from([0, 255, 128]),
      Buffer.alloc(300, 1),
      Buffer.alloc(70_000, 2),
      Buffer.alloc(17_000_000, 3),
    ];
    const directory = staticDirectory([top, person('x', { jpegPhoto: values })], SUFFIX);
    return withSession({ directory }, async (client) => {
      const { entries } = await client.search({ filter: '(uid=x)', attributes: ['jpegPhoto'] });
      const got = entries[0]?.attributes.get('jpegPhoto') ?? [];
      expect(got.map((value, at) => value.equals(values[at] ?? Buffer.alloc(0)))).toEqual([
        true,
        true,
        true,
        true,
      ]);
    });
  });
});

describe('the rootDSE', () => {
  const read = (client: Parameters<Parameters<typeof withSession>[1]>[0]) =>
    client.search({ base: '', scope: 'base', attributes: ['*', '+'] });

  test('tells the naming context, the version and the paging control', () =>
    withSession({}, async (client) => {
      const { code, entries } = await read(client);
      expect(code).toBe(0);
      const say = (name: string) => entries[0]?.attributes.get(name)?.map(String);
      expect(say('namingContexts')).toEqual([SUFFIX]);
      expect(say('supportedLDAPVersion')).toEqual(['3']);
      expect(say('supportedControl')).toEqual(['1.2.840.113556.1.4.319']);
      expect(say('supportedExtension')).toEqual(['1.3.6.1.4.1.4203.1.11.3']);
    }));

  test('of an AD-like server tells its capability unasked', () =>
    withSession({ vendor: 'ad-like' }, async (client) => {
      const { entries } = await client.search({ base: '', scope: 'base', attributes: [] });
      expect(entries[0]?.attributes.has('supportedCapabilities')).toBe(true);
    }));

  test('is not part of any subtree', () =>
    withSession({}, async (client) => {
      expect((await client.search({ base: '', scope: 'sub' })).code).toBe(32);
    }));
});

describe('controls', () => {
  test('a critical one that is unknown gives 12', () =>
    withSession({}, async (client) => {
      const controls = [controlOf('1.2.3.4', true, Buffer.alloc(0))];
      expect((await client.search({ controls })).code).toBe(12);
    }));

  test('one that is unknown and not critical is ignored', () =>
    withSession({}, async (client) => {
      const controls = [controlOf('1.2.3.4', false, Buffer.alloc(0))];
      expect((await client.search({ controls, scope: 'base' })).code).toBe(0);
    }));
});

describe('limits', () => {
  const attempt = (options: Parameters<typeof withSession>[0], search: object = {}) =>
    withSession({ directory: team(20), ...options }, async (client) => {
      const { code, entries } = await client.search({ filter: '(uid=*)', ...search });
      return [code, entries.length];
    });

  test('of the client: the entries, then 4', async () => {
    expect(await attempt({}, { sizeLimit: 7 })).toEqual([4, 7]);
    expect(await attempt({}, { sizeLimit: 19 })).toEqual([4, 19]);
    expect(await attempt({}, { sizeLimit: 20 })).toEqual([0, 20]);
  });

  test('of the server: the smaller one counts', async () => {
    expect(await attempt({ sizeLimit: 5 })).toEqual([4, 5]);
    expect(await attempt({ sizeLimit: 5 }, { sizeLimit: 3 })).toEqual([4, 3]);
    expect(await attempt({ sizeLimit: 5 }, { sizeLimit: 9 })).toEqual([4, 5]);
    expect(await attempt({ sizeLimit: 0 })).toEqual([0, 20]);
  });

  test('of an AD-like server without paging: the page size', async () => {
    expect(await attempt({ vendor: 'ad-like', maxPageSize: 8 })).toEqual([4, 8]);
  });

  test('of looking through: what was found, then 11, unless there is an index', async () => {
    const all = await attempt({ lookThroughLimit: 10 });
    expect(all).toEqual([11, 9]);
    const indexed = { filter: `(manager=uid=p1,${SUFFIX})` };
    expect(await attempt({ lookThroughLimit: 10 }, indexed)).toEqual([0, 20]);
  });

  test('of time: what was found, then 3', () => {
    let now = 0;
    const clock = { now: () => now++ * 600, sleep: () => Promise.resolve() };
    const directory = syntheticOrganisation({ people: 5000, seed: 1 });
    return withSession({ directory, clock }, async (client) => {
      const search = { filter: '(cn=*no such name*)', timeLimit: 2 } as const;
      expect(await client.search(search)).toMatchObject({ code: 3, entries: [] });
    });
  });
});

test('a directory that changes is served as it is', () => {
  const directory = team(3);
  return withSession({ directory }, async (client) => {
    const uids = async () => {
      const search = { filter: `(manager=uid=p1,${SUFFIX})`, attributes: ['uid'] };
      const { entries } = await client.search(search);
      return entries.map((entry) => entry.attributes.get('uid')?.[0]?.toString());
    };
    expect(await uids()).toEqual(['p1', 'p2', 'p3']);
    directory.remove(`UID=p2, ${SUFFIX}`);
    directory.add(person('p4'));
    directory.replace(`uid=p3,${SUFFIX}`, person('p5'));
    expect(await uids()).toEqual(['p1', 'p4', 'p5']);
    directory.replace(`uid=p4,${SUFFIX}`, person('p4', { manager: [] }));
    expect(await uids()).toEqual(['p1', 'p5']);
    expect(() => directory.remove(`uid=p2,${SUFFIX}`)).toThrow(/Expected an entry/);
    expect(() => directory.add(person('P1'))).toThrow(/Expected a new entry/);
  });
});

test('searches are shown to whoever watches', () => {
  const seen: ObservedSearch[] = [];
  const manager = hundred().rootDn;
  return withSession({ onSearch: (search) => seen.push(search) }, async (client) => {
    await client.search({ filter: `(|(manager=${manager})(uid=x))`, page: 50, attributes: ['cn'] });
    expect(seen).toEqual([
      {
        connection: 1,
        base: SUFFIX,
        scope: 'sub',
        filter: `(|(manager=${manager})(uid=x))`,
        attributes: ['cn'],
        managers: [manager],
        sizeLimit: 0,
        pageSize: 50,
        continues: false,
      },
    ]);
  });
});

test('everybody is found by an empty AND (RFC 4526), with a filter nested deep refused', () =>
  withSession({}, async (client) => {
    expect((await client.search({ filter: '(&)' })).entries.length).toBe(102);
    const deep = `${'(!'.repeat(200)}${everyone}${')'.repeat(200)}`;
    await expect(client.search({ filter: deep })).rejects.toThrow(/expected an answer to 2, got 0/);
    expect(await client.ended).toBe('fin');
  }));
