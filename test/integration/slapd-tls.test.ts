// Certificates on both sides, with a real OpenLDAP: the one that it shows, and the one by which we sign in.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectRefusal, type Hold, hold } from '../cli/orgwalk.ts';
import { type Authority, withAuthority } from '../support/certificates.ts';
import { type Slapd, startSlapd } from '../support/slapd.ts';
import { crawl, crawled, withDatabase } from './crawling.ts';
import { dnOf, ldifOf, pyramid } from './ldif.ts';

const root = dnOf('ceo');
const TEAM_SIZE = 25;
/** What the certificate is for; the server is reached by its address. */
const NAME = 'ldap.example.test';

let held: Hold<Authority>;
let authority: Authority;
let server: Slapd;

beforeAll(async () => {
  held = await hold<Authority>(withAuthority);
  authority = held.value;
  const { certFile, keyFile } = await authority.issue('slapd', `DNS:${NAME}`);
  server = await startSlapd({
    ldif: ldifOf(pyramid([4, 5])),
    readerPassword: 'unused',
    acl: ['access to * by dn.exact="cn=reader,dc=example,dc=com" read by * none'],
    tls: { cert: certFile, key: keyFile, ca: authority.certFile },
    globalConfig: [
      'TLSVerifyClient try',
      'authz-regexp "^cn=crawler$" "cn=reader,dc=example,dc=com"',
    ],
  });
});

afterAll(async () => {
  await server?.stop();
  await held.release();
});

async function withClient(label: string, issuer: Authority): Promise<readonly string[]> {
  const { certFile, keyFile } = await issuer.issue(label, 'DNS:client.test');
  return ['--cert-file', certFile, '--key-file', keyFile];
}

const named = () => ['--ca-file', authority.certFile, '--tls-server-name', NAME];
const WAYS = [
  { how: 'ldaps', urlOf: () => server.ldapsUrl ?? '', more: [] },
  { how: 'StartTLS', urlOf: () => server.url, more: ['--starttls'] },
] as const;

describe('an OpenLDAP that knows us by our certificate (EXTERNAL)', () => {
  test.each(WAYS)('is crawled over $how', async ({ urlOf, more }) => {
    const client = await withClient('crawler', authority);
    await withDatabase(async (db) => {
      const options = [...named(), ...client, ...more];
      const { status, employees } = await crawled({ url: urlOf(), root }, db, options);
      expect({ status, employees }).toEqual({ status: 'published', employees: TEAM_SIZE });
    });
  });

  test('lets in nobody whose certificate it does not know: exit 6', async () => {
    const stranger = await withClient('stranger', authority);
    await withDatabase(async (db) => {
      const outcome = await crawl({ url: server.ldapsUrl ?? '', root }, db, [
        ...named(),
        ...stranger,
      ]);
      expectRefusal(outcome, { code: 6, error: /does not exist, or may not be read$/ });
    });
  });

  test('refuses a certificate of an authority that it does not trust: exit 6', async () => {
    await withAuthority(async (other) => {
      const foreign = await withClient('crawler', other);
      await withDatabase(async (db) => {
        const outcome = await crawl({ url: server.ldapsUrl ?? '', root }, db, [
          ...named(),
          ...foreign,
          ...['--outage-budget', '0s'],
        ]);
        expectRefusal(outcome, { code: 6, error: /closed the connection/, hint: /--cert-file/ });
      });
    });
  });
});

describe('an OpenLDAP whose certificate is for a name, reached by its address', () => {
  test.each(WAYS)('is refused over $how without that name: exit 6', async ({ urlOf, more }) => {
    await withDatabase(async (db) => {
      const trusting = ['--ca-file', authority.certFile, ...more];
      expectRefusal(await crawl({ url: urlOf(), root }, db, trusting), {
        code: 6,
        error: /for another host name/,
        hint: /--tls-server-name/,
      });
    });
  });
});
