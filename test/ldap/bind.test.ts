import { describe, expect, it } from 'vitest';
import { bindAnswer, done, message, resultParts, tlv } from '../support/ldap-bytes.ts';
import { failureOf, PATIENT_MS, searchAll, withConnection } from './sessions.ts';

const SIMPLE = { kind: 'simple', dn: 'cn=reader', password: 'hunter2' } as const;

describe('a bind', () => {
  it('that succeeds is followed by searches on the same connection', async () => {
    await withConnection(
      async (peer) => {
        const bind = await peer.expect();
        peer.send(bindAnswer(bind.id));
        const search = await peer.expect();
        expect([bind.tag, search.tag]).toEqual([0x60, 0x63]);
        peer.send(done(search.id));
      },
      async (connection) => {
        expect((await connection.bind(SIMPLE, PATIENT_MS)).code).toBe(0);
        expect((await searchAll(connection)).end.result.code).toBe(0);
      },
    );
  });

  it.each([7, 8, 14, 48, 49, 51, 53])(
    'that ends with code %i resolves, and nothing is ever asked anonymously after it',
    async (code) => {
      const tags: number[] = [];
      await withConnection(
        async (peer) => {
          peer.send(bindAnswer((await peer.expect()).id, code));
          for (let next = await peer.request(); next !== undefined; next = await peer.request()) {
            tags.push(next.tag);
          }
        },
        async (connection) => {
          expect((await connection.bind(SIMPLE, PATIENT_MS)).code).toBe(code);
          const error = await failureOf(searchAll(connection));
          expect(error).toMatchObject({ kind: 'closed', resultCode: code });
          expect(error.message).not.toMatch(/hunter2|reader/);
        },
      );
      expect(tags).toEqual([0x42]);
    },
  );

  it('tells what the server said', async () => {
    const parts = { matchedDn: 'dc=x', diagnostic: 'AcceptSecurityContext error, data 52e' };
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        const saslCredentials = tlv(0x87, 'x');
        peer.send(message(id, tlv(0x61, resultParts(49, parts), saslCredentials)));
      },
      async (connection) => {
        const result = await connection.bind(SIMPLE, PATIENT_MS);
        expect(result).toEqual({ code: 49, ...parts, referrals: [] });
      },
    );
  });

  it('with an empty password or an empty DN is refused before anything is sent', async () => {
    await withConnection(
      async (peer) => {
        const { id, tag } = await peer.expect();
        expect(tag).toBe(0x63);
        peer.send(done(id));
      },
      async (connection) => {
        const nameless = { ...SIMPLE, dn: '' };
        const silent = { ...SIMPLE, password: '' };
        await expect(connection.bind(nameless, PATIENT_MS)).rejects.toThrow(TypeError);
        await expect(connection.bind(silent, PATIENT_MS)).rejects.toThrow(TypeError);
        expect((await searchAll(connection)).end.result.code).toBe(0);
      },
    );
  });

  it('answered with something else fails as a broken protocol', async () => {
    await withConnection(
      async (peer) => {
        peer.send(done((await peer.expect()).id));
        await peer.closed;
      },
      async (connection) => {
        const error = await failureOf(connection.bind(SIMPLE, PATIENT_MS));
        expect(error.kind).toBe('protocol');
        expect(connection.closed).toBe(true);
      },
    );
  });
});
