import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LdapConnection } from '../../src/ldap/connection/connection.ts';
import { secureContext } from '../../src/ldap/connection/tls.ts';
import { type Authority, type Certificate, withAuthority } from '../support/certificates.ts';
import {
  bindAnswer,
  done,
  entry,
  extendedAnswer,
  noticeOfDisconnection,
} from '../support/ldap-bytes.ts';
import { type Peer, type Script, withScriptedServer } from '../support/scripted-server.ts';
import { BRIEF_MS, failureOf, PATIENT_MS, searchAll } from './sessions.ts';

let authority: Authority;
let server: Certificate;
let release: () => void;
let released: Promise<void>;

beforeAll(async () => {
  const ready = Promise.withResolvers<Authority>();
  const hold = new Promise<void>((resolve) => {
    release = resolve;
  });
  released = withAuthority(async (made) => {
    ready.resolve(made);
    await hold;
  });
  authority = await Promise.race([ready.promise, released.then(() => ready.promise)]);
  server = await authority.issue('server', 'IP:127.0.0.1,DNS:directory.test');
});

afterAll(async () => {
  release();
  await released;
});

const refuseAll: Script = async (peer) => {
  await peer.closed;
};

/** Answers a search with one entry. */
const answerOne: Script = async (peer) => {
  const { id } = await peer.expect();
  peer.send(entry(id, 'cn=a'), done(id));
};

/** Agrees to StartTLS, secures the connection and goes on with `next`. */
function startingTls(next: Script): Script {
  return async (peer) => {
    const { id, tag } = await peer.expect();
    expect(tag).toBe(0x77);
    peer.send(extendedAnswer(id, 0));
    await peer.secure(server);
    await next(peer);
  };
}

function brokenPem(): Buffer {
  return Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
}

function trusting() {
  return { connectTimeoutMs: PATIENT_MS, tls: { ca: authority.cert } };
}

describe('ldaps', () => {
  it('connects where the certificate is in order', async () => {
    await withScriptedServer(
      answerOne,
      async ({ url }) => {
        await using connection = await LdapConnection.open({ url, ...trusting() });
        expect((await searchAll(connection)).entries).toHaveLength(1);
      },
      server,
    );
  });

  it('tells by which certificate the server answers, also when the connection is over', async () => {
    await withScriptedServer(
      answerOne,
      async ({ url }) => {
        const connection = await LdapConnection.open({ url, ...trusting() });
        await connection[Symbol.asyncDispose]();
        const { tls, ...server } = connection.server;
        expect(server).toEqual({ url, host: '127.0.0.1' });
        expect(tls).toMatchObject({
          protocol: 'TLSv1.3',
          subject: 'CN=server',
          issuer: 'CN=Test CA',
        });
        expect(tls?.names).toEqual(['127.0.0.1', 'directory.test']);
        expect(tls?.validTo.getTime()).toBeGreaterThan(Date.now());
        expect(tls?.validFrom.getTime()).toBeLessThanOrEqual(Date.now());
      },
      server,
    );
  });

  it('takes a CA in DER form', async () => {
    const base64 = authority.cert.toString('latin1').replace(/-----[^-]+-----|\s/g, '');
    const tls = { ca: Buffer.from(base64, 'base64') };
    await withScriptedServer(
      answerOne,
      async ({ url }) => {
        await using connection = await LdapConnection.open({ url, ...trusting(), tls });
        expect((await searchAll(connection)).entries).toHaveLength(1);
      },
      server,
    );
  });

  it('reads what it trusts once for all connections of a crawl', () => {
    for (const tls of [{}, { ca: authority.cert }]) {
      expect(secureContext(tls)).toBe(secureContext(tls));
    }
  });

  it('checks the certificate against tlsServerName where that is given', async () => {
    await withScriptedServer(
      answerOne,
      async ({ url }) => {
        const tls = { ca: authority.cert, serverName: 'directory.test' };
        await using connection = await LdapConnection.open({ url, ...trusting(), tls });
        expect((await searchAll(connection)).entries).toHaveLength(1);
        const wrong = { ca: authority.cert, serverName: 'other.test' };
        const error = await failureOf(LdapConnection.open({ url, ...trusting(), tls: wrong }));
        expect(error).toMatchObject({
          kind: 'tls',
          cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
        });
      },
      server,
    );
  });

  it('fails closed for an unknown CA, and sends nothing', async () => {
    const received: Buffer[][] = [];
    await withScriptedServer(
      async (peer) => {
        received.push(peer.received);
        await peer.closed;
      },
      async ({ url }) => {
        const error = await failureOf(LdapConnection.open({ url, connectTimeoutMs: PATIENT_MS }));
        expect(error.kind).toBe('tls');
      },
      server,
    );
    expect(received.flat()).toEqual([]);
  });

  it('verifies even where the environment says not to', async () => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      await withScriptedServer(
        refuseAll,
        async ({ url }) => {
          const error = await failureOf(LdapConnection.open({ url, connectTimeoutMs: PATIENT_MS }));
          expect(error.kind).toBe('tls');
        },
        server,
      );
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });

  it.each([
    ['has expired', 'IP:127.0.0.1', 'expired', 'CERT_HAS_EXPIRED'],
    ['is not valid yet', 'IP:127.0.0.1', 'future', 'CERT_NOT_YET_VALID'],
    ['is for another host', 'DNS:other.test', 'valid', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ] as const)('fails closed where the certificate %s', async (label, names, lifetime, code) => {
    const keys = await authority.issue(label.replaceAll(' ', '-'), names, lifetime);
    await withScriptedServer(
      refuseAll,
      async ({ url }) => {
        const error = await failureOf(LdapConnection.open({ url, ...trusting() }));
        expect(error).toMatchObject({ kind: 'tls', cause: { code } });
      },
      keys,
    );
  });

  it.each([
    ['hangs up', (peer: Peer) => peer.end()],
    ['resets', (peer: Peer) => peer.reset()],
    ['answers in plain text', (peer: Peer) => peer.send(noticeOfDisconnection(2))],
  ])('to a plain LDAP server that %s is a TLS error', async (_, fault) => {
    await withScriptedServer(
      async (peer) => {
        await once(peer.socket, 'data');
        fault(peer);
        await peer.closed;
      },
      async ({ port }) => {
        const url = `ldaps://127.0.0.1:${port}`;
        expect((await failureOf(LdapConnection.open({ url, ...trusting() }))).kind).toBe('tls');
      },
    );
  });

  it('with a stalled handshake ends at the deadline', async () => {
    await withScriptedServer(refuseAll, async ({ port }) => {
      const options = { ...trusting(), connectTimeoutMs: BRIEF_MS };
      const url = `ldaps://127.0.0.1:${port}`;
      const error = await failureOf(LdapConnection.open({ url, ...options }));
      expect(error.kind).toBe('connect-timeout');
      expect(error.message).toContain('handshake');
    });
  });

  it('with a stalled handshake can be called off', async () => {
    const controller = new AbortController();
    await withScriptedServer(
      async (peer) => {
        await once(peer.socket, 'data');
        controller.abort();
        await peer.closed;
      },
      async ({ port }) => {
        const url = `ldaps://127.0.0.1:${port}`;
        const options = { url, ...trusting(), signal: controller.signal };
        expect((await failureOf(LdapConnection.open(options))).kind).toBe('aborted');
      },
    );
  });

  it('spoken to in plain text is told from LDAP', async () => {
    await withScriptedServer(
      () => {},
      async ({ port }) => {
        const url = `ldap://127.0.0.1:${port}`;
        await using connection = await LdapConnection.open({ url, ...trusting() });
        const error = await failureOf(searchAll(connection));
        expect(['not-ldap', 'closed', 'reset']).toContain(error.kind);
      },
      server,
    );
  });

  it('shows a client certificate where the server asks for one', async () => {
    const client = await authority.issue('client', 'DNS:client.test');
    const keys = { ...server, clientCa: authority.cert };
    await withScriptedServer(
      async (peer) => {
        const { id, content } = await peer.expect();
        expect(content.includes('EXTERNAL')).toBe(true);
        peer.send(bindAnswer(id));
      },
      async ({ url }) => {
        const tls = { ca: authority.cert, cert: client.cert, key: client.key };
        await using connection = await LdapConnection.open({ url, ...trusting(), tls });
        expect((await connection.bind({ kind: 'external' }, PATIENT_MS)).code).toBe(0);
      },
      keys,
    );
  });

  it('that refuses our lack of a client certificate after the handshake is a TLS error', async () => {
    const keys = { ...server, clientCa: authority.cert };
    await withScriptedServer(
      refuseAll,
      async ({ url, connections }) => {
        const session = LdapConnection.open({ url, ...trusting() }).then(async (connection) => {
          await using held = connection;
          await searchAll(held);
        });
        expect((await failureOf(session)).kind).toBe('tls');
        expect(connections()).toBe(0);
      },
      keys,
    );
  });

  it.each([
    ['a CA file without a certificate', { ca: Buffer.from('hello') }],
    ['a client certificate that is none', { cert: Buffer.from('x'), key: Buffer.from('y') }],
    ['a client certificate that is broken', { cert: brokenPem(), key: brokenPem() }],
  ])('with %s fails before it connects', async (_, tls) => {
    await withScriptedServer(
      refuseAll,
      async ({ url, connections }) => {
        const error = await failureOf(LdapConnection.open({ url, ...trusting(), tls }));
        expect(error.kind).toBe('tls');
        expect(connections()).toBe(0);
      },
      server,
    );
  });
});

describe('StartTLS', () => {
  it('secures the connection before anything else is sent', async () => {
    await withScriptedServer(startingTls(answerOne), async ({ url }) => {
      await using connection = await LdapConnection.open({ url, ...trusting(), startTls: true });
      expect((await searchAll(connection)).entries).toHaveLength(1);
    });
  });

  it('notices the close of the connection afterwards, and sends no bind in clear', async () => {
    const closing = startingTls((peer) => peer.end());
    await withScriptedServer(closing, async ({ url }) => {
      await using connection = await LdapConnection.open({ url, ...trusting(), startTls: true });
      expect((await failureOf(searchAll(connection))).kind).toBe('closed');
      const bind = connection.bind({ kind: 'simple', dn: 'cn=a', password: 'x' }, PATIENT_MS);
      expect((await failureOf(bind)).kind).toBe('closed');
    });
  });

  it('notices afterwards that the connection was cut without a TLS goodbye', async () => {
    const cutting = startingTls(async (peer) => {
      await peer.expect();
      peer.socket.destroy();
    });
    await withScriptedServer(cutting, async ({ url }) => {
      await using connection = await LdapConnection.open({ url, ...trusting(), startTls: true });
      expect(['reset', 'closed']).toContain((await failureOf(searchAll(connection))).kind);
    });
  });

  it('fails closed for an unknown CA', async () => {
    await withScriptedServer(startingTls(refuseAll), async ({ url }) => {
      const options = { url, connectTimeoutMs: PATIENT_MS, startTls: true };
      expect((await failureOf(LdapConnection.open(options))).kind).toBe('tls');
    });
  });

  it.each([
    ['bytes', Buffer.from('x')],
    ['a message', bindAnswer(2)],
  ])('refuses plain %s behind its answer', async (_, injected) => {
    await withScriptedServer(
      async (peer) => {
        const { id } = await peer.expect();
        peer.send(extendedAnswer(id, 0), injected);
        await peer.closed;
        expect(peer.received).toHaveLength(1);
      },
      async ({ url }) => {
        const options = { url, ...trusting(), startTls: true };
        expect((await failureOf(LdapConnection.open(options))).kind).toBe('starttls');
      },
    );
  });

  it.each([
    ['refused with a code', 'starttls', (id: number) => extendedAnswer(id, 52)],
    ['answered with a notice of disconnection', 'disconnected', () => noticeOfDisconnection(52)],
  ])('%s tells the code', async (_, kind, answer) => {
    await withScriptedServer(
      async (peer) => {
        peer.send(answer((await peer.expect()).id));
        await peer.closed;
      },
      async ({ url }) => {
        const options = { url, ...trusting(), startTls: true };
        const error = await failureOf(LdapConnection.open(options));
        expect(error).toMatchObject({ kind, resultCode: 52 });
      },
    );
  });

  it.each([
    ['another message', 'protocol', bindAnswer(1)],
    ['HTTP', 'not-ldap', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a malformed answer', 'protocol', Buffer.from([0x30, 0x05, 0x02, 0x01, 0x01, 0x78, 0x00])],
    ['a huge answer', 'too-large', Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff])],
  ])('answered with %s fails', async (_, kind, answer) => {
    await withScriptedServer(
      async (peer) => {
        await peer.expect();
        peer.send(answer);
        await peer.closed;
      },
      async ({ url }) => {
        const options = { url, ...trusting(), startTls: true };
        expect((await failureOf(LdapConnection.open(options))).kind).toBe(kind);
      },
    );
  });

  it('answered by hanging up fails', async () => {
    await withScriptedServer(
      async (peer) => {
        await peer.expect();
        peer.end();
      },
      async ({ url }) => {
        const options = { url, ...trusting(), startTls: true };
        expect((await failureOf(LdapConnection.open(options))).kind).toBe('closed');
      },
    );
  });

  it.each([
    ['that is not answered', async () => {}],
    [
      'whose handshake stalls',
      async (peer: Peer) => {
        peer.send(extendedAnswer((await peer.expect()).id, 0));
      },
    ],
  ])('%s ends at the deadline', async (_, script) => {
    await withScriptedServer(
      async (peer) => {
        await script(peer);
        await peer.closed;
      },
      async ({ url }) => {
        const options = { url, ...trusting(), startTls: true, connectTimeoutMs: BRIEF_MS };
        const error = await failureOf(LdapConnection.open(options));
        expect(error.kind).toBe('connect-timeout');
      },
    );
  });

  it('over ldaps is refused', async () => {
    const options = { url: 'ldaps://127.0.0.1', connectTimeoutMs: PATIENT_MS, startTls: true };
    await expect(LdapConnection.open(options)).rejects.toThrow(TypeError);
  });
});
