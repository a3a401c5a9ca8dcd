import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LdapConnection, NotSentError } from '../../src/ldap/connection/connection.ts';
import { done, entry, noticeOfDisconnection } from '../support/ldap-bytes.ts';
import { type Peer, withScriptedServer } from '../support/scripted-server.ts';
import { BRIEF_MS, failureOf, PATIENT_MS, searchAll, withConnection } from './sessions.ts';

/** Sends one entry in answer to the first request, then does what the test is about. */
function afterOneEntry(fault: (peer: Peer, id: number) => void) {
  return async (peer: Peer): Promise<void> => {
    const { id } = await peer.expect();
    peer.send(entry(id, 'cn=a'));
    fault(peer, id);
    await peer.closed;
  };
}

describe('a connection', () => {
  it.each([
    ['is closed by the server between messages', 'closed', (peer: Peer) => peer.end()],
    [
      'is closed by the server inside a message',
      'closed',
      (peer: Peer, id: number) => {
        peer.send(done(id).subarray(0, -1));
        peer.end();
      },
    ],
    [
      'gets a notice of disconnection',
      'disconnected',
      (peer: Peer) => peer.send(noticeOfDisconnection(52)),
    ],
    [
      'gets bytes that are no LDAP',
      'protocol',
      (peer: Peer) => peer.send(Buffer.from('HTTP/1.1 400')),
    ],
  ])('that %s rejects the search and every later call with %s', async (_, kind, fault) => {
    await withConnection(afterOneEntry(fault), async (connection, server) => {
      const error = await failureOf(searchAll(connection));
      expect(error.kind).toBe(kind);
      expect(connection.closed).toBe(true);
      expect(connection.closedReason).toBe(error);
      const later = [searchAll(connection), connection.bind({ kind: 'anonymous' }, PATIENT_MS)];
      for (const refused of later) {
        const unsent = await failureOf(refused);
        expect(unsent).toBeInstanceOf(NotSentError);
        expect([unsent.kind, unsent.message]).toEqual([kind, error.message]);
      }
      expect(server.connections()).toBe(1);
    });
  });

  it('that is reset rejects the search', async () => {
    const script = async (peer: Peer): Promise<void> => {
      await peer.expect();
      peer.reset();
    };
    await withConnection(script, async (connection) => {
      expect((await failureOf(searchAll(connection))).kind).toBe('reset');
      expect(connection.closed).toBe(true);
    });
  });

  it('tells the code of a notice of disconnection, also while nothing is asked', async () => {
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        peer.send(done(id), noticeOfDisconnection(8));
        await peer.closed;
      },
      async (connection) => {
        await searchAll(connection);
        const error = await failureOf(searchAll(connection));
        expect(error).toMatchObject({ kind: 'disconnected', resultCode: 8 });
      },
    );
  });

  it('that the server closes while idle is known to be closed', async () => {
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        peer.send(done(id));
        peer.end();
        await peer.closed;
      },
      async (connection) => {
        await searchAll(connection);
        expect((await failureOf(searchAll(connection))).kind).toBe('closed');
        expect(connection.closed).toBe(true);
      },
    );
  });

  it('tells the server that it leaves, once, and rejects what is outstanding', async () => {
    const tags: number[] = [];
    await withConnection(
      async (peer) => {
        for (let next = await peer.request(); next !== undefined; next = await peer.request()) {
          tags.push(next.tag);
        }
      },
      async (connection) => {
        const search = failureOf(searchAll(connection));
        connection.close();
        connection.close();
        expect((await search).kind).toBe('closed');
        await connection[Symbol.asyncDispose]();
        await connection[Symbol.asyncDispose]();
      },
    );
    expect(tags).toEqual([0x63, 0x50, 0x42]);
  });

  it('does not wait for ever for a server that takes nothing more', async () => {
    await withConnection(
      (peer) => {
        peer.socket.pause();
      },
      async (connection) => {
        const base = Buffer.alloc(12 * 1024 * 1024);
        const search = failureOf(searchAll(connection, { base }));
        await connection[Symbol.asyncDispose]();
        expect((await search).kind).toBe('closed');
      },
    );
  });

  it('half-closed by a server that takes no more of a request is dead at once', async () => {
    await withConnection(
      (peer) => {
        peer.socket.pause();
        peer.end();
      },
      async (connection) => {
        const search = searchAll(connection, { base: Buffer.alloc(12 * 1024 * 1024) });
        expect((await failureOf(search)).kind).toBe('closed');
      },
    );
  });

  it('that speaks HTTP is no LDAP', async () => {
    await withConnection(
      async (peer) => {
        await peer.expect();
        peer.send(Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
        peer.end();
      },
      async (connection) => {
        const bind = connection.bind({ kind: 'anonymous' }, PATIENT_MS);
        expect((await failureOf(bind)).kind).toBe('not-ldap');
      },
    );
  });

  it('that speaks SMTP first is no LDAP, and dies before anything is asked', async () => {
    await withConnection(
      async (peer) => {
        peer.send(Buffer.from('220 mail.example.com ESMTP\r\n'));
        await peer.closed;
      },
      async (connection) => {
        expect((await failureOf(searchAll(connection))).kind).toBe('not-ldap');
      },
    );
  });

  it('that is refused says so', async () => {
    const port = await new Promise<number>((resolve) => {
      const probe = createServer().listen(0, '127.0.0.1', () => {
        const address = probe.address();
        probe.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
      });
    });
    const url = `ldap://127.0.0.1:${port}`;
    const error = await failureOf(LdapConnection.open({ url, connectTimeoutMs: PATIENT_MS }));
    expect(error.kind).toBe('refused');
    expect(error.message).toContain(`127.0.0.1:${port}`);
  });

  it('to a name that does not resolve says so', async () => {
    const url = 'ldap://no-such-host.invalid';
    const error = await failureOf(LdapConnection.open({ url, connectTimeoutMs: PATIENT_MS }));
    expect(error.kind).toBe('unresolved');
  });

  it('is not opened once it was called off', async () => {
    await withScriptedServer(
      () => {},
      async (server) => {
        const signal = AbortSignal.abort(new Error('stop'));
        const options = { url: server.url, connectTimeoutMs: PATIENT_MS, signal };
        const error = await failureOf(LdapConnection.open(options));
        expect(error).toMatchObject({ kind: 'aborted', cause: { message: 'stop' } });
        expect(server.connections()).toBe(0);
      },
    );
  });

  it('is not opened without time to open it in', async () => {
    const options = { url: 'ldap://127.0.0.1', connectTimeoutMs: 0 };
    await expect(LdapConnection.open(options)).rejects.toThrow(RangeError);
    const invalid = { url: 'http://127.0.0.1', connectTimeoutMs: BRIEF_MS };
    await expect(LdapConnection.open(invalid)).rejects.toThrow(TypeError);
  });
});
