import { once } from 'node:events';
import { connect as connectTls } from 'node:tls';
import { Client } from 'ldapts';
import { expect, test } from 'vitest';
import { StalledHandshake } from '../../src/simulate/faults.ts';
import { type Authority, type Certificate, withAuthority } from '../support/certificates.ts';
import { message } from '../support/ldap-bytes.ts';
import { SUFFIX, withServer, withSession } from './servers.ts';
import { extendedOperation, SocketClient } from './socket-client.ts';

const START_TLS = extendedOperation('1.3.6.1.4.1.1466.20037');
const account = { bindDn: `cn=reader,${SUFFIX}`, password: 'secret' };

function withKeys(use: (keys: Certificate, authority: Authority) => Promise<void>): Promise<void> {
  return withAuthority(async (authority) =>
    use(await authority.issue('server', 'IP:127.0.0.1'), authority),
  );
}

test('StartTLS secures the connection that it was asked for on', () =>
  withKeys((tls, { cert }) =>
    withSession({ tls, ...account }, async (client) => {
      expect((await client.request(START_TLS)).code).toBe(0);
      await client.startTls(cert);
      expect((await client.search({ base: '', scope: 'base' })).code).toBe(0);
      expect((await client.request(START_TLS)).code).toBe(2);
    }),
  ));

test('ldapts’s own client binds and searches after StartTLS', () =>
  withKeys((tls, { cert }) =>
    withServer({ tls, ...account }, async (server) => {
      const client = new Client({ url: server.url });
      await client.startTLS({ ca: [cert], host: '127.0.0.1' });
      await client.bind(account.bindDn, account.password);
      const { searchEntries } = await client.search(SUFFIX, {
        filter: '(uid=*)',
        paged: { pageSize: 30 },
      });
      await client.unbind();
      expect(searchEntries.length).toBe(100);
      expect(server.url).toMatch(/^ldap:/);
    }),
  ));

test('an ldaps server speaks TLS from the first byte', () =>
  withKeys((tls, { cert }) =>
    withServer({ tls: { ...tls, implicit: true } }, async (server) => {
      expect(server.url).toMatch(/^ldaps:/);
      const socket = connectTls({ port: server.port, host: '127.0.0.1', ca: cert });
      await once(socket, 'secureConnect');
      const client = new SocketClient(socket);
      expect((await client.search({ base: '', scope: 'base' })).code).toBe(0);
      socket.destroy();
    }),
  ));

test('EXTERNAL binds whoever the client certificate names', () =>
  withKeys(async (tls, authority) => {
    const person = await authority.issue('crawler', 'DNS:crawler');
    const secured = { ...tls, ca: authority.cert, implicit: true };
    await withServer({ tls: secured, ...account }, async (server) => {
      const tlsOptions = { ca: [authority.cert], cert: person.cert, key: person.key };
      const client = new Client({ url: server.url, tlsOptions });
      await client.bind('EXTERNAL');
      const { value } = await client.exop('1.3.6.1.4.1.4203.1.11.3');
      await client.unbind();
      expect(value).toBe('dn:cn=crawler');
    });
  }));

test('what was sent in clear behind StartTLS is not taken for secured', () =>
  withKeys((tls) =>
    withSession({ tls }, async (client) => {
      client.socket.write(Buffer.concat([message(1, START_TLS), message(2, START_TLS)]));
      expect((await client.next()).id).toBe(1);
      expect(await client.next()).toMatchObject({ id: 0, tag: 0x78 });
      expect(await client.ended).toBe('fin');
    }),
  ));

test('a stalled handshake is never answered', () =>
  withKeys((tls, { cert }) =>
    withSession({ tls, faults: [new StalledHandshake()] }, async (client, server) => {
      expect((await client.request(START_TLS)).code).toBe(0);
      const secured = client.startTls(cert).then(
        () => 'secured',
        () => 'failed',
      );
      await server.close();
      expect(await secured).toBe('failed');
    }),
  ));
