import { describe, expect, it } from 'vitest';
import {
  type Page,
  type PagedEnd,
  type PagedSearchOptions,
  PageTooLarge,
  pagedSearch,
} from '../../src/ldap/connection/paged-search.ts';
import type { RawEntry } from '../../src/ldap/messages/entry.ts';
import { done, elements, entry, pagingControl, reference } from '../support/ldap-bytes.ts';
import type { Peer, ScriptedRequest } from '../support/scripted-server.ts';
import { ANY_SEARCH, failureOf, PATIENT_MS, searchAll, withConnection } from './sessions.ts';

const AS_IT_IS = (entry: RawEntry) => entry;

interface Scripted {
  readonly dns?: readonly string[];
  /** undefined: an answer without the paging control. */
  readonly cookie: string | undefined;
  readonly code?: number;
  /** How many entries there are, as the server tells. */
  readonly estimate?: number;
}

const OPTIONS: PagedSearchOptions = { pageSize: 2, idleTimeoutMs: PATIENT_MS };

interface Paged {
  readonly pages: readonly Page[];
  readonly end: PagedEnd;
  /** The requests that the server saw. */
  readonly requests: readonly ScriptedRequest[];
}

function answer(peer: Peer, id: number, { dns = [], cookie, code = 0, estimate }: Scripted): void {
  const controls = cookie === undefined ? [] : [pagingControl(cookie, estimate)];
  peer.send(...dns.map((dn) => entry(id, dn)), done(id, code, ...controls));
}

/** Runs a paged search against these answers, one to a request; the last one again and again. */
async function paged(
  answers: readonly Scripted[],
  options: Partial<PagedSearchOptions> = {},
  spec: Partial<typeof ANY_SEARCH> = {},
): Promise<Paged> {
  const requests: ScriptedRequest[] = [];
  const outcome: { found?: Paged } = {};
  await withConnection(
    async (peer) => {
      for (;;) {
        const request = await peer.request();
        if (request?.tag !== 0x63) return;
        requests.push(request);
        const next = answers[Math.min(requests.length, answers.length) - 1];
        answer(peer, request.id, next ?? { cookie: '' });
      }
    },
    async (connection) => {
      const pages: Page[] = [];
      const search = pagedSearch(
        connection,
        { ...ANY_SEARCH, ...spec },
        { ...OPTIONS, ...options },
        AS_IT_IS,
      );
      let step = await search.next();
      for (; step.done !== true; step = await search.next()) pages.push(step.value);
      outcome.found = { pages, end: step.value, requests };
    },
  );
  if (outcome.found === undefined) throw new Error('The search did not end');
  return outcome.found;
}

function dnsOf(pages: readonly Page[]): readonly (readonly string[])[] {
  return pages.map(({ entries }) => entries.map(({ dn }) => dn));
}

function cookieSentBy(request: ScriptedRequest | undefined): string | undefined {
  const [, value] = elements(request?.controls[0] ?? Buffer.alloc(0));
  const [inner] = elements(value?.content ?? Buffer.alloc(0));
  const [, cookie] = elements(inner?.content ?? Buffer.alloc(0));
  return cookie?.content.toString();
}

describe('a paged search', () => {
  it('goes on with the cookie of the last page, until the cookie is empty', async () => {
    const { pages, end, requests } = await paged([
      { dns: ['cn=a', 'cn=b'], cookie: 'one' },
      { dns: ['cn=c', 'cn=d'], cookie: 'two' },
      { dns: ['cn=e'], cookie: '' },
    ]);
    expect(dnsOf(pages)).toEqual([['cn=a', 'cn=b'], ['cn=c', 'cn=d'], ['cn=e']]);
    expect(pages.map(({ last }) => last)).toEqual([false, false, true]);
    expect(requests.map(cookieSentBy)).toEqual(['', 'one', 'two']);
    expect(end).toMatchObject({ entries: 5, cookie: Buffer.alloc(0) });
    expect(pages[2]?.end).toBe(end);
  });

  it('goes on past an empty page that has a cookie', async () => {
    const { pages } = await paged([
      { dns: ['cn=a'], cookie: 'one' },
      { cookie: 'two' },
      { cookie: 'three' },
      { dns: ['cn=b'], cookie: '' },
    ]);
    expect(dnsOf(pages)).toEqual([['cn=a'], [], [], ['cn=b']]);
  });

  it('goes on where the server sends the same cookie with every page', async () => {
    const answers = Array.from({ length: 40 }, (_, n) => ({ dns: [`cn=${n}`], cookie: '0' }));
    const { end } = await paged([...answers, { cookie: '' }]);
    expect(end.entries).toBe(40);
  });

  it('accepts the same entry twice, and pages larger than asked', async () => {
    const { pages } = await paged([
      { dns: ['cn=a', 'cn=b', 'cn=c'], cookie: 'one' },
      { dns: ['cn=c', 'cn=d'], cookie: '' },
    ]);
    expect(dnsOf(pages)).toEqual([
      ['cn=a', 'cn=b', 'cn=c'],
      ['cn=c', 'cn=d'],
    ]);
  });

  it.each([
    ['the same empty page', [{ cookie: 'x' }]],
    ['the same page', [{ dns: ['cn=a', 'cn=b'], cookie: 'x' }]],
    [
      'two pages in turn',
      Array.from({ length: 40 }, (_, n) => ({ dns: [`cn=${n % 2}`], cookie: `c${n % 2}` })),
    ],
  ])('does not go round for ever where the server repeats %s', async (_, answers) => {
    const error = await failureOf(paged(answers));
    expect(error.kind).toBe('protocol');
  });

  it('does not follow empty pages with new cookies for ever', async () => {
    const answers = Array.from({ length: 1_200 }, (_, n) => ({ cookie: `c${n}` }));
    expect((await failureOf(paged(answers))).kind).toBe('protocol');
  });

  it.each([2, 3, 4, 11, 12, 51, 53])(
    'that ends with code %i yields what arrived before, and returns the code',
    async (code) => {
      const { pages, end, requests } = await paged([
        { dns: ['cn=a', 'cn=b'], cookie: 'one' },
        { dns: ['cn=c'], cookie: 'two', code },
        { dns: ['cn=never'], cookie: '' },
      ]);
      expect(dnsOf(pages)).toEqual([['cn=a', 'cn=b'], ['cn=c']]);
      expect(pages[1]).toMatchObject({ last: true, end: { result: { code } } });
      expect(end).toMatchObject({ entries: 3, result: { code } });
      expect(requests).toHaveLength(2);
    },
  );

  it('yields a last page also where nothing arrived', async () => {
    const { pages, end } = await paged([{ cookie: undefined, code: 32 }]);
    expect(pages).toMatchObject([{ entries: [], last: true }]);
    expect(end.result.code).toBe(32);
  });

  it('answered without the paging control ends, and lets the caller suspect truncation', async () => {
    const { pages, end } = await paged([{ dns: ['cn=a', 'cn=b'], cookie: undefined }]);
    expect(pages).toMatchObject([{ last: true }]);
    expect(end.cookie).toBeUndefined();
    const later = await paged([
      { dns: ['cn=a'], cookie: 'one' },
      { dns: ['cn=b'], cookie: undefined },
    ]);
    expect(later.end.cookie).toBeUndefined();
  });

  it('never sends the paging control with a base search, nor with a page size of 0', async () => {
    const single = [{ dns: ['cn=a'], cookie: undefined }];
    const base = await paged(single, {}, { scope: 'base' });
    const unpaged = await paged(single, { pageSize: 0 });
    expect([...base.requests, ...unpaged.requests].map(({ controls }) => controls)).toEqual([
      [],
      [],
    ]);
    expect(dnsOf([...base.pages, ...unpaged.pages])).toEqual([['cn=a'], ['cn=a']]);
  });

  it('marks the control critical only where told', async () => {
    const flags = [];
    for (const critical of [false, true]) {
      const { requests } = await paged([{ cookie: '' }], { critical });
      const control = elements(requests[0]?.controls[0] ?? Buffer.alloc(0));
      flags.push(control.some(({ tag }) => tag === 0x01));
    }
    expect(flags).toEqual([false, true]);
  });

  it('asks for the next page only when the consumer does', async () => {
    let asked = 0;
    await withConnection(
      async (peer) => {
        for (;;) {
          const request = await peer.request();
          if (request?.tag !== 0x63) return;
          asked += 1;
          answer(peer, request.id, { dns: [`cn=${asked}`], cookie: `c${asked}` });
        }
      },
      async (connection) => {
        for await (const page of pagedSearch(connection, ANY_SEARCH, OPTIONS, AS_IT_IS)) {
          expect(page.entries).toHaveLength(1);
          await searchAll(connection);
          break;
        }
        expect(asked).toBe(2);
        expect(connection.closed).toBe(false);
      },
    );
  });

  it('sums references, entries and bytes over its pages', async () => {
    await withConnection(
      async (peer) => {
        for (const cookie of ['one', '']) {
          const { id } = await peer.expect();
          const control = pagingControl(cookie, 9);
          peer.send(entry(id, `cn=${cookie}`), reference(id, `ldap://${cookie}`));
          peer.send(done(id, 0, control));
        }
      },
      async (connection) => {
        const search = pagedSearch(connection, ANY_SEARCH, OPTIONS, AS_IT_IS);
        const pages: Page[] = [];
        for await (const page of search) pages.push(page);
        const end = pages[1]?.end;
        expect(pages.map(({ references }) => references)).toEqual([['ldap://one'], ['ldap://']]);
        expect(end).toMatchObject({ entries: 2, estimate: 9 });
        expect(end?.references).toEqual(['ldap://one', 'ldap://']);
        expect(end?.bytes).toBe(pages.reduce((sum, { bytes }) => sum + bytes, 0));
      },
    );
  });

  it.each([
    ['before all have come that there are', ['cn=a', 'cn=b'], 7, true],
    ['when all have come that there are', ['cn=a', 'cn=b'], 2, false],
  ])('whose pages are empty %s is told from others', async (_, dns, estimate, ranDry) => {
    const { end } = await paged([
      { dns, cookie: 'one', estimate },
      { cookie: 'two', estimate },
      { cookie: '', estimate },
    ]);
    expect(end).toMatchObject({ entries: 2, ranDry });
  });

  it('gives up a page of which more is kept than is allowed, and its connection', async () => {
    const kept = { bytesOf: ({ dnBytes }: RawEntry) => dnBytes.length, max: 10 };
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        answer(peer, id, { dns: ['cn=12', 'cn=34'], cookie: 'one' });
        const later = await peer.expect();
        answer(peer, later.id, { dns: ['cn=56', 'cn=789', 'cn=0'], cookie: '' });
        await peer.closed;
      },
      async (connection) => {
        const mapped: string[] = [];
        const map = ({ dn }: RawEntry) => mapped.push(dn);
        const search = pagedSearch(connection, ANY_SEARCH, { ...OPTIONS, kept }, map);
        expect((await search.next()).value).toMatchObject({ last: false });
        await expect(search.next()).rejects.toThrow(PageTooLarge);
        expect(mapped).toEqual(['cn=12', 'cn=34', 'cn=56']);
        expect(connection.closed).toBe(true);
      },
    );
  });

  it('dies with its connection in mid-paging, and never ends as if complete', async () => {
    await withConnection(
      async (peer) => {
        const { id } = await peer.expect();
        answer(peer, id, { dns: ['cn=a', 'cn=b'], cookie: 'one' });
        await peer.expect();
        peer.end();
      },
      async (connection) => {
        const search = pagedSearch(connection, ANY_SEARCH, OPTIONS, AS_IT_IS);
        expect((await search.next()).value).toMatchObject({ last: false });
        expect((await failureOf(search.next())).kind).toBe('closed');
      },
    );
  });
});
