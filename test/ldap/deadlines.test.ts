import { performance } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { done, entry, intermediate } from '../support/ldap-bytes.ts';
import type { Peer } from '../support/scripted-server.ts';
import {
  ANY_SEARCH,
  BRIEF_MS,
  failureOf,
  PATIENT_MS,
  searchAll,
  withConnection,
} from './sessions.ts';

const BRIEF = { idleTimeoutMs: BRIEF_MS };

/** What the client sends, by tag, until it leaves. */
function recorder(answer: (peer: Peer, id: number) => Promise<void> | void) {
  const tags: number[] = [];
  const abandoned: number[] = [];
  const script = async (peer: Peer): Promise<void> => {
    const search = await peer.expect();
    tags.push(search.tag);
    await answer(peer, search.id);
    for (let next = await peer.request(); next !== undefined; next = await peer.request()) {
      tags.push(next.tag);
      if (next.tag === 0x50) abandoned.push(next.content.readIntBE(0, next.content.length));
    }
    expect(abandoned).toEqual([search.id]);
  };
  return { tags, script };
}

/** A gap between answers, shorter than the deadline; many of them add up to more. */
function gap(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, BRIEF_MS / 6));
}

/** Blocks the event loop, as a long database transaction does. */
function blockFor(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

describe('deadlines of a search', () => {
  it('that nobody answers: it is abandoned and the connection is closed', async () => {
    const { tags, script } = recorder(() => {});
    await withConnection(script, async (connection) => {
      const error = await failureOf(searchAll(connection, {}, BRIEF));
      expect(error.kind).toBe('timeout');
      expect(connection.closedReason).toBe(error);
      await connection[Symbol.asyncDispose]();
    });
    expect(tags).toEqual([0x63, 0x50, 0x42]);
  });

  it('falling silent after some entries: those were delivered', async () => {
    const { script } = recorder((peer, id) => peer.send(entry(id, 'cn=a')));
    await withConnection(script, async (connection) => {
      const seen: string[] = [];
      const search = connection.search(ANY_SEARCH, BRIEF, ({ dn }) => seen.push(dn));
      expect((await failureOf(search)).kind).toBe('timeout');
      expect(seen).toEqual(['cn=a']);
    });
  });

  it('on a link slower than a message in an idle time: every byte counts as life', async () => {
    const script = async (peer: Peer): Promise<void> => {
      const { id } = await peer.expect();
      const bytes = entry(id, 'cn=a', [['photo', [Buffer.alloc(400, 1)]]]);
      for (let at = 0; at < bytes.length; at += 20) {
        peer.send(bytes.subarray(at, at + 20));
        await gap();
      }
      peer.send(done(id));
    };
    await withConnection(script, async (connection) => {
      expect((await searchAll(connection, {}, BRIEF)).entries).toHaveLength(1);
    });
  });

  it('hold against a server that talks, but not about this search', async () => {
    let over = false;
    const { script } = recorder(async (peer, id) => {
      void peer.closed.then(() => {
        over = true;
      });
      while (!over) {
        peer.send(entry(id + 9, 'cn=stray'));
        await gap();
      }
    });
    await withConnection(script, async (connection) => {
      expect((await failureOf(searchAll(connection, {}, BRIEF))).kind).toBe('timeout');
    });
  });

  it('in total end a search that trickles', async () => {
    let over = false;
    const { script } = recorder(async (peer, id) => {
      void peer.closed.then(() => {
        over = true;
      });
      while (!over) {
        peer.send(intermediate(id));
        await gap();
      }
    });
    await withConnection(script, async (connection) => {
      const limits = { idleTimeoutMs: PATIENT_MS, totalTimeoutMs: BRIEF_MS * 2 };
      expect((await failureOf(searchAll(connection, {}, limits))).kind).toBe('timeout');
    });
  });

  it('do not blame the server for the time that this program blocked itself', async () => {
    const peers: Peer[] = [];
    const script = async (peer: Peer): Promise<void> => {
      peers.push(peer);
      const { id } = await peer.expect();
      peer.send(entry(id, 'cn=a'));
    };
    const answers = [entry(1, 'cn=b'), done(1)];
    await withConnection(script, async (connection) => {
      const search = connection.search(ANY_SEARCH, BRIEF, () => {
        peers[0]?.send(answers.shift() ?? done(1)); // in the kernel, but not read before the deadline
        blockFor(BRIEF_MS * 3);
      });
      expect((await search).entries).toBe(2);
    });
  });

  it('in total count what has arrived by then, read or not', async () => {
    const peers: Peer[] = [];
    const script = async (peer: Peer): Promise<void> => {
      peers.push(peer);
      const { id } = await peer.expect();
      peer.send(entry(id, 'cn=a'));
    };
    await withConnection(script, async (connection) => {
      const limits = { idleTimeoutMs: PATIENT_MS, totalTimeoutMs: BRIEF_MS };
      const search = connection.search(ANY_SEARCH, limits, () => {
        peers[0]?.send(done(1));
        blockFor(BRIEF_MS * 3);
      });
      expect((await search).entries).toBe(1);
    });
  });

  it('count each whole message as life', async () => {
    const script = async (peer: Peer): Promise<void> => {
      const { id } = await peer.expect();
      for (let sent = 0; sent < 20; sent += 1) {
        peer.send(entry(id, `cn=${sent}`));
        await gap();
      }
      peer.send(done(id));
    };
    await withConnection(script, async (connection) => {
      expect((await searchAll(connection, {}, BRIEF)).entries).toHaveLength(20);
    });
  });

  it('of a bind: it fails by itself', async () => {
    await withConnection(
      async (peer) => {
        await peer.expect();
        await peer.closed;
      },
      async (connection) => {
        const bind = connection.bind({ kind: 'anonymous' }, BRIEF_MS);
        expect((await failureOf(bind)).kind).toBe('timeout');
        expect(connection.closed).toBe(true);
      },
    );
  });

  it('leave no timer behind a search that ended in time', async () => {
    await withConnection(
      async (peer) => {
        peer.send(done((await peer.expect()).id));
        peer.send(done((await peer.expect()).id));
      },
      async (connection) => {
        await searchAll(connection, {}, { ...BRIEF, totalTimeoutMs: BRIEF_MS });
        await new Promise((resolve) => setTimeout(resolve, BRIEF_MS * 2));
        expect((await searchAll(connection)).end.result.code).toBe(0);
      },
    );
  });
});

describe('calling a search off', () => {
  it('abandons it and closes the connection', async () => {
    const controller = new AbortController();
    const { tags, script } = recorder((peer, id) => peer.send(entry(id, 'cn=a')));
    await withConnection(script, async (connection) => {
      const { signal } = controller;
      const search = connection.search(ANY_SEARCH, { idleTimeoutMs: PATIENT_MS, signal }, () => {
        setImmediate(() => controller.abort(new Error('SIGTERM')));
      });
      const error = await failureOf(search);
      expect(error).toMatchObject({ kind: 'aborted', cause: { message: 'SIGTERM' } });
      expect(connection.closed).toBe(true);
      await connection[Symbol.asyncDispose]();
    });
    expect(tags).toEqual([0x63, 0x50, 0x42]);
  });

  it('before it starts sends nothing and leaves the connection usable', async () => {
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        expect(id).toBe(1);
        peer.send(done(id));
      },
      async (connection) => {
        const error = await failureOf(searchAll(connection, {}, { signal: AbortSignal.abort() }));
        expect(error.kind).toBe('aborted');
        expect((await searchAll(connection)).end.result.code).toBe(0);
      },
    );
  });

  it('after it ended does nothing', async () => {
    const controller = new AbortController();
    await withConnection(
      async (peer) => {
        peer.send(done((await peer.expect()).id));
        peer.send(done((await peer.expect()).id));
      },
      async (connection) => {
        await searchAll(connection, {}, { signal: controller.signal });
        controller.abort();
        expect((await searchAll(connection)).end.result.code).toBe(0);
      },
    );
  });
});

describe('caps on size', () => {
  it('on the bytes of a search end it before the entry that passes them is delivered', async () => {
    const { tags, script } = recorder((peer, id) => {
      for (let sent = 0; sent < 10; sent += 1) {
        peer.send(entry(id, `cn=${sent}`, [['photo', [Buffer.alloc(1_000)]]]));
      }
    });
    await withConnection(script, async (connection) => {
      const seen: string[] = [];
      const limits = { idleTimeoutMs: PATIENT_MS, maxBytes: 3_500 };
      const search = connection.search(ANY_SEARCH, limits, ({ dn }) => seen.push(dn));
      expect((await failureOf(search)).kind).toBe('too-large');
      expect(seen).toEqual(['cn=0', 'cn=1', 'cn=2']);
      await connection[Symbol.asyncDispose]();
    });
    expect(tags).toEqual([0x63, 0x50, 0x42]);
  });

  it('end a search at the announcement of a 64 MB value, not after it', async () => {
    const { script } = recorder((peer) => {
      peer.send(Buffer.from([0x30, 0x84, 0x04, 0x00, 0x00, 0x40, 0x02, 0x01, 0x01]));
    });
    await withConnection(script, async (connection) => {
      expect((await failureOf(searchAll(connection))).kind).toBe('too-large');
      expect(connection.closed).toBe(true);
    });
  });

  it('on a message can be set', async () => {
    const script = async (peer: Peer): Promise<void> => {
      const { id } = await peer.expect();
      peer.send(entry(id, 'cn=a', [['photo', [Buffer.alloc(2_000)]]]), done(id));
      await peer.closed;
    };
    const small = { maxMessageBytes: 1_000 };
    await withConnection(
      script,
      async (connection) => {
        expect((await failureOf(searchAll(connection))).kind).toBe('too-large');
      },
      small,
    );
  });

  it('let a value of 8 MB pass unharmed', async () => {
    const value = Buffer.alloc(8 * 1024 * 1024, 'ab');
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        peer.send(entry(id, 'cn=a', [['photo', [value]]]), done(id));
      },
      async (connection) => {
        const [found] = (await searchAll(connection)).entries;
        expect(found?.attributes.get('photo')?.[0]?.equals(value)).toBe(true);
      },
    );
  });

  it('and deadlines aside, an error of the receiver of entries ends the search with that error', async () => {
    const { script } = recorder((peer, id) => peer.send(entry(id, 'cn=a'), done(id)));
    await withConnection(script, async (connection) => {
      const boom = new Error('boom');
      const search = connection.search(ANY_SEARCH, { idleTimeoutMs: PATIENT_MS }, () => {
        throw boom;
      });
      await expect(search).rejects.toBe(boom);
      expect(connection.closedReason).toMatchObject({ kind: 'aborted', cause: boom });
    });
  });
});
