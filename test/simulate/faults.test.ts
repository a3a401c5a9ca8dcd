import { describe, expect, test } from 'vitest';
import * as faults from '../../src/simulate/faults.ts';
import { SUFFIX, team, withServer, withSession } from './servers.ts';
import {
  bindOperation,
  type SearchAnswer,
  type SocketClient,
  until,
  withClient,
} from './socket-client.ts';

const people = { filter: '(uid=*)' } as const;
const URLS = [`ldap://elsewhere.example.com/${SUFFIX}`];

function managedBy(uid: string): string {
  return `(|(manager=uid=p9,${SUFFIX})(manager=UID=${uid}, ${SUFFIX}))`;
}

/** A session with a team of 20 under the faults. */
function under<T>(
  list: readonly faults.Fault[],
  use: (
    client: SocketClient,
    server: Parameters<Parameters<typeof withServer>[1]>[0],
  ) => Promise<T>,
): Promise<T> {
  return withSession({ directory: team(20), faults: list }, use);
}

/** Codes and numbers of entries of the pages, at most `most` of them. */
async function pages(
  client: SocketClient,
  page: number,
  most = 10,
): Promise<readonly SearchAnswer[]> {
  const answers: SearchAnswer[] = [];
  for (let cookie: Buffer | undefined; answers.length < most; ) {
    const answer = await client.search({ ...people, page, cookie });
    answers.push(answer);
    cookie = answer.cookie;
    if (cookie === undefined || cookie.length === 0) break;
  }
  return answers;
}

/** What can be seen of a search that ends with its connection. */
async function messagesBeforeTheEnd(client: SocketClient): Promise<number> {
  for (let count = 0; ; count++) {
    try {
      await client.next();
    } catch {
      return count;
    }
  }
}

describe('BusyAboveRate', () => {
  test('serves so many in any one second, refuses the rest, binds included, and keeps count', () => {
    let now = 0;
    const clock = { now: () => now, sleep: () => Promise.resolve() };
    const fault = new faults.BusyAboveRate(3);
    const options = { directory: team(2), faults: [fault], clock };
    return withSession(options, async (client) => {
      const codes: number[] = [];
      for (const time of [0, 400, 800, 900, 999, 1000, 1001, 1400, 3000]) {
        now = time;
        const bind = () => client.request(bindOperation('', ''));
        codes.push((await (time === 999 ? bind() : client.search(people))).code);
      }
      expect(codes).toEqual([0, 0, 0, 51, 51, 0, 51, 0, 0]);
      expect(fault.seconds).toEqual([
        { served: 3, refused: 2 },
        { served: 2, refused: 1 },
        { served: 0, refused: 0 },
        { served: 1, refused: 0 },
      ]);
    });
  });
});

describe('ForgottenBind', () => {
  test('refuses in the words of Active Directory', () =>
    under([new faults.ForgottenBind({ times: 1 })], async (client) => {
      expect(await client.search(people)).toMatchObject({ code: 1, entries: [] });
      expect(await client.search(people)).toMatchObject({ code: 0 });
    }));
});

describe('ResultCode', () => {
  test.for([1, 3, 4, 11, 51, 52, 53, 80, 123])('%i in place of an answer', (code) =>
    under([new faults.ResultCode(code)], async (client) => {
      expect(await client.search(people)).toMatchObject({ code, entries: [] });
    }),
  );

  test('after so many entries, or all that there are', () =>
    under([new faults.ResultCode(4, {}, 5)], async (client) => {
      expect(await client.search(people)).toMatchObject({ code: 4, entries: { length: 5 } });
      const few = await client.search({ filter: '(|(uid=p1)(uid=p2))' });
      expect(few).toMatchObject({ code: 4, entries: { length: 2 } });
    }));

  test('on binds', () =>
    under([new faults.ResultCode(52, { kind: 'bind' })], async (client) => {
      expect((await client.request(bindOperation('', ''))).code).toBe(52);
      expect((await client.search(people)).code).toBe(0);
    }));
});

describe('the end of the connection', () => {
  test.for([
    [faults.DropConnection, 'fin'],
    [faults.ResetConnection, 'rst'],
  ] as const)('%o ends it by %s', ([Kind, how]) =>
    under([new Kind()], async (client) => {
      client.sendSearch(people);
      expect(await client.ended).toBe(how);
      expect(client.chunks).toEqual([]);
    }),
  );

  test('DropConnection comes after so many entries, without a result', () =>
    under([new faults.DropConnection({}, 3)], async (client) => {
      client.sendSearch(people);
      expect(await messagesBeforeTheEnd(client)).toBe(3);
      expect(await client.ended).toBe('fin');
    }));

  test('NoticeOfDisconnection says why', () =>
    under([new faults.NoticeOfDisconnection(51)], async (client) => {
      client.sendSearch(people);
      const notice = await client.next();
      expect(notice).toMatchObject({ id: 0, tag: 0x78 });
      expect(notice.content.subarray(0, 3)).toEqual(Buffer.from([0x0a, 1, 51]));
      expect(await client.ended).toBe('fin');
    }));

  test('connections are refused right after they are made', () =>
    under(
      [new faults.ResetConnection({ kind: 'connect', connection: 2 })],
      async (client, server) => {
        expect((await client.search(people)).code).toBe(0);
        await expect(
          withClient(server, async (second) => {
            await second.search(people);
          }),
        ).rejects.toThrow(/ended by|ECONNRESET/);
      },
    ));
});

describe('Silence', () => {
  test('answers nothing, and goes on with the next request', () =>
    under([new faults.Silence({ nth: 1 })], async (client, server) => {
      client.sendSearch(people);
      expect((await client.search(people)).code).toBe(0);
      expect(server.stats.inFlight).toBe(1);
    }));

  test('begins after so many entries', () =>
    under([new faults.Silence({ nth: 1 }, 2)], async (client) => {
      const silent = client.sendSearch(people);
      expect([(await client.next()).id, (await client.next()).id]).toEqual([silent, silent]);
      expect((await client.search(people)).entries.length).toBe(20);
    }));

  test('of a connection takes no notice of anything', () =>
    under([new faults.Silence({ kind: 'connect', connection: 2 })], async (first, server) => {
      await withClient(server, async (second) => {
        second.sendSearch(people);
        expect((await first.search(people)).code).toBe(0);
        expect(second.chunks).toEqual([]);
      });
      expect(server.stats.requests).toBe(1);
    }));
});

describe('bytes', () => {
  const received = (client: SocketClient) =>
    client.chunks.reduce((sum, { length }) => sum + length, 0);

  test.for([1, 10, 99, 500])(
    'CutAfterBytes cuts after exactly %i, be it inside a message',
    (bytes) =>
      under([new faults.CutAfterBytes(bytes, {}, 'fin')], async (client) => {
        client.sendSearch({ ...people, attributes: ['*'] });
        expect(await client.ended).toBe('fin');
        expect(received(client)).toBe(bytes);
      }),
  );

  test('CutAfterBytes resets unless told otherwise', () =>
    under([new faults.CutAfterBytes(50)], async (client) => {
      client.sendSearch(people);
      expect(await client.ended).toBe('rst');
      expect(received(client)).toBeLessThanOrEqual(50);
    }));

  test('CutAfterBytes counts each connection from its start', () =>
    under([new faults.CutAfterBytes(300, {}, 'fin')], async (client, server) => {
      client.sendSearch(people);
      await client.ended;
      await withClient(server, async (second) => {
        expect((await second.search({ scope: 'base' })).code).toBe(0);
        second.sendSearch(people);
        await second.ended;
        expect(received(second)).toBe(300);
      });
    }));

  test('CutAfterMessages cuts between messages', () =>
    under([new faults.CutAfterMessages(4, {}, 'fin')], async (client) => {
      client.sendSearch(people);
      expect(await messagesBeforeTheEnd(client)).toBe(4);
    }));

  test('SliceBytes brings a whole answer in slices', () =>
    under([new faults.SliceBytes(1)], async (client) => {
      expect((await client.search({ ...people, page: 3 })).entries.length).toBe(3);
      expect(client.chunks.length).toBeGreaterThan(3);
    }));

  test('SlowBytes waits for each slice as long as it takes at that speed', () => {
    const waits: number[] = [];
    const sleep = (ms: number) => {
      waits.push(ms);
      return Promise.resolve();
    };
    const clock = { now: () => performance.now(), sleep };
    const options = { directory: team(20), faults: [new faults.SlowBytes(1000)], clock };
    return withSession(options, async (client) => {
      expect((await client.search(people)).entries.length).toBe(20);
      const total = waits.reduce((sum, ms) => sum + ms, 0);
      expect(total).toBeCloseTo(received(client), 6);
      expect(waits.length).toBeGreaterThan(10);
    });
  });

  test('GarbageBytes come ahead of the answer', () =>
    withServer({ directory: team(2), faults: [new faults.GarbageBytes(64)] }, async (server) => {
      await withClient(server, async (client) => {
        client.socket.removeAllListeners('data');
        let bytes = Buffer.alloc(0);
        client.socket.on('data', (chunk: Buffer) => {
          bytes = Buffer.concat([bytes, chunk]);
        });
        client.sendSearch({ scope: 'base', base: '' });
        await until(() => bytes.length > 64);
        expect(bytes[64]).toBe(0x30);
      });
    }));
});

describe('paging', () => {
  const shape = (answers: readonly SearchAnswer[]) => answers.map(({ entries }) => entries.length);
  const distinct = (answers: readonly SearchAnswer[]) =>
    new Set(answers.flatMap(({ entries }) => entries.map(({ dn }) => dn))).size;

  test('EmptyPageWithCookie: nothing, and there is more', () =>
    under([new faults.EmptyPageWithCookie({ page: 2, times: 1 })], async (client) => {
      const answers = await pages(client, 8);
      expect(shape(answers)).toEqual([8, 0, 8, 4]);
      expect(distinct(answers)).toBe(20);
    }));

  test('EmptyPageWithCookie: the first page', () =>
    under([new faults.EmptyPageWithCookie({ nth: 1 })], async (client) => {
      expect(shape(await pages(client, 15))).toEqual([0, 15, 5]);
    }));

  test('RepeatCookie: the same cookie and entry without end', () =>
    under([new faults.RepeatCookie()], async (client) => {
      const answers = await pages(client, 8, 5);
      expect(shape(answers)).toEqual([8, 1, 1, 1, 1]);
      expect(new Set(answers.map(({ cookie }) => cookie?.toString('hex'))).size).toBe(1);
      expect(distinct(answers)).toBe(8);
    }));

  test('OversizedPage: more than was asked for', () =>
    under([new faults.OversizedPage(3)], async (client) => {
      expect(shape(await pages(client, 8))).toEqual([11, 9]);
    }));

  test('DuplicateEntryAcrossPages: the last one again', () =>
    under([new faults.DuplicateEntryAcrossPages()], async (client) => {
      const answers = await pages(client, 8);
      expect(shape(answers)).toEqual([8, 9, 5]);
      expect(answers[1]?.entries[0]?.dn).toBe(answers[0]?.entries[7]?.dn);
      expect(distinct(answers)).toBe(20);
    }));

  test('InvalidCookie: the second page is refused', () =>
    under([new faults.InvalidCookie()], async (client) => {
      expect((await pages(client, 8)).map(({ code }) => code)).toEqual([0, 53]);
    }));

  test('IgnorePaging: all at once, no control', () =>
    under([new faults.IgnorePaging()], async (client) => {
      const answers = await pages(client, 8);
      expect(shape(answers)).toEqual([20]);
      expect(answers[0]?.cookie).toBeUndefined();
    }));

  test('SilentTruncation: one page, success, no control', () =>
    under([new faults.SilentTruncation()], async (client) => {
      const answers = await pages(client, 8);
      expect(answers).toMatchObject([{ code: 0, entries: { length: 8 } }]);
      expect(answers[0]?.cookie).toBeUndefined();
    }));
});

describe('elsewhere', () => {
  test('Referral: 10 with addresses', () =>
    under([new faults.Referral(URLS)], async (client) => {
      client.sendSearch(people);
      const { content, tag } = await client.next();
      expect([tag, content[2]]).toEqual([0x65, 10]);
      expect(content.toString('latin1')).toContain(URLS[0]);
    }));

  test('SearchReference: among the entries', () =>
    under([new faults.SearchReference(URLS, {}, 4)], async (client) => {
      const answer = await client.search(people);
      expect(answer).toMatchObject({ code: 0, references: URLS, entries: { length: 20 } });
    }));
});

describe('branches', () => {
  test('DeniedBranch: 50 where the filter names the manager, in any spelling', () =>
    under([new faults.DeniedBranch(`uid=P1,${SUFFIX}`)], async (client) => {
      expect((await client.search({ filter: managedBy('p1') })).code).toBe(50);
      expect((await client.search({ filter: managedBy('p2') })).code).toBe(0);
    }));

  test('PoisonSearch: the connection dies where the filter names the manager', () =>
    under([new faults.PoisonSearch(`uid=p1,${SUFFIX}`)], async (client) => {
      expect((await client.search({ filter: managedBy('p2') })).code).toBe(0);
      client.sendSearch({ filter: managedBy('p1') });
      expect(await client.ended).toBe('rst');
    }));

  test('another attribute may be the link', () =>
    under([new faults.ResultCode(80, { manager: 'P1', attribute: 'uid' })], async (client) => {
      expect((await client.search({ filter: '(uid=p1)' })).code).toBe(80);
      expect((await client.search({ filter: '(uid=p2)' })).code).toBe(0);
    }));
});

describe('an occasion', () => {
  const codes = async (occasion: faults.Occasion, count = 8) =>
    under([new faults.ResultCode(51, occasion)], async (client) => {
      const seen: number[] = [];
      for (let at = 0; at < count; at++) seen.push((await client.search(people)).code);
      return seen;
    });

  test.for([
    [{ nth: 2 }, [0, 51, 0, 0, 0, 0, 0, 0]],
    [{ from: 7 }, [0, 0, 0, 0, 0, 0, 51, 51]],
    [{ every: 3 }, [0, 0, 51, 0, 0, 51, 0, 0]],
    [{ times: 2 }, [51, 51, 0, 0, 0, 0, 0, 0]],
    [{ from: 3, times: 1 }, [0, 0, 51, 0, 0, 0, 0, 0]],
    [{ probability: 0 }, [0, 0, 0, 0, 0, 0, 0, 0]],
    [{ probability: 1 }, [51, 51, 51, 51, 51, 51, 51, 51]],
    [{ base: `DC=Example, dc=com`, nth: 1 }, [51, 0, 0, 0, 0, 0, 0, 0]],
    [{ base: 'dc=other' }, [0, 0, 0, 0, 0, 0, 0, 0]],
    [{ kind: 'bind' }, [0, 0, 0, 0, 0, 0, 0, 0]],
    [{ connection: 2 }, [0, 0, 0, 0, 0, 0, 0, 0]],
  ] as const)('%j strikes as %j', async ([occasion, expected]) => {
    expect(await codes(occasion)).toEqual(expected);
  });

  test('of a probability is the same for the same seed', async () => {
    const one = await codes({ probability: 0.5, seed: 7 }, 40);
    expect(await codes({ probability: 0.5, seed: 7 }, 40)).toEqual(one);
    expect(await codes({ probability: 0.5, seed: 8 }, 40)).not.toEqual(one);
    expect(new Set(one).size).toBe(2);
  });

  test('of a time counts from when the faults were set', () => {
    let now = 1000;
    const clock = { now: () => now, sleep: () => Promise.resolve() };
    return withSession({ directory: team(2), clock }, async (client, server) => {
      server.setFaults(new faults.ResultCode(51, { fromMs: 100, untilMs: 200 }));
      const seen: number[] = [];
      for (const time of [1000, 1099, 1100, 1199, 1200]) {
        now = time;
        seen.push((await client.search(people)).code);
      }
      expect(seen).toEqual([0, 0, 51, 51, 0]);
    });
  });
});

test('faults add up', () =>
  under(
    [new faults.SearchReference(URLS), new faults.OversizedPage(2), new faults.SliceBytes(7)],
    async (client) => {
      const answer = await client.search({ ...people, page: 3 });
      expect(answer).toMatchObject({ code: 0, references: URLS, entries: { length: 5 } });
    },
  ));

test('a connection that breaks after entries beats a result that comes later', () =>
  under([new faults.ResultCode(4, {}, 5), new faults.DropConnection({}, 2)], async (client) => {
    client.sendSearch(people);
    expect(await messagesBeforeTheEnd(client)).toBe(2);
  }));

test('faults can be set anew, and taken away', () =>
  under([new faults.ResultCode(80)], async (client, server) => {
    expect((await client.search(people)).code).toBe(80);
    server.setFaults(new faults.ResultCode(81));
    expect((await client.search(people)).code).toBe(81);
    server.setFaults();
    expect((await client.search(people)).code).toBe(0);
  }));

test('a fault is named as its class', () => {
  expect(new faults.PoisonSearch(SUFFIX).name).toBe('PoisonSearch');
});
