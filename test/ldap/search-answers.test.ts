import { describe, expect, it } from 'vitest';
import {
  bindAnswer,
  done,
  entry,
  intermediate,
  message,
  pagingControl,
  reference,
  resultParts,
  tlv,
  tlvLong,
} from '../support/ldap-bytes.ts';
import { failureOf, searchAll, textsOf, withConnection } from './sessions.ts';

describe('a search', () => {
  it('delivers its entries and its end', async () => {
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        peer.send(entry(id, 'cn=a', [['cn', ['a']]]), entry(id, 'cn=b', [['cn', ['b']]]), done(id));
      },
      async (connection) => {
        const { end, entries } = await searchAll(connection);
        expect(entries.map(({ dn }) => dn)).toEqual(['cn=a', 'cn=b']);
        expect(textsOf(entries[1], 'cn')).toEqual(['b']);
        expect(end).toMatchObject({ entries: 2, references: [], estimate: 0 });
        expect(end.result).toEqual({ code: 0, matchedDn: '', diagnostic: '', referrals: [] });
      },
    );
  });

  it.each([1, 3, 4, 10, 11, 32, 50, 51, 52, 80, 123])(
    'that ends with code %i keeps the entries before it, and the connection',
    async (code) => {
      await withConnection(
        async (peer) => {
          const first = await peer.expect();
          const entries = [entry(first.id, 'cn=a'), entry(first.id, 'cn=b')];
          peer.send(...entries, done(first.id, code, pagingControl('more', 7)));
          const second = await peer.expect();
          peer.send(done(second.id));
        },
        async (connection) => {
          const { end, entries } = await searchAll(connection);
          expect(end.result.code).toBe(code);
          expect(entries).toHaveLength(2);
          expect(end).toMatchObject({ entries: 2, cookie: Buffer.from('more'), estimate: 7 });
          expect((await searchAll(connection)).end.result.code).toBe(0);
        },
      );
    },
  );

  it('keeps matched DN, diagnostic and referral URIs of an error', async () => {
    const parts = { matchedDn: 'dc=é', diagnostic: 'gone', referrals: ['ldap://x', 'ldap://y'] };
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        peer.send(message(id, tlv(0x65, resultParts(10, parts))));
      },
      async (connection) => {
        expect((await searchAll(connection)).end.result).toEqual({ code: 10, ...parts });
      },
    );
  });

  it('records search references without following them', async () => {
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        peer.send(
          reference(id, 'ldap://a', 'ldap://b'),
          entry(id, 'cn=a'),
          reference(id, 'ldap://c'),
        );
        peer.send(done(id));
      },
      async (connection, server) => {
        const { end } = await searchAll(connection);
        expect(end.references).toEqual(['ldap://a', 'ldap://b', 'ldap://c']);
        expect(server.connections()).toBe(1);
      },
    );
  });

  it('takes more references than a call takes arguments', async () => {
    const uri = tlv(0x04, 'ldap://a');
    const many = tlv(0x73, Buffer.concat(Array.from({ length: 400_000 }, () => uri)));
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        peer.send(message(id, many), done(id));
      },
      async (connection) => {
        expect((await searchAll(connection)).end.references).toHaveLength(400_000);
      },
    );
  });

  it('counts the bytes of all its answers', async () => {
    const answers = [entry(1, 'cn=a', [['x', ['é']]]), reference(1, 'ldap://a'), done(1)];
    await withConnection(
      async (peer) => {
        await peer.expect();
        peer.send(...answers);
      },
      async (connection) => {
        const { end } = await searchAll(connection);
        expect(end.bytes).toBe(Buffer.concat(answers).length);
      },
    );
  });

  it('tells an empty cookie from an answer without the paging control', async () => {
    const other = tlv(0x30, tlv(0x04, '1.2.3.4'), tlv(0x01, Buffer.from([0xff])), tlv(0x04, 'x'));
    const oid = tlv(0x04, '1.2.840.113556.1.4.319');
    const value = tlv(0x04, tlv(0x30, tlv(0x02, Buffer.of(0)), tlv(0x04, 'b')));
    const explicit = tlv(0x30, oid, tlv(0x01, Buffer.of(0)), value);
    const answers = [[pagingControl('', 3)], [other, pagingControl('a')], [explicit], [other], []];
    await withConnection(
      async (peer) => {
        for (const controls of answers) peer.send(done((await peer.expect()).id, 0, ...controls));
      },
      async (connection) => {
        const ends = [];
        for (const _ of answers) ends.push((await searchAll(connection)).end.cookie);
        expect(ends).toEqual([
          Buffer.alloc(0),
          Buffer.from('a'),
          Buffer.from('b'),
          undefined,
          undefined,
        ]);
      },
    );
  });

  it('passes over answers to nobody, intermediate responses and unknown notices', async () => {
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        peer.send(entry(id + 7, 'cn=stray'), done(id + 7), bindAnswer(id + 1));
        peer.send(entry(id, 'cn=a', [['cn', ['a']]]), intermediate(id), entry(id, 'cn=b'));
        peer.send(intermediate(id + 7), intermediate(0), message(0, tlv(0x78, resultParts(0))));
        peer.send(entry(id, 'cn=c'), done(id));
      },
      async (connection) => {
        const { entries } = await searchAll(connection);
        expect(entries.map(({ dn }) => dn)).toEqual(['cn=a', 'cn=b', 'cn=c']);
        expect(connection.closed).toBe(false);
      },
    );
  });

  it('passes over late answers to an earlier search', async () => {
    await withConnection(
      async (peer) => {
        const first = await peer.expect();
        peer.send(done(first.id));
        const second = await peer.expect();
        peer.send(entry(first.id, 'cn=late'), done(first.id, 4), entry(second.id, 'cn=b'));
        peer.send(done(second.id));
      },
      async (connection) => {
        await searchAll(connection);
        const { end, entries } = await searchAll(connection);
        expect(entries.map(({ dn }) => dn)).toEqual(['cn=b']);
        expect(end.result.code).toBe(0);
      },
    );
  });

  it('takes lengths of four octets, as Active Directory sends them', async () => {
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        const list = tlvLong(0x30, tlvLong(0x30, tlvLong(0x04, Buffer.from('cn')), tlvLong(0x31)));
        const number = tlv(0x02, Buffer.from([id]));
        const operation = tlvLong(0x64, tlvLong(0x04, Buffer.from('cn=a')), list);
        peer.send(tlvLong(0x30, number, operation), done(id));
      },
      async (connection) => {
        const [found] = (await searchAll(connection)).entries;
        expect(found?.attributes.get('cn')).toEqual([]);
      },
    );
  });

  it('of 120,000 entries arrives whole', async () => {
    const count = 120_000;
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        const thousand = Buffer.concat(Array.from({ length: 1_000 }, () => entry(id, 'cn=a')));
        for (let sent = 0; sent < count; sent += 1_000) peer.send(thousand);
        peer.send(done(id));
      },
      async (connection) => {
        const { end, entries } = await searchAll(connection);
        expect(end.entries).toBe(count);
        expect(entries).toHaveLength(count);
      },
    );
  });

  it.each([
    ['a bind response', bindAnswer(1)],
    ['an entry that is cut short', message(1, tlv(0x64, tlv(0x04, 'cn=a')))],
    ['a result without a code', message(1, tlv(0x65))],
    [
      'a paging control without a value',
      done(1, 0, tlv(0x30, tlv(0x04, '1.2.840.113556.1.4.319'))),
    ],
    ['a message without an operation', tlv(0x30, tlv(0x02, Buffer.from([1])))],
    ['a negative message number', tlv(0x30, tlv(0x02, Buffer.from([0xff])), tlv(0x65))],
    ['no LDAP', Buffer.from('0\x05hello no')],
  ])('answered with %s fails as a broken protocol, never as success', async (_, answer) => {
    await withConnection(
      async (peer) => {
        await peer.expect();
        peer.send(entry(1, 'cn=a'), answer, done(1));
      },
      async (connection) => {
        const error = await failureOf(searchAll(connection));
        expect(error.kind).toBe('protocol');
        expect(connection.closedReason).toBe(error);
      },
    );
  });

  it('is the only one at a time', async () => {
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        await peer.expect();
        peer.send(done(id));
      },
      async (connection) => {
        const first = searchAll(connection);
        await expect(searchAll(connection)).rejects.toThrow('one operation at a time');
        await expect(connection.bind({ kind: 'anonymous' }, 1_000)).rejects.toThrow('busy');
        connection.close();
        expect((await failureOf(first)).kind).toBe('closed');
      },
    );
  });

  it('that cannot be encoded sends nothing and leaves the connection usable', async () => {
    await withConnection(
      async (peer) => {
        const request = await peer.expect();
        peer.send(done(request.id));
        expect(request.tag).toBe(0x63);
      },
      async (connection) => {
        await expect(searchAll(connection, { attributes: ['c n'] })).rejects.toThrow(TypeError);
        await expect(searchAll(connection, { sizeLimit: -1 })).rejects.toThrow(RangeError);
        await expect(searchAll(connection, {}, { idleTimeoutMs: 0 })).rejects.toThrow(RangeError);
        expect((await searchAll(connection)).end.result.code).toBe(0);
      },
    );
  });
});
