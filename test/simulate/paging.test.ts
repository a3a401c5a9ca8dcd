import { describe, expect, test } from 'vitest';
import { SUFFIX, team, withServer, withSession } from './servers.ts';
import { type SearchAnswer, type SocketClient, withClient } from './socket-client.ts';

const people = { filter: '(uid=*)' } as const;

/** Pages until the cookie is empty, at most 100 times. */
async function pages(client: SocketClient, page: number): Promise<readonly SearchAnswer[]> {
  const answers: SearchAnswer[] = [];
  let cookie: Buffer | undefined;
  do {
    const answer = await client.search({ ...people, page, cookie });
    answers.push(answer);
    cookie = answer.cookie;
  } while (cookie !== undefined && cookie.length > 0 && answers.length < 100);
  return answers;
}

describe('a paged search', () => {
  test.for([
    [7, [7, 7, 6]],
    [10, [10, 10]],
    [19, [19, 1]],
    [20, [20]],
    [500, [20]],
    [1, Array.from({ length: 20 }, () => 1)],
  ] as const)('by %i brings pages of %j', ([size, expected]) =>
    withSession({ directory: team(20) }, async (client, server) => {
      const answers = await pages(client, size);
      expect(answers.map(({ entries }) => entries.length)).toEqual(expected);
      expect(answers.map(({ code }) => code)).toEqual(expected.map(() => 0));
      expect(new Set(answers.flatMap(({ entries }) => entries.map(({ dn }) => dn))).size).toBe(20);
      expect(server.stats.pages).toBe(expected.length);
    }),
  );

  test('that finds nothing has an empty cookie', () =>
    withSession({}, async (client) => {
      const answer = await client.search({ filter: '(uid=nobody)', page: 5 });
      expect(answer).toMatchObject({ code: 0, entries: [] });
      expect(answer.cookie?.length).toBe(0);
    }));

  test('keeps its place while entries come and go', () => {
    const directory = team(6);
    return withSession({ directory }, async (client) => {
      const first = await client.search({ ...people, page: 2, attributes: ['uid'] });
      directory.remove(`uid=p5,${SUFFIX}`);
      const rest = await client.search({
        ...people,
        page: 9,
        attributes: ['uid'],
        cookie: first.cookie,
      });
      expect(rest.entries.map(({ dn }) => dn.split(',')[0])).toEqual([
        'uid=p3',
        'uid=p4',
        'uid=p6',
      ]);
    });
  });

  test('is given up with size 0', () =>
    withSession({ directory: team(20) }, async (client) => {
      const { cookie } = await client.search({ ...people, page: 5 });
      const end = await client.search({ ...people, page: 0, cookie });
      expect(end).toMatchObject({ code: 0, entries: [] });
      expect(end.cookie?.length).toBe(0);
      expect((await client.search({ ...people, page: 5, cookie })).code).toBe(53);
    }));
});

describe('a cookie', () => {
  test('is good once', () =>
    withSession({ directory: team(20) }, async (client) => {
      const { cookie } = await client.search({ ...people, page: 5 });
      expect((await client.search({ ...people, page: 5, cookie })).code).toBe(0);
      expect((await client.search({ ...people, page: 5, cookie })).code).toBe(53);
    }));

  test('is of no use after the last page', () =>
    withSession({ directory: team(8) }, async (client) => {
      const { cookie } = await client.search({ ...people, page: 5 });
      expect((await client.search({ ...people, page: 5, cookie })).entries.length).toBe(3);
      expect((await client.search({ ...people, page: 5, cookie })).code).toBe(53);
    }));

  test('is of no use on another connection', () =>
    withServer({ directory: team(20) }, (server) =>
      withClient(server, async (first) => {
        const { cookie } = await first.search({ ...people, page: 5 });
        await withClient(server, async (second) => {
          expect((await second.search({ ...people, page: 5, cookie })).code).toBe(2);
        });
        expect((await first.search({ ...people, page: 5, cookie })).code).toBe(0);
      }),
    ));

  test('dies when another paged search begins, be it of one page', () =>
    withSession({ directory: team(20) }, async (client) => {
      const { cookie } = await client.search({ ...people, page: 5 });
      await client.search({ filter: '(uid=p1)', page: 5 });
      expect((await client.search({ ...people, page: 5, cookie })).code).toBe(53);
    }));

  test('survives a search without paging', () =>
    withSession({ directory: team(20) }, async (client) => {
      const { cookie } = await client.search({ ...people, page: 5 });
      await client.search({ filter: '(uid=p1)' });
      expect((await client.search({ ...people, page: 5, cookie })).code).toBe(0);
    }));

  test('that the server never gave is refused', () =>
    withSession({ directory: team(20) }, async (client) => {
      expect((await client.search({ ...people, page: 5, cookie: Buffer.from('x') })).code).toBe(2);
      expect((await client.search({ ...people, page: 5, cookie: Buffer.alloc(8, 1) })).code).toBe(
        2,
      );
    }));

  test('does not continue another question', () =>
    withSession({ directory: team(20) }, async (client) => {
      const { cookie } = await client.search({ ...people, page: 5 });
      expect((await client.search({ filter: '(cn=*)', page: 5, cookie })).code).toBe(53);
    }));
});

describe('limits while paging', () => {
  test('the size limit counts all pages, and 4 comes after the entries', () =>
    withSession({ directory: team(20), sizeLimit: 12 }, async (client) => {
      const answers = await pages(client, 5);
      expect(answers.map(({ code, entries }) => [code, entries.length])).toEqual([
        [0, 5],
        [0, 5],
        [4, 2],
      ]);
    }));

  test('the size limit of 389 Directory Server counts one page', () =>
    withSession({ directory: team(20), sizeLimitPerPage: 8 }, async (client) => {
      expect((await pages(client, 8)).map(({ code }) => code)).toEqual([0, 0, 0]);
      expect(await client.search({ ...people, page: 9 })).toMatchObject({ code: 4 });
    }));

  test('a page over the maximum gives 11, and fewer entries on an AD-like server', async () => {
    await withSession({ directory: team(20), maxPageSize: 6 }, async (client) => {
      expect((await client.search({ ...people, page: 7 })).code).toBe(11);
      expect((await client.search({ ...people, page: 6 })).code).toBe(0);
    });
    await withSession(
      { directory: team(20), maxPageSize: 6, vendor: 'ad-like' },
      async (client) => {
        const sizes = (await pages(client, 7)).map(({ entries }) => entries.length);
        expect(sizes).toEqual([6, 6, 6, 2]);
      },
    );
  });
});

describe('a server that does not page', () => {
  const attempt = (paging: 'refused' | 'ignored' | 'absent') =>
    withSession({ directory: team(20), paging }, async (client) => {
      const dse = await client.search({
        base: '',
        scope: 'base',
        attributes: ['supportedControl'],
      });
      const { code, entries, cookie } = await client.search({ ...people, page: 5 });
      const offered = (dse.entries[0]?.attributes.get('supportedControl')?.length ?? 0) > 0;
      return { offered, code, count: entries.length, cookie };
    });

  test('may offer it and refuse it with 11, as OpenLDAP', async () => {
    expect(await attempt('refused')).toEqual({
      offered: true,
      code: 11,
      count: 0,
      cookie: undefined,
    });
  });

  test('may offer it and ignore it', async () => {
    expect(await attempt('ignored')).toEqual({
      offered: true,
      code: 0,
      count: 20,
      cookie: undefined,
    });
  });

  test('may not know it: 12 where it is critical', async () => {
    expect(await attempt('absent')).toEqual({
      offered: false,
      code: 12,
      count: 0,
      cookie: undefined,
    });
  });
});
