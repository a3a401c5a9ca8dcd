// Who was not reached, told by a real OpenLDAP, to an account without limits and to one that has one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Slapd, startSlapd } from '../support/slapd.ts';
import { crawl, rows, withDatabase } from './crawling.ts';
import { dnOf, ldifOf, pyramid } from './ldif.ts';

const PASSWORD = 'secret';
const LIMIT = 600;
/** The reached: fewer than the limit below any manager. */
const REACHED = pyramid([20, 50]);
const UNREACHED = [
  { uid: 'guest' },
  { uid: 'chair', managers: [`UID=Chair , DC=example,dc=com`] },
  { uid: 'lost', managers: ['uid=gone,dc=example,dc=com'] },
  ...Array.from({ length: 1_100 }, (_, n) => ({ uid: `x${n}`, managers: [dnOf('chair')] })),
];

let server: Slapd;

beforeAll(async () => {
  const limits = [
    'limits dn.exact="cn=reader,dc=example,dc=com" size=unlimited',
    `limits * size=${LIMIT}`,
  ];
  const ldif = ldifOf([...REACHED, ...UNREACHED]);
  server = await startSlapd({ ldif, readerPassword: PASSWORD, extraConfig: limits });
});

afterAll(async () => {
  await server.stop();
});

const env = { ORGWALK_BIND_PASSWORD: PASSWORD };
const unreachable = "SELECT detail FROM findings WHERE kind = 'unreachable' ORDER BY 1";

/** A crawl from the top of those who are reached, anonymous unless an account is given. */
function crawlAs(db: string, account?: string) {
  const more = account === undefined ? [] : ['--bind-dn', account];
  const target = { url: server.url, root: dnOf('ceo') };
  return crawl(target, db, ['--reconcile', '--workers', '2', ...more], { env });
}

describe('an OpenLDAP with 1,103 people whom nobody reaches', () => {
  test('tells an account without limits who they are: reached and unreachable are everyone', async () => {
    await withDatabase(async (db) => {
      const { code, stdout } = await crawlAs(db, server.readerDn);
      expect(code).toBe(0);
      const details = rows(db, unreachable).map(({ detail }) => detail);
      expect(details).toHaveLength(UNREACHED.length);
      expect(details.filter((detail) => String(detail).startsWith('has no manager: '))).toEqual([
        `has no manager: ${dnOf('chair')}`,
        `has no manager: ${dnOf('guest')}`,
      ]);
      expect(JSON.parse(stdout).employees + details.length).toBe(REACHED.length + UNREACHED.length);
    });
  });

  test('tells one with a limit nothing, and that is said', async () => {
    await withDatabase(async (db) => {
      const { code, stderr, stdout } = await crawlAs(db);
      expect([code, stderr]).toEqual([
        0,
        'Not reconciled: the server reached its size limit (4)\n',
      ]);
      expect(JSON.parse(stdout).employees).toBe(REACHED.length);
      expect(rows(db, unreachable)).toEqual([]);
    });
  });
});
