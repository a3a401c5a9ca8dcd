// Being let in by a real OpenLDAP, and its limits.
import { describe, expect, test } from 'vitest';
import { expectRefusal } from '../cli/orgwalk.ts';
import { type Authority, withAuthority } from '../support/certificates.ts';
import { type Slapd, type SlapdOptions, withSlapd } from '../support/slapd.ts';
import { crawl, crawled, rows, withDatabase } from './crawling.ts';
import { dnOf, ldifOf, pyramid } from './ldif.ts';

const CEO = dnOf('ceo');
const PASSWORD = 'öpen * sesame';
const TEAM = ldifOf(pyramid([4, 5]));
const TEAM_SIZE = 25;

type Secured = { readonly server: Slapd; readonly authority: Authority };

/** A slapd with certificates that answers nobody who has not signed in. */
function withSecured<T>(use: (secured: Secured) => Promise<T>): Promise<T> {
  return withAuthority(async (authority) => {
    const { certFile, keyFile } = await authority.issue('slapd', 'IP:127.0.0.1');
    const tls = { cert: certFile, key: keyFile, ca: authority.certFile };
    const options: SlapdOptions = {
      ldif: TEAM,
      readerPassword: PASSWORD,
      anonymous: false,
      tls,
      globalConfig: ['security simple_bind=128'],
    };
    return withSlapd(options, (server) => use({ server, authority }));
  });
}

const env = { ORGWALK_BIND_PASSWORD: PASSWORD };

describe('an OpenLDAP that wants TLS and a password', () => {
  test.each([
    ['StartTLS', (server: Slapd) => ({ url: server.url, more: ['--starttls'] })],
    ['ldaps', (server: Slapd) => ({ url: server.ldapsUrl ?? '', more: [] })],
  ])('is crawled over %s by an account that may read', async (_, how) => {
    await withSecured(({ server, authority }) =>
      withDatabase(async (db) => {
        const { url, more } = how(server);
        const account = ['--bind-dn', server.readerDn ?? '', '--ca-file', authority.certFile];
        const { status, employees } = await crawled({ url, root: CEO }, db, [...account, ...more], {
          env,
        });
        expect({ status, employees }).toEqual({ status: 'published', employees: TEAM_SIZE });
      }),
    );
  });

  test('refuses what is wrong, each with one clear error and exit 6', async () => {
    await withSecured(({ server, authority }) =>
      withDatabase(async (db) => {
        const account = ['--bind-dn', server.readerDn ?? ''];
        const trusting = ['--ca-file', authority.certFile];
        const root = CEO;
        const secure = { url: server.ldapsUrl ?? '', root };
        const plain = { url: server.url, root };
        const wrong = { ORGWALK_BIND_PASSWORD: 'wrong' };
        expectRefusal(await crawl(secure, db, [...account, ...trusting], { env: wrong }), {
          code: 6,
          error: /refused the credentials \(49\)/,
          hint: /password/,
        });
        expectRefusal(await crawl(secure, db, account, { env }), {
          code: 6,
          error: /TLS handshake failed/,
          hint: /CA file/,
        });
        expectRefusal(await crawl(plain, db, account, { env }), {
          code: 6,
          error: /requires TLS/,
          hint: /--starttls/,
        });
        expectRefusal(await crawl(secure, db, trusting), { code: 6, error: /./ });
        expect(rows(db, 'SELECT id FROM runs')).toEqual([]);
      }),
    );
  });
});

describe('an OpenLDAP with a size limit of 500, which it counts over all pages', () => {
  const sizeLimit = 'size=500';

  test('is read completely where every manager has fewer reports, by splitting batches', async () => {
    // 40 managers of 30 each: two dozen of them in one search exceed the limit.
    await withSlapd({ ldif: ldifOf(pyramid([40, 30])), sizeLimit }, async ({ url }) => {
      await withDatabase(async (db) => {
        const more = ['--batch', '40', '--workers', '1'];
        const { status, employees, splits } = await crawled({ url, root: CEO }, db, more);
        expect({ status, employees }).toEqual({ status: 'published', employees: 1 + 40 + 1_200 });
        expect(splits).toBeGreaterThan(0);
      });
    });
  });

  test.each([
    ['in pages of 100', ['--page-size', '100']],
    ['in pages of 500', []],
    ['without pages', ['--page-size', '0']],
  ])(
    'read %s brings all of a larger team: who came is left out of the next search',
    async (_, more) => {
      const wide = [...pyramid([700]), { uid: 'below', managers: [dnOf('ceo-0')] }];
      await withSlapd({ ldif: ldifOf(wide), sizeLimit }, async ({ url }) => {
        await withDatabase(async (db) => {
          const summary = await crawled({ url, root: CEO }, db, more);
          expect(summary).toMatchObject({ status: 'published', employees: 1 + 700 + 1 });
        });
      });
    },
  );

  test.each(['size.prtotal=disabled', 'size.pr=100'])(
    'or with other limits on paging (%s) never cuts in silence',
    async (paging) => {
      const ldif = ldifOf(pyramid([20, 12]));
      await withSlapd({ ldif, sizeLimit: paging }, async ({ url }) => {
        await withDatabase(async (db) => {
          const outcome = await crawl({ url, root: CEO }, db);
          expect([0, 3], outcome.stderr).toContain(outcome.code);
          const { employees } = JSON.parse(outcome.stdout);
          const failures = rows(db, 'SELECT reason FROM failures').length;
          expect(employees === 1 + 20 + 240).toBe(failures === 0);
          expect(outcome.code).toBe(failures === 0 ? 0 : 3);
        });
      });
    },
  );
});
