// The directory is not there, not what it should be, or lets us not in: exit 6 in two lines, and the database as it was.
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ResultCode, Silence } from '../../src/simulate/faults.ts';
import { team, withServer } from '../simulate/servers.ts';
import { withAuthority } from '../support/certificates.ts';
import {
  type Crawled,
  crawlOf,
  expectRefusal,
  type Hold,
  hold,
  leavingDatabase,
  type Outcome,
  type Place,
  runOrgwalk,
  withCrawled,
  withPlace,
} from './orgwalk.ts';

const ACCOUNT = { bindDn: 'cn=reader,dc=example,dc=com', password: 'right' };
const SIGN_IN = ['--bind-dn', ACCOUNT.bindDn];

/** A database with a published crawl, that stays as it is whatever `crawl` is given. */
let published: Hold<Crawled>;
let db = '';

beforeAll(async () => {
  published = await hold(withCrawled);
  db = published.value.db;
});

afterAll(() => published.release());

/** Crawls into the published database, which must not change. */
function crawl(url: string, ...more: readonly string[]): Promise<Outcome> {
  return leavingDatabase(db, () => runOrgwalk(crawlOf({ url }, db, ...more)));
}

describe('a server that cannot be reached', () => {
  test('refuses the connection: exit 6', async () => {
    const gone = await withServer({}, async ({ url }) => url);
    expectRefusal(await crawl(gone), {
      code: 6,
      error: /^the connection was refused: 127\.0\.0\.1:\d+ \(ECONNREFUSED\)$/,
      hint: /^check the host and the port/,
    });
  });

  test('has a name that nobody knows: exit 6', async () => {
    expectRefusal(await crawl('ldap://directory.invalid'), {
      code: 6,
      error: /^the host name could not be resolved: directory\.invalid:389/,
      hint: /spelling/,
    });
  });

  test('never answers: exit 6 when the time is over', async () => {
    await withServer({ faults: [new Silence()] }, async ({ url }) => {
      expectRefusal(await crawl(url, '--request-timeout', '300ms'), { code: 6, error: /300 ms/ });
    });
  });

  test('is passed over for the next one', async () => {
    await withServer({}, async ({ url }) => {
      const gone = await withServer({}, async (other) => other.url);
      const args = crawlOf({ url: gone }, db, '--url', url, '--json');
      const { code, stdout } = await runOrgwalk(args);
      expect([code, JSON.parse(stdout).employees]).toEqual([0, 100]);
    });
  });
});

describe('a port where something else listens', () => {
  test('as an HTTP server: exit 6, and says so', async () => {
    const http = createServer((_, response) => response.end('hello'));
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = http.address() as AddressInfo;
      const outcome = await crawl(`ldap://127.0.0.1:${port}`, '--request-timeout', '5s');
      expectRefusal(outcome, { code: 6, error: /LDAP/, hint: /port/ });
    } finally {
      http.close();
    }
  });

  test('as a plain LDAP server where TLS was expected: exit 6', async () => {
    await withServer({}, async ({ port }) => {
      const outcome = await crawl(`ldaps://127.0.0.1:${port}`, '--request-timeout', '5s');
      expectRefusal(outcome, { code: 6, error: /TLS/, hint: /TLS/ });
    });
  });
});

describe('credentials', () => {
  test('that are wrong are tried once and never again: exit 6', async () => {
    await withServer(ACCOUNT, async ({ url, stats }) => {
      const { binds } = stats;
      const env = { ORGWALK_BIND_PASSWORD: 'wrong-secret' };
      const outcome = await leavingDatabase(db, () =>
        runOrgwalk(crawlOf({ url }, db, ...SIGN_IN), { env }),
      );
      expectRefusal(outcome, { code: 6, error: /refused the credentials \(49\)$/, hint: /locked/ });
      expect(stats.binds - binds).toBe(1);
      expect(outcome.stderr).not.toContain('wrong-secret');
    });
  });

  test.each([
    { from: 'a file', how: 'file' },
    { from: 'the environment', how: 'env' },
    { from: 'a systemd credential', how: 'systemd' },
  ])('from $from let us in, and show up nowhere', async ({ how }) => {
    await withPlace(({ folder, db: path }) =>
      withServer(ACCOUNT, async ({ url }) => {
        const name = how === 'systemd' ? 'orgwalk-bind-password' : 'password';
        await writeFile(join(folder, name), `${ACCOUNT.password}\n`, { mode: 0o600 });
        const file = how === 'file' ? ['--bind-password-file', join(folder, name)] : [];
        const env: Record<string, string> = {
          ...(how === 'env' ? { ORGWALK_BIND_PASSWORD: ACCOUNT.password } : {}),
          ...(how === 'systemd' ? { CREDENTIALS_DIRECTORY: folder } : {}),
        };
        const args = crawlOf({ url }, path, ...SIGN_IN, ...file, '--debug');
        const { code, stdout, stderr } = await runOrgwalk(args, { env });
        expect(code).toBe(0);
        expect(stdout + stderr).not.toContain(ACCOUNT.password);
      }),
    );
  });

  test('that are missing where the server wants some: exit 6', async () => {
    await withServer({ ...ACCOUNT, vendor: 'ad-like' }, async ({ url }) => {
      expectRefusal(await crawl(url), {
        code: 6,
        error: /answers nobody who has not signed in$/,
        hint: /--bind-dn/,
      });
    });
  });

  test('that may not search at all: exit 6', async () => {
    await withServer({ faults: [new ResultCode(50, { from: 2 })] }, async ({ url }) => {
      expectRefusal(await crawl(url), {
        code: 6,
        error: /^the directory refused the first search: access denied \(50\)$/,
        hint: /--bind-dn/,
      });
    });
  });

  test('that are too weak for the server: exit 6, and TLS is named', async () => {
    await withServer(
      { ...ACCOUNT, faults: [new ResultCode(8, { kind: 'bind' })] },
      async (server) => {
        const args = crawlOf(server, db, ...SIGN_IN);
        const outcome = await runOrgwalk(args, { env: { ORGWALK_BIND_PASSWORD: 'right' } });
        expectRefusal(outcome, { code: 6, error: /requires TLS.*\(8\)$/, hint: /ldaps|starttls/ });
        expect(server.stats.binds).toBe(1);
      },
    );
  });
});

describe('a root', () => {
  const roots = [
    { root: 'uid=nobody,ou=people,dc=example,dc=com', error: /^the root .* does not exist$/ },
    { root: '(uid=nobody)', error: /^no entry matches the root \(uid=nobody\)$/ },
    { root: '(objectClass=person)', error: /^the root .* matches more than one entry$/ },
    { root: '(uid=\\2a)', error: /^no entry matches the root \(uid=\\2a\)$/ },
  ];
  test.each(roots)('$root is refused: exit 6', async ({ root, error }) => {
    await withServer({}, async ({ url }) => {
      const args = ['crawl', '--url', url, '--db', db, '--root', root, '--progress', 'none'];
      const outcome = await leavingDatabase(db, () => runOrgwalk(args));
      expectRefusal(outcome, { code: 6, error, hint: /--root|filter/ });
    });
  });

  test('among several is refused alone: nothing is crawled', async () => {
    await withServer({}, async ({ url }) => {
      expectRefusal(await crawl(url, '--root', '(uid=nobody)'), {
        code: 6,
        error: /\(uid=nobody\)/,
      });
    });
  });
});

describe('a base', () => {
  test('that does not exist: exit 6', async () => {
    await withServer({}, async ({ url }) => {
      expectRefusal(await crawl(url, '--base', 'ou=nowhere,dc=example,dc=com'), {
        code: 6,
        error: /^the base ou=nowhere,dc=example,dc=com does not exist, or may not be read$/,
        hint: /--base/,
      });
    });
  });

  test('without people: exit 6', async () => {
    await withServer({ directory: team(0) }, async ({ url }) => {
      expectRefusal(await crawl(url), {
        code: 6,
        error: /^nobody below dc=example,dc=com matches the filter \(objectClass=person\)$/,
        hint: /--base and --filter/,
      });
    });
  });

  test('where the filter leaves nobody: exit 6', async () => {
    await withServer({}, async ({ url }) => {
      expectRefusal(await crawl(url, '--filter', '(objectClass=printer)'), {
        code: 6,
        error: /\(objectClass=printer\)$/,
      });
    });
  });
});

describe('TLS', () => {
  test('fails closed on an unknown authority: exit 6, no bind is sent', async () => {
    await withAuthority(async (authority) => {
      const tls = { ...(await authority.issue('server', 'IP:127.0.0.1')), implicit: true };
      await withServer({ ...ACCOUNT, tls }, async ({ url, stats }) => {
        const env = { ORGWALK_BIND_PASSWORD: ACCOUNT.password };
        const outcome = await runOrgwalk(crawlOf({ url }, db, ...SIGN_IN), { env });
        expectRefusal(outcome, { code: 6, error: /TLS/, hint: /CA file/ });
        expect(stats.binds).toBe(0);
        const trusting = crawlOf({ url }, db, ...SIGN_IN, '--ca-file', authority.certFile);
        expect((await runOrgwalk(trusting, { env })).code).toBe(0);
      });
    });
  });

  test.each([
    { what: 'no PEM', content: 'hello', code: 2, error: /^--ca-file: .* holds no PEM block$/ },
    {
      what: 'PEM without a certificate',
      content: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
      code: 6,
      error: /^the CA file holds no certificate$/,
    },
  ])('refuses a CA file with $what: exit $code', async ({ content, code, error }) => {
    await withPlace(async (place: Place) => {
      const file = join(place.folder, 'ca.pem');
      await writeFile(file, content);
      const outcome = await crawl('ldaps://127.0.0.1:9', '--ca-file', file);
      expectRefusal(outcome, { code, error });
    });
  });
});

test('a refusal leaves no run behind', async () => {
  await withPlace(async (place) => {
    const gone = await withServer({}, async ({ url }) => url);
    await runOrgwalk(crawlOf({ url: gone }, place.db));
    const { code, stdout, stderr } = await runOrgwalk(['status', '--db', place.db]);
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '',
      stderr: 'No crawl was begun yet.\n',
    });
  });
});
