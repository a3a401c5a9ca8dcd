import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { syntheticOrganisation } from '../../src/simulate/organisation.ts';
import { integer, message, tlv } from '../support/ldap-bytes.ts';
import { SUFFIX, team, withServer, withSession } from './servers.ts';
import {
  abandonOperation,
  bindOperation,
  extendedOperation,
  searchOperation,
  until,
  withClient,
} from './socket-client.ts';

const account = { bindDn: `cn=reader,${SUFFIX}`, password: 'secret' };
const whoAmI = extendedOperation('1.3.6.1.4.1.4203.1.11.3');

describe('bind', () => {
  test.for([
    ['the account', `CN=Reader, ${SUFFIX}`, 'secret', 0],
    ['a wrong password', account.bindDn, 'Secret', 49],
    ['another name', `cn=other,${SUFFIX}`, 'secret', 49],
    ['no name and no password', '', '', 0],
    ['a name without a password', account.bindDn, '', 53],
  ] as const)('with %s', ([, dn, password, code]) =>
    withSession(account, async (client, server) => {
      expect((await client.request(bindOperation(dn, password))).code).toBe(code);
      expect(server.stats.binds).toBe(1);
    }),
  );

  test('where there is no account is refused', () =>
    withSession({}, async (client) => {
      expect((await client.request(bindOperation(account.bindDn, 'secret'))).code).toBe(49);
    }));

  test('of LDAP version 2 is refused', () =>
    withSession({}, async (client) => {
      const old = tlv(0x60, integer(2), tlv(0x04, ''), tlv(0x80, ''));
      expect((await client.request(old)).code).toBe(2);
    }));

  test('by EXTERNAL without a certificate is refused', () =>
    withSession({}, async (client) => {
      const sasl = tlv(0x60, integer(3), tlv(0x04, ''), tlv(0xa3, tlv(0x04, 'EXTERNAL')));
      expect((await client.request(sasl)).code).toBe(7);
    }));

  test('that fails leaves the connection anonymous', () =>
    withSession(account, async (client) => {
      await client.request(bindOperation(account.bindDn, 'secret'));
      expect((await client.search({ scope: 'base' })).code).toBe(0);
      await client.request(bindOperation(account.bindDn, 'wrong'));
      expect((await client.search({ scope: 'base' })).code).toBe(50);
    }));
});

describe('without a bind', () => {
  const attempt = (options: object, base = SUFFIX) =>
    withSession({ ...account, ...options }, async (client) => {
      return (await client.search({ base, scope: 'base' })).code;
    });

  test('a search gets 50 where there is an account, the rootDSE excepted', async () => {
    expect(await attempt({})).toBe(50);
    expect(await attempt({}, '')).toBe(0);
  });

  test('a search gets 1 from an AD-like server', async () => {
    expect(await attempt({ vendor: 'ad-like' })).toBe(1);
  });

  test('a search is served where anonymous is allowed', async () => {
    expect(await attempt({ allowAnonymous: true })).toBe(0);
  });
});

describe('extended operations', () => {
  test('whoami tells who is bound', () =>
    withSession(account, async (client) => {
      expect((await client.request(whoAmI)).content.toString('latin1')).not.toContain('dn:');
      await client.request(bindOperation(account.bindDn, 'secret'));
      const answer = await client.request(whoAmI);
      expect(answer.content.toString()).toContain(`dn:${account.bindDn}`);
    }));

  test.for(['1.2.3.4', '1.3.6.1.4.1.1466.20037'])('%s, not supported, gives 2', (oid) =>
    withSession({}, async (client) => {
      expect((await client.request(extendedOperation(oid))).code).toBe(2);
    }),
  );
});

test.for([
  ['modify', 0x66, 0x67],
  ['add', 0x68, 0x69],
  ['delete', 0x4a, 0x6b],
  ['rename', 0x6c, 0x6d],
  ['compare', 0x6e, 0x6f],
] as const)('%s is refused: the directory is read-only', ([, tag, answerTag]) =>
  withSession({}, async (client) => {
    const answer = await client.request(tlv(tag, tlv(0x04, SUFFIX)));
    expect(answer).toMatchObject({ tag: answerTag, code: 53 });
  }),
);

test('unbind ends the connection', () =>
  withSession({}, async (client) => {
    client.send(tlv(0x42));
    expect(await client.ended).toBe('fin');
  }));

describe('requests sent together', () => {
  test('are each answered under their own id', () =>
    withSession({ directory: team(5) }, async (client, server) => {
      const one = searchOperation({ filter: '(uid=p1)' });
      const two = searchOperation({ base: 'dc=elsewhere' });
      client.socket.write(Buffer.concat([message(70, one), message(300, two), message(1, whoAmI)]));
      const seen = new Map<number, number[]>();
      for (let count = 0; count < 4; count++) {
        const { id, tag } = await client.next();
        seen.set(id, [...(seen.get(id) ?? []), tag]);
      }
      expect(seen.get(70)).toEqual([0x64, 0x65]);
      expect(seen.get(300)).toEqual([0x65]);
      expect(seen.get(1)).toEqual([0x78]);
      expect(server.stats.requests).toBe(3);
    }));

  test('a bind counts for the search behind it', () =>
    withSession({ ...account, latencyMs: 5 }, async (client) => {
      client.send(bindOperation(account.bindDn, 'secret'));
      client.sendSearch({ scope: 'base' });
      const codes = [];
      for (let at = 0; at < 3; at++) codes.push((await client.next()).tag);
      expect(codes).toEqual([0x61, 0x64, 0x65]);
    }));

  test('a short search overtakes a long one', () =>
    withSession(
      { directory: syntheticOrganisation({ people: 20_000, seed: 1 }) },
      async (client) => {
        const long = client.sendSearch({ filter: '(cn=*no such name*)' });
        const short = client.sendSearch({ scope: 'base' });
        const order = [
          (await client.next()).id,
          (await client.next()).id,
          (await client.next()).id,
        ];
        expect(order).toEqual([short, short, long]);
      },
    ));

  test('in their thousands end the connection', () =>
    withSession({ latencyMs: 60_000 }, async (client) => {
      for (let count = 0; count < 1001; count++) client.send(whoAmI);
      expect(await client.next()).toMatchObject({ id: 0, tag: 0x78 });
      expect(await client.ended).toBe('fin');
    }));

  test('in bytes one by one are understood', () =>
    withSession({}, async (client) => {
      client.socket.setNoDelay(true);
      for (const byte of message(9, whoAmI)) {
        client.socket.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await client.next()).id).toBe(9);
    }));
});

describe('abandon', () => {
  test('ends a search that is waiting for its latency, without an answer', () =>
    withSession({ latencyMs: 3_600_000 }, async (client, server) => {
      const id = client.sendSearch({});
      client.send(abandonOperation(id));
      await withClient(server, async (other) => {
        const waiting = other.sendSearch({});
        other.send(abandonOperation(waiting));
        other.send(tlv(0x42));
        await other.ended;
      });
      await until(() => server.stats.abandons === 2 && server.stats.inFlight === 0);
      expect(server.stats.requests).toBe(2);
    }));

  test('ends a search between entries', () =>
    withSession(
      { directory: syntheticOrganisation({ people: 200_000, seed: 1 }) },
      async (client, server) => {
        const id = client.sendSearch({ attributes: ['*'] });
        await client.next();
        client.send(abandonOperation(id));
        const next = client.send(whoAmI);
        let received = await client.next();
        while (received.id !== next) {
          expect(received.tag).toBe(0x64);
          received = await client.next();
        }
        expect(server.stats.entries).toBeLessThan(200_000);
      },
    ));

  test('of an unknown request is ignored', () =>
    withSession({}, async (client) => {
      client.send(abandonOperation(77));
      expect((await client.request(whoAmI)).code).toBe(0);
    }));
});

/** A search whose last attribute name claims to be longer than what is left. */
function overlongSearch(): Buffer {
  const bytes = searchOperation({ attributes: ['cn'] });
  bytes[bytes.length - 3] = 0x7f;
  return bytes;
}

describe('what is not LDAP', () => {
  test.for([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a TLS handshake', Buffer.from('16030100', 'hex')],
    ['an indefinite length', Buffer.from('3080020101', 'hex')],
    ['a length of eight octets', Buffer.from('3088ffffffffffffffff', 'hex')],
    ['a message over 4 MiB', Buffer.from('308400500000', 'hex')],
    ['an unknown operation', message(1, tlv(0x7f, 'x'))],
    ['an element longer than its message', tlv(0x30, Buffer.from([0x02, 0x7f, 0x01]))],
    ['an attribute name longer than its search', message(1, overlongSearch())],
    ['a search without a filter', message(1, tlv(0x63, tlv(0x04, '')))],
    ['an empty message', tlv(0x30)],
    ['an integer of no octets', tlv(0x30, tlv(0x02), tlv(0x42))],
  ] as const)('%s gets a notice of disconnection with 2, and the end', ([, bytes]) =>
    withSession({}, async (client) => {
      client.socket.write(bytes);
      const notice = await client.next();
      expect(notice).toMatchObject({ id: 0, tag: 0x78 });
      expect(notice.content.subarray(0, 3)).toEqual(Buffer.from([0x0a, 1, 2]));
      expect(notice.content.toString('latin1')).toContain('1.3.6.1.4.1.1466.20036');
      expect(await client.ended).toBe('fin');
    }),
  );

  test('never takes the server down', () =>
    withServer({}, async (server) => {
      const search = message(1, searchOperation({ filter: '(&(cn=*a*)(!(uid>=b)))', page: 3 }));
      const mutant = fc
        .array(fc.tuple(fc.nat(search.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
        .map((changes) => {
          const bytes = Buffer.from(search);
          for (const [at, value] of changes) bytes[at] = value;
          return bytes;
        });
      const random = fc
        .uint8Array({ minLength: 1, maxLength: 200 })
        .map((bytes) => Buffer.from(bytes));
      const headed = random.map((bytes) => tlv(0x30, bytes));
      await fc.assert(
        fc.asyncProperty(fc.oneof(mutant, random, headed), async (bytes) => {
          await withClient(server, async (client) => {
            client.socket.end(bytes);
            await client.ended;
          });
        }),
        { numRuns: 500 },
      );
      await withClient(server, async (client) => {
        expect((await client.search({ scope: 'base' })).code).toBe(0);
      });
      expect(server.stats.inFlight).toBe(0);
    }));
});

test('a server that closes ends its connections and their searches', async () => {
  await withServer({ latencyMs: 3_600_000 }, (server) =>
    withClient(server, async (client) => {
      client.sendSearch({});
      await until(() => server.stats.inFlight === 1);
      await server.close();
      await server.close();
      expect(['fin', 'rst']).toContain(await client.ended);
      expect(server.stats.openConnections).toBe(0);
    }),
  );
});

test('a port that is taken is an error', () =>
  withServer({}, async ({ port }) => {
    await expect(withServer({ port }, async () => undefined)).rejects.toThrow(/EADDRINUSE/);
  }));
