// A certificate that is not in order ends the program at once: nobody signs in, and nobody tries again and again.
import { describe, expect, test } from 'vitest';
import { crawlOf, expectRefusal, runOrgwalk, withPlace } from '../cli/orgwalk.ts';
import { withServer } from '../simulate/servers.ts';
import { withAuthority } from '../support/certificates.ts';
import { withProxy } from '../support/proxy.ts';

const ACCOUNT = { bindDn: 'cn=reader,dc=example,dc=com', password: 'secret' };

describe('a certificate', () => {
  test.each([
    ['that has expired', 'IP:127.0.0.1', 'expired', true],
    ['for another host', 'DNS:other.test', 'valid', true],
    ['of an unknown CA', 'IP:127.0.0.1', 'valid', false],
  ] as const)('%s: exit 6 in two lines, one connection, no bind', async (...row) => {
    const [, names, lifetime, trusted] = row;
    await withAuthority(async ({ issue, certFile }) => {
      const tls = { ...(await issue('server', names, lifetime)), implicit: true };
      await withServer({ ...ACCOUNT, tls }, (server) =>
        withProxy({ to: server.port }, (proxy) =>
          withPlace(async ({ db }) => {
            const url = proxy.url.replace('ldap:', 'ldaps:');
            const account = ['--bind-dn', ACCOUNT.bindDn];
            const trust = trusted ? ['--ca-file', certFile] : [];
            const env = { ORGWALK_BIND_PASSWORD: ACCOUNT.password };
            const outcome = await runOrgwalk(crawlOf({ url }, db, ...account, ...trust), { env });
            expectRefusal(outcome, { code: 6, error: /TLS/ });
            expect([proxy.accepted, server.stats.binds]).toEqual([1, 0]);
          }),
        ),
      );
    });
  });
});
