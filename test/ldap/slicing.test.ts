import { describe, expect, it } from 'vitest';
import { LdapConnection } from '../../src/ldap/connection/connection.ts';
import { pagedSearch } from '../../src/ldap/connection/paged-search.ts';
import type { RawEntry } from '../../src/ldap/messages/entry.ts';
import { bindAnswer, done, entry, intermediate, pagingControl } from '../support/ldap-bytes.ts';
import { type Peer, withScriptedServer } from '../support/scripted-server.ts';
import { ANY_SEARCH, failureOf, PATIENT_MS } from './sessions.ts';

const AS_IT_IS = (entry: RawEntry) => entry;

/** What the server says to each request of a session: a bind and a search of two pages. */
const ANSWERS: readonly Buffer[] = [
  bindAnswer(1),
  Buffer.concat([
    entry(2, 'cn=a', [['cn', ['a', 'é']]]),
    intermediate(2),
    entry(2, 'cn=b', [['photo', [Buffer.alloc(200, 0xff)]]]),
    done(2, 0, pagingControl('more')),
  ]),
  Buffer.concat([entry(3, 'cn=c', [['none', []]]), done(3, 0, pagingControl(''))]),
];
const LENGTHS = ANSWERS.map(({ length }) => length);
const TOTAL = LENGTHS.reduce((sum, length) => sum + length, 0);

/** The whole session as a crawl would have it. */
async function session(url: string): Promise<readonly RawEntry[]> {
  await using connection = await LdapConnection.open({ url, connectTimeoutMs: PATIENT_MS });
  const entries: RawEntry[] = [];
  await connection.bind({ kind: 'simple', dn: 'cn=x', password: 'y' }, PATIENT_MS);
  const options = { pageSize: 2, idleTimeoutMs: PATIENT_MS };
  for await (const page of pagedSearch(connection, ANY_SEARCH, options, AS_IT_IS)) {
    entries.push(...page.entries);
    if (page.last) expect(page.end?.result.code).toBe(0);
  }
  return entries;
}

function shown(entries: readonly RawEntry[]): unknown {
  return entries.map(({ dn, attributes }) => [
    dn,
    [...attributes].map(([k, v]) => [k, v.map((b) => b.toString('hex'))]),
  ]);
}

const EXPECTED = [
  ['cn=a', [['cn', ['61', 'c3a9']]]],
  ['cn=b', [['photo', ['ff'.repeat(200)]]]],
  ['cn=c', [['none', []]]],
];

/** Plays the session but hangs up after `limit` bytes. */
function cutAt(limit: number) {
  return async (peer: Peer): Promise<void> => {
    let left = limit;
    for (const bytes of ANSWERS) {
      await peer.expect();
      peer.send(bytes.subarray(0, left));
      left -= bytes.length;
      if (left < 0) return peer.end();
    }
  };
}

describe('a session', () => {
  it.each([1, 2, 3, 5, 13, 100])('in slices of %i bytes gives the same entries', async (size) => {
    const script = async (peer: Peer): Promise<void> => {
      for (const bytes of ANSWERS) {
        await peer.expect();
        await peer.sendInSlices(bytes, size);
      }
    };
    await withScriptedServer(script, async ({ url }) => {
      expect(shown(await session(url))).toEqual(EXPECTED);
    });
  });

  it('cut off at any byte is a failure, never a shorter success', async () => {
    for (let limit = 0; limit < TOTAL; limit += 1) {
      await withScriptedServer(cutAt(limit), async ({ url }) => {
        const error = await failureOf(session(url));
        expect(['closed', 'reset']).toContain(error.kind);
      });
    }
    await withScriptedServer(cutAt(TOTAL), async ({ url }) => {
      expect(shown(await session(url))).toEqual(EXPECTED);
    });
  });

  it('with any one byte changed never hangs and never crashes', async () => {
    const [, search = Buffer.alloc(0)] = ANSWERS;
    for (let at = 0; at < search.length; at += 1) {
      const damaged = Buffer.from(search);
      damaged.writeUInt8(damaged.readUInt8(at) ^ 0x91, at);
      const script = async (peer: Peer): Promise<void> => {
        await peer.expect();
        peer.send(bindAnswer(1));
        await peer.expect();
        peer.send(damaged);
        peer.end();
      };
      await withScriptedServer(script, async ({ url }) => {
        const outcome = await session(url).then(
          () => 'entries',
          (error: unknown) => (error instanceof Error ? error.name : 'not an error'),
        );
        expect(['entries', 'ConnectionError', 'AssertionError']).toContain(outcome);
      });
    }
  });
});
