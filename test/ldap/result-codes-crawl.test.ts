// What a result code in mid-crawl comes to in the end: for the branches, the database and whoever reads the message.
import { describe, expect, it, test } from 'vitest';
import { DirectoryError } from '../../src/domain/errors.ts';
import { type Fault, ForgottenBind, ResultCode } from '../../src/simulate/faults.ts';
import type { SimulatedServer } from '../../src/simulate/server.ts';
import { withServer } from '../simulate/servers.ts';
import { digestDatabase } from '../support/digest.ts';
import { CEO, company, dnOf } from '../survival/company.ts';
import { crawlInto, type Databases, rows, withDatabases } from '../survival/wired.ts';

const ACCOUNT = { bindDn: 'cn=reader,dc=example,dc=com', password: 'secret' };
const CREDENTIALS = { kind: 'simple', dn: ACCOUNT.bindDn, password: ACCOUNT.password } as const;
/** Manages three; a branch among others. */
const MANAGER = dnOf('p2');
/** Has reports on two pages. */
const ON_PAGES = CEO;
const EVERYONE = 32;

describe('a code that passes', () => {
  test.each([
    ['51', () => new ResultCode(51, { manager: MANAGER, times: 4 })],
    ['51 after entries', () => new ResultCode(51, { manager: MANAGER, times: 2 }, 1)],
    ['52', () => new ResultCode(52, { manager: MANAGER, times: 4 })],
    ['80', () => new ResultCode(80, { manager: MANAGER, times: 4 })],
    [
      '51 to every third request, binds included',
      () => new ResultCode(51, { kind: 'any', from: 9, every: 3 }),
    ],
    [
      '53 to the cookie of the first page',
      () => new ResultCode(53, { manager: ON_PAGES, page: 2, times: 4 }),
    ],
    [
      '2 to the cookie of the first page',
      () => new ResultCode(2, { manager: ON_PAGES, page: 2, times: 4 }),
    ],
    [
      '1 with 000004DC, where it had signed in',
      () => new ForgottenBind({ manager: MANAGER, times: 2 }),
    ],
    [
      '1 with 000004DC to a cookie',
      () => new ForgottenBind({ manager: ON_PAGES, page: 2, times: 2 }),
    ],
    ['1', () => new ResultCode(1, { manager: MANAGER, times: 2 })],
  ])('(%s) costs nobody anything', async (_, fault) => {
    await withDatabases(async (databases) => {
      const undisturbed = await digestOf(databases, []);
      expect(await digestOf(databases, [fault()])).toBe(undisturbed);
    });
  });

  test.each([
    ['53 to a cookie', () => new ResultCode(53, { manager: ON_PAGES, page: 2, times: 1 })],
    ['2 to a cookie', () => new ResultCode(2, { manager: ON_PAGES, page: 2, times: 1 })],
    ['1 with 000004DC', () => new ForgottenBind({ manager: MANAGER, times: 1 })],
  ])(
    '(%s) is followed by a new connection, which is bound before it is asked',
    async (_, fault) => {
      await withDatabases(async (databases) => {
        await withCompany([fault()], async (server) => {
          await crawlOf(databases.next(), server);
          // One for each worker, and one more.
          const { binds, connections } = server.stats;
          expect([binds, connections]).toEqual([3, 3]);
        });
      });
    },
  );

  it.each([51, 52, 80])(
    '(%i) costs no connection: a busy server may have no other',
    async (code) => {
      await withDatabases(async (databases) => {
        const fault = new ResultCode(code, { manager: MANAGER, times: 1 });
        await withCompany([fault], async (server) => {
          await crawlOf(databases.next(), server);
          const { binds, connections } = server.stats;
          expect([binds, connections]).toEqual([2, 2]);
        });
      });
    },
  );
});

describe('a code that stays', () => {
  test.each([
    [50, 'denied', 'access denied (50)'],
    [123, 'unknown_code', 'the server answered with a code that is not known here (123)'],
    [64, 'unknown_code', 'the server answered a search with a code of another operation (64)'],
    [34, 'poison', 'the server does not understand the DN (34)'],
    [51, 'timeout', 'the server is busy (51)'],
    [80, 'timeout', 'the server reported an internal error (80)'],
    [1, 'unreadable', 'the server reported an operations error (1)'],
  ])(
    '%i costs the one branch that it is about, and no other: %s',
    async (code, reason, message) => {
      await withDatabases(async (databases) => {
        const fault = new ResultCode(code, { manager: MANAGER });
        await withCompany([fault], async (server) => {
          const db = databases.next();
          const { published } = await crawlOf(db, server);
          expect(published).toMatchObject({ status: 'partial', failedBranches: 1 });
          const sql = 'SELECT dn, reason, result_code, last_error FROM failures';
          expect(rows(db, sql)).toEqual([
            { dn: MANAGER, reason, result_code: code, last_error: message },
          ]);
          const below = ['p10', 'p11', 'p12', 'alias'];
          const found = rows(db, 'SELECT username FROM employees').map(({ username }) => username);
          expect(below.filter((uid) => found.includes(uid))).toEqual([]);
          expect(published.employees).toBe(EVERYONE - below.length);
        });
      });
    },
  );

  test.each([
    ['49 to a bind', 'credentials', 49, { kind: 'bind', from: 2 }],
    ['49 to a search', 'credentials', 49, { manager: MANAGER }],
    ['8 to a search', 'stronger-authentication', 8, { manager: MANAGER }],
    ['13 to a bind', 'stronger-authentication', 13, { kind: 'bind', from: 2 }],
  ] as const)('(%s) stops the crawl at once, and leaves what was read', async (...row) => {
    const [, refusal, code, occasion] = row;
    await withDatabases(async (databases) => {
      const undisturbed = await digestOf(databases, []);
      await withCompany([new ResultCode(code, occasion)], async (server) => {
        const db = databases.next();
        const error = await crawlOf(db, server).catch((thrown: unknown) => thrown);
        expect(error).toBeInstanceOf(DirectoryError);
        expect(error).toMatchObject({ code: refusal, exitCode: 6 });
        expect((error as DirectoryError).hint).toMatch(
          /; what was read is kept, and the same command then continues$/,
        );
        expect(rows(db, 'SELECT status FROM runs')).toEqual([{ status: 'interrupted' }]);
        // Of two workers, each signs in once at most.
        expect(server.stats.binds).toBeLessThanOrEqual(2);
        server.setFaults();
        const { run } = await crawlOf(db, server);
        expect(run).toMatchObject({ id: 1, resumed: true });
        expect(digestDatabase(db)).toBe(undisturbed);
      });
    });
  });

  test('1 with 000004DC is a matter of credentials where nobody had signed in', async () => {
    await withDatabases(async (databases) => {
      const faults = [new ForgottenBind({ manager: MANAGER })];
      await withServer({ directory: company(), faults }, async ({ url }) => {
        const crawling = crawlInto(databases.next(), url);
        await expect(crawling).rejects.toMatchObject({
          code: 'credentials',
          message: 'the directory answers nobody who has not signed in',
        });
      });
    });
  });
});

function withCompany<T>(
  faults: readonly Fault[],
  use: (server: SimulatedServer) => Promise<T>,
): Promise<T> {
  return withServer({ directory: company(), ...ACCOUNT, faults }, use);
}

function crawlOf(db: string, { url }: SimulatedServer) {
  return crawlInto(db, url, { credentials: CREDENTIALS });
}

function digestOf(databases: Databases, faults: readonly Fault[]): Promise<string> {
  return withCompany(faults, (server) => databases.digestOf((db) => crawlOf(db, server)));
}
