// TLS that is not in order ends the program at once: nobody signs in, and nobody tries again and again.
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  crawlOf,
  expectRefusal,
  type Hold,
  hold,
  type Outcome,
  runOrgwalk,
  withPlace,
} from '../cli/orgwalk.ts';
import { withServer } from '../simulate/servers.ts';
import { type Authority, type Certificate, withAuthority } from '../support/certificates.ts';
import { withProxy } from '../support/proxy.ts';
import { withScriptedServer } from '../support/scripted-server.ts';

const ACCOUNT = { bindDn: 'cn=reader,dc=example,dc=com', password: 'tls-secret' };
const HERE = 'IP:127.0.0.1';
/** What may pass by itself is else tried again for a moment. */
const ONCE = ['--outage-budget', '0s'];

let held: Hold<Authority>;
let authority: Authority;
let server: Certificate;

beforeAll(async () => {
  held = await hold<Authority>(withAuthority);
  authority = held.value;
  server = await authority.issue('server', HERE);
});

afterAll(() => held.release());

/** A crawl by an account whose password must not get about. */
function crawl(url: string, ...more: readonly string[]): Promise<Outcome> {
  return crawlWith({}, url, ...more);
}

async function crawlWith(
  variables: Readonly<Record<string, string>>,
  url: string,
  ...more: readonly string[]
): Promise<Outcome> {
  return withPlace(async ({ folder, db }) => {
    const account = ['--bind-dn', ACCOUNT.bindDn];
    const env = { ...variables, ORGWALK_BIND_PASSWORD: ACCOUNT.password };
    const outcome = await runOrgwalk(crawlOf({ url }, db, ...account, ...more), { env });
    const written = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    expect([outcome.stderr, outcome.stdout, ...written].join()).not.toContain(ACCOUNT.password);
    return outcome;
  });
}

const trusting = () => ['--ca-file', authority.certFile];

interface Row {
  readonly what: string;
  readonly certificate: () => Promise<Certificate>;
  readonly more?: () => readonly string[];
  readonly starttls?: boolean;
  readonly error: RegExp;
  readonly hint: RegExp;
}

const issued = (label: string, names: string, lifetime?: 'expired' | 'future') => () =>
  authority.issue(label, names, lifetime);

const ROWS: readonly Row[] = [
  {
    what: 'that has expired',
    certificate: issued('expired', HERE, 'expired'),
    error: /certificate has expired: 127\.0\.0\.1:\d+ \(CERT_HAS_EXPIRED\)$/,
    hint: /renewed.*clock/,
  },
  {
    what: 'that has expired, behind StartTLS',
    certificate: issued('expired-too', HERE, 'expired'),
    starttls: true,
    error: /certificate has expired/,
    hint: /renewed.*clock/,
  },
  {
    what: 'that is not valid yet',
    certificate: issued('future', HERE, 'future'),
    error: /certificate is not valid yet/,
    hint: /clock/,
  },
  {
    what: 'for another host',
    certificate: issued('elsewhere', 'DNS:other.test'),
    error: /for another host name/,
    hint: /--tls-server-name/,
  },
  {
    what: 'for another name than --tls-server-name',
    certificate: issued('here', HERE),
    more: () => [...trusting(), '--tls-server-name', 'other.test'],
    error: /for another host name/,
    hint: /--tls-server-name/,
  },
  {
    what: 'of an unknown CA',
    certificate: issued('unknown', HERE),
    more: () => [],
    error: /authority that is not trusted here/,
    hint: /--ca-file/,
  },
  {
    what: 'that signed itself',
    certificate: () => authority.selfSign('self', HERE),
    error: /self-signed/,
    hint: /--ca-file/,
  },
];

describe('a certificate', () => {
  test.each(ROWS)('$what: exit 6 in two lines, one connection, no bind', async (row) => {
    const { certificate, more = trusting, starttls = false, error, hint } = row;
    const tls = { ...(await certificate()), implicit: !starttls };
    await withServer({ ...ACCOUNT, tls }, async ({ port, stats }) =>
      withProxy({ to: port }, async (proxy) => {
        const url = starttls ? proxy.url : proxy.url.replace('ldap:', 'ldaps:');
        const outcome = await crawl(url, ...(starttls ? ['--starttls'] : []), ...more());
        expectRefusal(outcome, { code: 6, error, hint });
        expect([proxy.accepted, stats.binds]).toEqual([1, 0]);
      }),
    );
  });
});

describe('a server', () => {
  test.each(['TLSv1', 'TLSv1.1'] as const)('that offers %s at most: exit 6', async (version) => {
    const old = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
    await withTlsServer(old, async (url, connections) => {
      expectRefusal(await crawl(url, ...trusting()), {
        code: 6,
        error: /offers no TLS 1\.2 or newer/,
        hint: /TLS 1\.2/,
      });
      expect(connections()).toBe(1);
    });
  });

  test('that speaks plain LDAP on the port of an ldaps:// URL: exit 6', async () => {
    await withServer(ACCOUNT, async ({ port, stats }) => {
      const outcome = await crawl(`ldaps://127.0.0.1:${port}`);
      expectRefusal(outcome, { code: 6, error: /TLS/, hint: /port/ });
      expect([stats.connections, stats.binds]).toEqual([1, 0]);
    });
  });

  test('that speaks TLS on the port of an ldap:// URL: exit 6, and ldaps:// is named', async () => {
    await withTlsServer({}, async (url) => {
      expectRefusal(await crawl(url.replace('ldaps:', 'ldap:'), ...ONCE), {
        code: 6,
        error: /not an LDAP server|closed the connection/,
        hint: /ldaps:\/\//,
      });
    });
  });

  test('whose handshake stalls: exit 6 when the time is over', async () => {
    await withScriptedServer(
      async (peer) => peer.closed,
      async ({ port, connections }) => {
        const url = `ldaps://127.0.0.1:${port}`;
        const outcome = await crawl(url, ...ONCE, '--request-timeout', '300ms');
        expectRefusal(outcome, { code: 6, error: /TLS handshake was not finished within 300 ms/ });
        expect(connections()).toBe(1);
      },
    );
  });

  test('that wants a client certificate where we have none: exit 6', async () => {
    const asking = { requestCert: true, rejectUnauthorized: true, ca: authority.cert };
    await withTlsServer(asking, async (url) => {
      expectRefusal(await crawl(url, ...trusting()), {
        code: 6,
        error: /wants a client certificate/,
        hint: /--cert-file/,
      });
    });
  });

  test('that wants one and speaks TLS 1.2, whose alert does not say so: exit 6', async () => {
    const asking = { requestCert: true, rejectUnauthorized: true, ca: authority.cert };
    await withTlsServer({ ...asking, maxVersion: 'TLSv1.2' }, async (url) => {
      expectRefusal(await crawl(url, ...trusting()), {
        code: 6,
        error: /wants a client certificate/,
        hint: /--cert-file/,
      });
    });
  });

  test('that hangs up without a word on who shows no certificate: exit 6', async () => {
    const hangingUp = (socket: TLSSocket) => void socket.end();
    await withTlsServer(
      {},
      async (url) => {
        expectRefusal(await crawl(url, ...trusting(), ...ONCE), {
          code: 6,
          error: /closed the connection/,
          hint: /--cert-file/,
        });
      },
      hangingUp,
    );
  });
});

describe('an authority', () => {
  const secured = () => ({ ...ACCOUNT, tls: { ...server, implicit: true } });

  test.each(['SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS'])(
    'that the system or Node is told of (%s) needs no --ca-file, and counts for nothing beside one',
    async (variable) => {
      const env = { [variable]: authority.certFile };
      await withServer(secured(), async ({ url }) => {
        const trusted = await crawlWith(env, url);
        expect(trusted.code, trusted.stderr).toBe(0);
        const { certFile } = await authority.selfSign('another-ca', HERE);
        expectRefusal(await crawlWith(env, url, '--ca-file', certFile), {
          code: 6,
          error: /authority that is not trusted here/,
        });
      });
    },
  );
});

describe('a client certificate', () => {
  test('that has expired is refused before anything is sent: exit 6', async () => {
    const { certFile, keyFile } = await authority.issue('old-client', 'DNS:client', 'expired');
    expectRefusal(await withClient(certFile, keyFile), {
      code: 6,
      error: /^the client certificate has expired on \d{4}-/,
      hint: /--cert-file renewed/,
    });
  });

  test('with the key of another one is refused: exit 6', async () => {
    const { certFile } = await authority.issue('client', 'DNS:client');
    expectRefusal(await withClient(certFile, server.keyFile), {
      code: 6,
      error: /private key does not belong/,
      hint: /--key-file/,
    });
  });

  function withClient(certFile: string, keyFile: string): Promise<Outcome> {
    const client = ['--cert-file', certFile, '--key-file', keyFile];
    return crawl('ldaps://127.0.0.1:9', ...trusting(), ...client);
  }
});

describe('of several servers', () => {
  test('one whose certificate is wrong is passed over in a line, the next is crawled', async () => {
    const expired = await authority.issue('left-out', HERE, 'expired');
    await withServer({ ...ACCOUNT, tls: { ...expired, implicit: true } }, (bad) =>
      withServer({ ...ACCOUNT, tls: { ...server, implicit: true } }, async (good) => {
        const { code, stderr } = await crawl(bad.url, '--url', good.url, ...trusting());
        expect(code, stderr).toBe(0);
        const line = /^127\.0\.0\.1:\d+ is passed over: the TLS handshake failed, for .*expired/m;
        expect(stderr).toMatch(line);
        expect([bad.stats.binds, bad.stats.connections]).toEqual([0, 1]);
      }),
    );
  });
});

async function withTlsServer(
  options: TlsOptions,
  use: (url: string, connections: () => number) => Promise<void>,
  serve: (socket: TLSSocket) => void = () => {},
): Promise<void> {
  let count = 0;
  const { cert, key } = server;
  const listening = createServer({ cert, key, ...options });
  listening.on('connection', (socket) => {
    count += 1;
    socket.on('error', () => {});
  });
  listening.on('secureConnection', (socket) => {
    socket.on('error', () => {}).resume();
    serve(socket);
  });
  listening.on('tlsClientError', () => {});
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  try {
    await use(`ldaps://127.0.0.1:${port}`, () => count);
  } finally {
    listening.close();
  }
}
