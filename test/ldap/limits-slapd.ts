// One manager of many on an OpenLDAP that refuses to page, with values as odd as they get, and accounts under limits.
import { uuid } from '../support/organisation/identity.ts';
import { type Attribute, ldifEntry } from '../support/organisation/ldif.ts';
import { type Slapd, startSlapd } from '../support/slapd.ts';
import { branch, expand, NEVER, withDirectory } from './directories.ts';

const SUFFIX = 'dc=example,dc=com';
const ROOT = `employeeNumber=0,${SUFFIX}`;
export const LIMITS = [50, 500, 1_000];
/** An account that directors hide their DN and user name from, where these are asked for. */
export const BLIND = 7;
const BLIND_LIMIT = 500;

/** What the values of the reports look like, in turn: alike, odd, several, none. */
const SPELLINGS: readonly ((n: number) => readonly string[])[] = [
  (n) => [`e${String(n).padStart(7, '0')}`],
  (n) => [`${n % 16 < 8 ? 'Twin' : 'twIN'}${n >> 4}`],
  (n) => [`*(${n})\\`],
  (n) => [`  two  spaces ${n}`],
  (n) => [`${['é', 'ß', 'ø', '人', '\u{1f600}', 'İ'][n % 6]}${n}é`],
  (n) => [`${n}`, `alias${n}`, `z${n % 7}-${n}`],
  () => [],
];

function* ldif(reports: number): Iterable<string> {
  yield ldifEntry(SUFFIX, [
    ['objectClass', 'dcObject'],
    ['objectClass', 'organization'],
    ['dc', 'example'],
    ['o', 'Example'],
    ['entryUUID', uuid(1, -1)],
  ]);
  for (const limit of [BLIND, ...LIMITS]) yield accountEntry(limit);
  for (let n = 0; n <= reports; n += 1) yield personEntry(n);
}

function accountEntry(limit: number): string {
  return ldifEntry(accountDn(limit), [
    ['objectClass', 'organizationalRole'],
    ['objectClass', 'simpleSecurityObject'],
    ['cn', `reader${limit}`],
    ['userPassword', 'secret'],
  ]);
}

function personEntry(n: number): string {
  const attributes: Attribute[] = [
    ['objectClass', 'inetOrgPerson'],
    ['employeeNumber', String(n)],
    ['entryUUID', uuid(1, n)],
    ['cn', `Person ${(n * 7_919) % 10_007} ${n}`],
    ['sn', `Family ${n % 97}`],
    ['title', n % 10 === 9 && n > 800 ? 'Director' : 'Engineer'],
    ...(SPELLINGS[n % SPELLINGS.length]?.(n) ?? []).map((uid): Attribute => ['uid', uid]),
    ...(n === 0 ? [] : [['manager', ROOT] as Attribute]),
  ];
  const rdn = n % 50 === 0 && n > 0 ? `cn=Person\\2C é ${n}` : `employeeNumber=${n}`;
  if (rdn.startsWith('cn')) attributes.push(['cn', `Person, é ${n}`]);
  return ldifEntry(`${rdn},${SUFFIX}`, attributes);
}

/** For `beforeAll`: whoever starts it stops it. */
export async function startTeam(reports: number): Promise<Slapd> {
  const limitOf = (account: number, size: number) =>
    `limits dn.exact="${accountDn(account)}" size=${size} size.prtotal=disabled`;
  const limits = LIMITS.map((limit) => limitOf(limit, limit));
  const acl = [
    'access to attrs=userPassword by anonymous auth by * none',
    `access to filter=(title=Director) attrs=entryDN,uid by dn.exact="${accountDn(BLIND)}" none by * read`,
    'access to * by * read',
  ];
  const extraConfig = [...limits, limitOf(BLIND, BLIND_LIMIT)];
  return startSlapd({ ldif: [...ldif(reports)].join(''), extraConfig, acl });
}

function accountDn(account: number): string {
  return `cn=reader${account},${SUFFIX}`;
}

/** The reports of the manager, as the account of that limit sees them. */
export async function readAs(server: Slapd, account: number) {
  const credentials = { kind: 'simple', dn: accountDn(account), password: 'secret' } as const;
  return withDirectory(server.url, { credentials, roots: [ROOT] }, async ({ directory }) => {
    await directory.open(NEVER);
    directory.takeWork();
    const { pages, completed, error } = await expand(directory, [branch('root', ROOT)]);
    const dns = pages.flatMap(({ page }) => page.employees.map((employee) => employee.dn));
    const counted = [...pages.map(({ page }) => page.work), directory.takeWork()];
    const searches = counted.reduce((sum, work) => sum + work.searches, 0);
    return { people: new Set(dns).size, came: dns.length, completed, error, searches };
  });
}
