// One manager with thousands of direct reports, whose user names are as odd as user names get, on a real OpenLDAP.
import { expect } from 'vitest';
import type { RunOptions } from '../cli/orgwalk.ts';
import { crawled, rows, type Summary, withDatabase } from '../integration/crawling.ts';
import { uuid } from '../support/organisation/identity.ts';
import { type Attribute, ldifEntry } from '../support/organisation/ldif.ts';
import { type ProxyOptions, withProxy } from '../support/proxy.ts';
import { type Slapd, withSlapd } from '../support/slapd.ts';
import { compareWithTruth, SAME, type Truth, truthOfText } from '../support/truth.ts';

const SUFFIX = 'dc=example,dc=com';
export const ROOT = `employeeNumber=0,${SUFFIX}`;
/** One report in so many has reports of their own. */
const MANAGES_ONE_IN = 100;

/** What the user names of the reports look like, in turn. */
const SPELLINGS: readonly ((n: number) => readonly string[])[] = [
  (n) => [`e${String(n).padStart(7, '0')}`],
  (n) => [`${'long'.repeat(12)}${n}`],
  (n) => [`${n % 16 < 8 ? 'Case' : 'cASE'}${n}`],
  (n) => [`*(${n})\\`],
  (n) => [`  two  spaces ${n}`],
  (n) => [`${['é', 'ß', 'ø', '人', '\u{1f600}', 'İ'][n % 6]}${n}`],
  (n) => [`${n}`, `alias${n}`, `z${n % 7}-${n}`],
  (n) => [String.fromCodePoint(0x4e00 + (n % 20_000)) + n],
];

export interface TeamOptions {
  readonly reports: number;
  /** One report in so many has no user name. Default: all have one. */
  readonly namelessOneIn?: number;
}

export interface Team {
  readonly server: Slapd;
  readonly truth: Truth;
}

export async function withTeam<T>(
  options: TeamOptions,
  use: (team: Team) => Promise<T>,
): Promise<T> {
  const ldif = [...entries(options)].join('');
  const truth = truthOfText(ldif, { roots: [ROOT] });
  return withSlapd({ ldif }, (server) => use({ server, truth }));
}

function* entries({ reports, namelessOneIn = 0 }: TeamOptions): Iterable<string> {
  yield ldifEntry(SUFFIX, [
    ['objectClass', 'top'],
    ['objectClass', 'dcObject'],
    ['objectClass', 'organization'],
    ['dc', 'example'],
    ['o', 'Example'],
    ['entryUUID', uuid(1, -1)],
  ]);
  yield personEntry(0, ['root'], undefined);
  for (let n = 1; n <= reports; n += 1) {
    const nameless = namelessOneIn > 0 && n % namelessOneIn === 0;
    const uids = nameless ? [] : (SPELLINGS[n % SPELLINGS.length]?.(n) ?? []);
    yield personEntry(n, uids, ROOT);
    if (n % MANAGES_ONE_IN !== 0) continue;
    yield personEntry(reports + n, [`below${n}`], `employeeNumber=${n},${SUFFIX}`);
  }
}

function personEntry(n: number, uids: readonly string[], manager: string | undefined): string {
  const attributes: Attribute[] = [
    ['objectClass', 'top'],
    ['objectClass', 'person'],
    ['objectClass', 'organizationalPerson'],
    ['objectClass', 'inetOrgPerson'],
    ['employeeNumber', String(n)],
    ['entryUUID', uuid(1, n)],
    ['cn', `Person ${(n * 7_919) % 10_007} ${n}`],
    ['sn', `Family ${n % 97}`],
    ['title', `${'Engineer for things that need a long title '.repeat(6)}${n % 5}`],
    ...uids.map((uid): Attribute => ['uid', uid]),
    ...(manager === undefined ? [] : [['manager', manager] as Attribute]),
  ];
  return ldifEntry(`employeeNumber=${n},${SUFFIX}`, attributes);
}

/** Crawls the team through a proxy: nobody is missing, no branch failed. What it cost. */
export async function crawledThrough(
  { server, truth }: Team,
  proxyOptions: Omit<ProxyOptions, 'to'>,
  more: readonly string[] = [],
  options: RunOptions = {},
): Promise<Summary & { readonly connections: number }> {
  return withProxy({ to: server.port, ...proxyOptions }, (proxy) =>
    withDatabase(async (db) => {
      const summary = await crawled({ url: proxy.url, root: ROOT }, db, more, options);
      expect(compareWithTruth(db, truth)).toEqual(SAME);
      expect(rows(db, 'SELECT * FROM failures')).toEqual([]);
      return { ...summary, connections: proxy.accepted };
    }),
  );
}
