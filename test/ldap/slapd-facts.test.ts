// What the program relies on, or has to bear, on OpenLDAP: its limits, its filters, its spellings.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LdapConnection } from '../../src/ldap/connection/connection.ts';
import { parseFilter } from '../../src/ldap/messages/filters.ts';
import { bindRequest, searchRequest } from '../../src/ldap/messages/requests.ts';
import { dnOf, ldifOf, type Person, pyramid, SUFFIX } from '../integration/ldif.ts';
import {
  type Account,
  ask,
  askPaged,
  literal,
  type Question,
  valuesOf,
  withAsker,
} from '../support/asking.ts';
import { ldapsearch } from '../support/ldapsearch.ts';
import { respellAs, spellings, write } from '../support/organisation/dn.ts';
import { randomOf } from '../support/organisation/random.ts';
import { type Slapd, startSlapd } from '../support/slapd.ts';

const REPORTS = 620;
const SHIPPED_LIMIT = 500;
const PASSWORD = 'secret';
const NAMED = [
  [
    { type: 'cn', value: 'Ångström, Åsa Maria' },
    { type: 'uid', value: 'boss' },
  ],
  [{ type: 'dc', value: 'example' }],
  [{ type: 'dc', value: 'com' }],
];
const BOSS = write(NAMED);
const SPELT = spellings().map((name): Person & { readonly value: string } => {
  const value = respellAs(name, NAMED, randomOf(1, 1)) ?? '';
  return { uid: `by ${name}`, managers: [value], value };
});
const NEWLINE = `cn=two\\0Alines,${SUFFIX}`;

/** Accounts, and what is special about each. */
const ACCOUNTS = {
  free: 'size=unlimited size.prtotal=unlimited',
  unpaged: 'size=unlimited size.prtotal=disabled',
  narrow: 'size=unlimited size.pr=10 size.prtotal=unlimited',
  blind: 'size=unlimited',
} as const;

const nameOf = (account: string) => `cn=${account},${SUFFIX}`;

const ACCOUNT_LDIF = Object.keys(ACCOUNTS).map(
  (name) => `dn: ${nameOf(name)}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: ${name}
userPassword: ${PASSWORD}
`,
);

let server: Slapd;

beforeAll(async () => {
  const boss = { uid: 'boss', dn: BOSS, managers: [dnOf('ceo')] };
  const people = [...pyramid([REPORTS]), boss, ...SPELT, { uid: 'lines', dn: NEWLINE }];
  server = await startSlapd({
    ldif: [ldifOf(people), ...ACCOUNT_LDIF].join('\n'),
    shippedSizeLimit: true,
    readerPassword: PASSWORD,
    acl: [
      'access to attrs=userPassword by anonymous auth by * none',
      `access to attrs=manager by dn.exact="${nameOf('blind')}" none by users read by * none`,
      'access to * by users read by * disclose',
    ],
    extraConfig: Object.entries(ACCOUNTS).map(
      ([name, limits]) => `limits dn.exact="${nameOf(name)}" ${limits}`,
    ),
  });
});
afterAll(() => server.stop());

function as<T>(
  account: keyof typeof ACCOUNTS | 'reader',
  use: (connection: LdapConnection) => Promise<T>,
): Promise<T> {
  return withAsker(server.url, accountOf(account), use);
}

function accountOf(name: string): Account {
  return { bindDn: nameOf(name), password: PASSWORD };
}

const reports: Question = { base: SUFFIX, filter: `(manager=${dnOf('ceo')})` };
const PAGE = 20;

function found(filter: string): Promise<readonly string[]> {
  return as('free', async (connection) => {
    const { code, dns } = await ask(connection, { base: SUFFIX, filter });
    expect(code).toBe(0);
    return dns;
  });
}

describe('a cookie of OpenLDAP', () => {
  const next = (connection: LdapConnection, cookie: Buffer | undefined) =>
    ask(connection, { ...reports, page: PAGE, ...(cookie && { cookie }) });

  test('is of no use on another connection', () =>
    as('free', async (connection) => {
      const { cookie } = await next(connection, undefined);
      await as('free', async (other) => {
        expect([2, 53]).toContain((await next(other, cookie)).code);
      });
    }));

  test('dies with another paged search on its connection, be it of one page; not with a plain one', () =>
    as('free', async (connection) => {
      const { cookie } = await next(connection, undefined);
      await ask(connection, reports);
      const second = await next(connection, cookie);
      expect([second.code, second.dns.length]).toEqual([0, PAGE]);
      await ask(connection, { base: SUFFIX, filter: '(uid=ceo)', page: PAGE });
      expect([2, 53]).toContain((await next(connection, second.cookie)).code);
    }));
});

describe('the limits of OpenLDAP', () => {
  test('are 500 entries unless told otherwise, over all pages; 4 comes behind the last of them', () =>
    as('reader', async (connection) => {
      const plain = await ask(connection, reports);
      expect([plain.code, plain.dns.length]).toEqual([4, SHIPPED_LIMIT]);
      const { pages, code } = await askPaged(connection, { ...reports, page: 200 });
      expect([code, pages]).toEqual([4, [200, 200, 100]]);
    }));

  test.each([true, false])(
    'forbid paging with 11 although it is offered (critical: %s)',
    (critical) =>
      as('unpaged', async (connection) => {
        const rootDse = { base: '', scope: 'base', attributes: ['supportedControl'] } as const;
        const { entries } = await ask(connection, rootDse);
        expect(valuesOf(entries[0], 'supportedControl')).toContain('1.2.840.113556.1.4.319');
        const { code, dns } = await ask(connection, { ...reports, page: PAGE, critical });
        expect([code, dns]).toEqual([11, []]);
        expect((await ask(connection, reports)).dns).toHaveLength(REPORTS + 1);
      }),
  );

  test('answer 11 to a larger page than size.pr, and do not make it smaller', () =>
    as('narrow', async (connection) => {
      expect((await ask(connection, { ...reports, page: 11 })).code).toBe(11);
      expect((await ask(connection, { ...reports, page: 10 })).dns).toHaveLength(10);
    }));
});

describe('a filter of OpenLDAP', () => {
  test.each(['uid', 'cn', 'mail'])(
    'orders nothing by %s, and its negation neither',
    async (name) => {
      expect(await found(`(${name}>=a)`)).toEqual([]);
      expect(await found(`(!(${name}>=a))`)).toEqual([]);
    },
  );

  test('orders by entryUUID, and knows no prefix of it', async () => {
    expect(
      (await found('(entryUUID>=00000000-0000-0000-0000-000000000000)')).length,
    ).toBeGreaterThan(REPORTS);
    expect(await found('(entryUUID=0*)')).toEqual([]);
  });

  test('finds by prefix, and excludes by value', async () => {
    expect(await found('(uid=ceo-61*)')).toHaveLength(11);
    const all = await found('(uid=*)');
    expect(await found('(&(uid=*)(!(|(uid=ceo)(uid=ceo-1))))')).toHaveLength(all.length - 2);
  });

  test.each(['no dn', 'uid', 'uid=', ',', 'uid=a,,dc=b'])(
    'finds nobody by %j for a DN, with success',
    async (value) => {
      expect(await found(`(manager=${literal(value)})`)).toEqual([]);
    },
  );
});

describe('what OpenLDAP gives back', () => {
  test('a DN is rewritten, a manager value is as it was stored, and all of them match', () =>
    as('free', async (connection) => {
      const { entries, dns } = await ask(connection, {
        base: SUFFIX,
        filter: `(manager=${literal(BOSS)})`,
        attributes: ['manager'],
      });
      expect(entries.flatMap((entry) => valuesOf(entry, 'manager')).toSorted()).toEqual(
        SPELT.map(({ value }) => value).toSorted(),
      );
      expect(dns).toHaveLength(SPELT.length);
      const boss = await ask(connection, { base: BOSS, scope: 'base' });
      expect(boss.dns[0]).toContain('Ångström\\2C Åsa Maria');
    }));

  test.each(SPELT.map(({ uid, value }) => [uid, value]))(
    'a base search at a value written %s is the entry',
    (_, value) =>
      as('free', async (connection) => {
        const { code, entries } = await ask(connection, {
          base: value,
          scope: 'base',
          attributes: ['uid'],
        });
        expect([code, valuesOf(entries[0], 'uid')]).toEqual([0, ['boss']]);
      }),
  );

  test('32 tells that a value names nobody', () =>
    as('free', async (connection) => {
      expect((await ask(connection, { base: dnOf('gone'), scope: 'base' })).code).toBe(32);
    }));

  test('a newline in a DN comes as it is', () =>
    as('free', async (connection) => {
      const { dns } = await ask(connection, { base: SUFFIX, filter: '(uid=lines)' });
      expect(dns).toEqual([`cn=two\nlines,${SUFFIX}`]);
    }));
});

describe('whoever may not read', () => {
  test('is told 50 where anonymous', () =>
    withAsker(server.url, undefined, async (connection) => {
      expect((await ask(connection, { base: SUFFIX })).code).toBe(50);
    }));

  test('finds no reports, with success, where the link is hidden', () =>
    as('blind', async (connection) => {
      const { code, dns } = await ask(connection, reports);
      expect([code, dns]).toEqual([0, []]);
    }));

  test('is refused with 53 where the password is empty', async () => {
    const { code } = await ldapsearch(server.url, ['-D', nameOf('free'), '-w', '', '-b', SUFFIX]);
    expect(code).toBe(53);
  });
});

describe('what OpenLDAP takes of one connection', () => {
  /** How many searches are answered of so many that are sent at once. */
  async function answered(requests: number, account?: Account): Promise<number> {
    const socket = connect(server.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('error', () => undefined); // a reset is the answer here
    const closed = once(socket, 'close');
    if (account !== undefined) {
      const { bindDn: dn, password } = account;
      socket.write(bindRequest(1, { kind: 'simple', dn, password }));
      await once(socket, 'data');
    }
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      if (doneIn(Buffer.concat(chunks)) === requests) socket.end();
    });
    socket.write(Buffer.concat(Array.from({ length: requests }, (_, n) => search(n + 2))));
    await closed;
    return doneIn(Buffer.concat(chunks));
  }

  test('is 100 searches in waiting where nobody is bound, and 1,000 where somebody is: then it hangs up', async () => {
    expect(await answered(100)).toBe(100);
    expect(await answered(1_000)).toBeLessThan(1_000);
    expect(await answered(900, accountOf('free'))).toBe(900);
    expect(await answered(20_000, accountOf('free'))).toBeLessThan(20_000);
  });

  const large = (kilobytes: number) => ({
    base: '',
    scope: 'base' as const,
    filter: `(|(objectClass=*)(cn=${'x'.repeat(kilobytes * 1024)}))`,
  });

  test('is a request of 256 KiB where nobody is bound, and of 16 MiB where somebody is', async () => {
    await withAsker(server.url, undefined, async (connection) => {
      expect((await ask(connection, large(200))).code).toBe(0);
      await expect(ask(connection, large(300))).rejects.toThrow();
    });
    await as('free', async (connection) => {
      expect((await ask(connection, large(15_000))).code).toBe(0);
      await expect(ask(connection, large(17_000))).rejects.toThrow();
    });
  });
});

function search(id: number): Buffer {
  const spec = {
    base: SUFFIX,
    scope: 'sub',
    filter: parseFilter('(cn=*zz*)'),
    attributes: [],
  } as const;
  return searchRequest(id, spec);
}

/** Answers without entries that are there whole (RFC 4511 §4.5.2): each is shorter than 128 bytes. */
function doneIn(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + 1 < bytes.length; ) {
    at += 2 + bytes.readUInt8(at + 1);
    if (at <= bytes.length) count += 1;
  }
  return count;
}
