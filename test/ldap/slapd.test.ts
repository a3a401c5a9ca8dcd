import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConnectOptions, LdapConnection } from '../../src/ldap/connection/connection.ts';
import { type Page, pagedSearch } from '../../src/ldap/connection/paged-search.ts';
import type { RawEntry } from '../../src/ldap/messages/entry.ts';
import {
  equality,
  type Filter,
  or,
  parseFilter,
  present,
} from '../../src/ldap/messages/filters.ts';
import { withAuthority } from '../support/certificates.ts';
import { type Slapd, startSlapd, withSlapd } from '../support/slapd.ts';
import { ANY_SEARCH, BRIEF_MS, failureOf, PATIENT_MS, searchAll } from './sessions.ts';

const AS_IT_IS = (entry: RawEntry) => entry;

const ODD_NAMES = [
  '*)(uid=*',
  'café',
  '\\2a',
  'a\\b',
  '(x)',
  ' lead',
  'Ω \u{1f600}',
  '\u{feff}bom',
];
const PEOPLE = 1_234;
const PHOTO = Buffer.from('efbbbfff00fe', 'hex');

function person(uid: string, more: readonly string[] = []): string {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const lines = ['objectClass: inetOrgPerson', 'sn: x', `cn:: ${base64(uid)}`];
  return [`dn: uid=${uid},dc=example,dc=com`, ...lines, `uid: ${uid}`, ...more, ''].join('\n');
}

const LDIF = [
  'dn: dc=example,dc=com\nobjectClass: dcObject\nobjectClass: organization\no: x\ndc: example\n',
  ...Array.from({ length: PEOPLE }, (_, n) => person(`p${n}`)),
  ...ODD_NAMES.map((name, n) =>
    person(`odd${n}`, [`displayName:: ${Buffer.from(name).toString('base64')}`]),
  ),
  person('photo', [`jpegPhoto:: ${PHOTO.toString('base64')}`]),
].join('\n');

let server: Slapd;

beforeAll(async () => {
  server = await startSlapd({ ldif: LDIF, readerPassword: 'öpen * sesame' });
});

afterAll(async () => {
  await server.stop();
});

async function open(options: Partial<ConnectOptions> = {}): Promise<LdapConnection> {
  const connectTimeoutMs = PATIENT_MS;
  return await LdapConnection.open({ url: server.url, connectTimeoutMs, ...options });
}

async function uidsFound(connection: LdapConnection, filter: Filter): Promise<readonly string[]> {
  const { end, entries } = await searchAll(connection, { filter, attributes: ['uid'] });
  expect(end.result.code).toBe(0);
  return entries.flatMap(({ attributes }) => (attributes.get('uid') ?? []).map(String));
}

describe('a real OpenLDAP', () => {
  it('takes a simple bind with a password beyond ASCII, and refuses a wrong one', async () => {
    const dn = server.readerDn ?? '';
    await using connection = await open();
    const right = { kind: 'simple', dn, password: 'öpen * sesame' } as const;
    expect((await connection.bind(right, PATIENT_MS)).code).toBe(0);
    await using other = await open();
    expect((await other.bind({ ...right, password: 'wrong' }, PATIENT_MS)).code).toBe(49);
    expect((await failureOf(searchAll(other))).kind).toBe('closed');
  });

  it('pages through everybody exactly once, also with a plain search in between', async () => {
    await using connection = await open();
    const seen = new Set<string>();
    const pages: Page[] = [];
    const spec = { ...ANY_SEARCH, filter: present('uid') };
    const options = { pageSize: 100, idleTimeoutMs: PATIENT_MS };
    for await (const page of pagedSearch(connection, spec, options, AS_IT_IS)) {
      pages.push(page);
      for (const { dn } of page.entries) seen.add(dn);
      await searchAll(connection, { scope: 'base' });
    }
    expect(seen.size).toBe(PEOPLE + ODD_NAMES.length + 1);
    expect(pages.at(-1)?.end).toMatchObject({ entries: seen.size, cookie: Buffer.alloc(0) });
  });

  it.each(ODD_NAMES.map((name, n) => [name, `odd${n}`]))(
    'finds exactly %j, by object and by text',
    async (name, uid) => {
      await using connection = await open();
      expect(await uidsFound(connection, equality('displayName', name))).toEqual([uid]);
      const escaped = [...Buffer.from(name)].map(
        (byte) => `\\${byte.toString(16).padStart(2, '0')}`,
      );
      const text = `(displayName=${escaped.join('')})`;
      expect(await uidsFound(connection, parseFilter(text))).toEqual([uid]);
    },
  );

  it('understands what the filter parser makes of every kind of filter', async () => {
    await using connection = await open();
    const odd = (text: string) => uidsFound(connection, parseFilter(text));
    expect(await odd('(&(uid=odd*)(displayName=caf\\c3\\a9))')).toEqual(['odd1']);
    expect(await odd('(uid=o*d*0)')).toEqual(['odd0']);
    expect(await odd('(&(uid=odd*)(!(uid=*0))(|(uid=odd1)(uid=odd0)))')).toEqual(['odd1']);
    expect(await odd('(uid:caseExactMatch:=odd3)')).toEqual(['odd3']);
    expect(await odd('(uid:caseExactMatch:=ODD3)')).toEqual([]);
    expect(await odd('(uid~=odd2)')).toContain('odd2');
  });

  it('answers a filter of 200 terms', async () => {
    await using connection = await open();
    const filter = or(Array.from({ length: 200 }, (_, n) => equality('uid', `p${n}`)));
    expect(await uidsFound(connection, filter)).toHaveLength(200);
  });

  it('gives values byte for byte', async () => {
    await using connection = await open();
    const spec = { filter: equality('uid', 'photo'), attributes: ['jpegPhoto'] };
    const { entries } = await searchAll(connection, spec);
    expect(entries[0]?.attributes.get('jpegphoto')).toEqual([PHOTO]);
  });

  it('keeps what came before the size limit, ours and its own', async () => {
    await using connection = await open();
    const { end, entries } = await searchAll(connection, { sizeLimit: 10 });
    expect([end.result.code, entries.length]).toEqual([4, 10]);
    await withSlapd({ ldif: LDIF, sizeLimit: 'size=50' }, async ({ url }) => {
      await using limited = await LdapConnection.open({ url, connectTimeoutMs: PATIENT_MS });
      const pages: Page[] = [];
      const options = { pageSize: 20, idleTimeoutMs: PATIENT_MS };
      for await (const page of pagedSearch(limited, ANY_SEARCH, options, AS_IT_IS))
        pages.push(page);
      expect(pages.map((page) => page.entries.length)).toEqual([20, 20, 10]);
      expect(pages[2]?.end?.result.code).toBe(4);
    });
  });

  it('tells that a base does not exist, and what does', async () => {
    await using connection = await open();
    const { end } = await searchAll(connection, { base: 'ou=no,dc=example,dc=com' });
    expect(end.result).toMatchObject({ code: 32, matchedDn: 'dc=example,dc=com' });
  });

  it('stopped in the middle of a search ends it at the deadline', async () => {
    await withSlapd({ ldif: LDIF }, async (own) => {
      const options = { url: own.url, connectTimeoutMs: PATIENT_MS };
      await using connection = await LdapConnection.open(options);
      own.pause();
      // The signal stops it a little later: until then it answers.
      const search = async (): Promise<never> => {
        for (;;) await searchAll(connection, {}, { idleTimeoutMs: BRIEF_MS });
      };
      expect((await failureOf(search())).kind).toBe('timeout');
      own.resume();
    });
  });

  it('killed in the middle of paging rejects the next page', async () => {
    await withSlapd({ ldif: LDIF }, async (own) => {
      const options = { url: own.url, connectTimeoutMs: PATIENT_MS };
      await using connection = await LdapConnection.open(options);
      const paging = { pageSize: 10, idleTimeoutMs: PATIENT_MS };
      const search = pagedSearch(connection, ANY_SEARCH, paging, AS_IT_IS);
      expect((await search.next()).value).toMatchObject({ last: false });
      await own.kill();
      expect(['closed', 'reset']).toContain((await failureOf(search.next())).kind);
    });
  });

  it('is reached over ldaps and StartTLS, and knows us by certificate', async () => {
    await withAuthority(async (authority) => {
      const keys = await authority.issue('slapd', 'IP:127.0.0.1');
      const client = await authority.issue('client', 'DNS:client.test');
      const files = { cert: keys.certFile, key: keys.keyFile, ca: authority.certFile };
      const globalConfig = ['TLSVerifyClient try'];
      await withSlapd({ ldif: LDIF, tls: files, globalConfig }, async (own) => {
        const tls = { ca: authority.cert, cert: client.cert, key: client.key };
        for (const startTls of [true, false]) {
          const url = startTls ? own.url : (own.ldapsUrl ?? '');
          const options = { url, connectTimeoutMs: PATIENT_MS, startTls, tls };
          await using connection = await LdapConnection.open(options);
          expect((await connection.bind({ kind: 'external' }, PATIENT_MS)).code).toBe(0);
          expect((await searchAll(connection, { scope: 'one' })).entries.length).toBeGreaterThan(
            PEOPLE,
          );
        }
        const plainPort = { url: `ldaps://127.0.0.1:${own.port}`, connectTimeoutMs: PATIENT_MS };
        expect((await failureOf(LdapConnection.open(plainPort))).kind).toBe('tls');
        const tlsPort = (own.ldapsUrl ?? '').replace('ldaps', 'ldap');
        const spoken = LdapConnection.open({ url: tlsPort, connectTimeoutMs: PATIENT_MS }).then(
          async (connection) => {
            await using held = connection;
            await searchAll(held);
          },
        );
        expect(['not-ldap', 'closed', 'reset']).toContain((await failureOf(spoken)).kind);
      });
    });
  });

  it('without TLS refuses StartTLS with a code', async () => {
    const error = await failureOf(open({ startTls: true }));
    expect(error).toMatchObject({ kind: 'starttls', resultCode: 2 });
  });
});
