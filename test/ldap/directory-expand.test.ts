import { describe, expect, it } from 'vitest';
import type { SearchFailure } from '../../src/domain/errors.ts';
import { ResultCode as Code } from '../../src/ldap/result-codes.ts';
import {
  DuplicateEntryAcrossPages,
  EmptyPageWithCookie,
  IgnorePaging,
  InvalidCookie,
  OversizedPage,
  RepeatCookie,
  ResultCode,
  SilentTruncation,
} from '../../src/simulate/faults.ts';
import { person, SUFFIX, team } from '../simulate/servers.ts';
import { done, entry, pagingControl } from '../support/ldap-bytes.ts';
import { branch, expand, failureIn, P1, reports, withOpen, withScripted } from './directories.ts';

const SEVEN = team(1, reports(7));
const ALL_SEVEN = ['p1', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7'];

describe('an expansion', () => {
  it('yields page by page and marks the last one only', async () => {
    await withOpen({ directory: SEVEN }, { pageSize: 3 }, async ({ directory }) => {
      const { pages, found, error } = await expand(directory, [branch('p1')]);
      expect(pages.map(({ page }) => page.employees.length)).toEqual([3, 3, 2]);
      expect(pages.map(({ last }) => last)).toEqual([false, false, true]);
      expect([found, error]).toEqual([ALL_SEVEN, undefined]);
    });
  });

  it('of a manager without reports has one empty last page', async () => {
    await withOpen({}, {}, async ({ directory }) => {
      const { pages } = await expand(directory, [branch('p2')]);
      expect(pages).toMatchObject([{ last: true, page: { employees: [] } }]);
    });
  });

  it('of several managers is one search', async () => {
    const managed = (uid: string, by: string) => person(uid, { manager: [`uid=${by},${SUFFIX}`] });
    const directory = team(2, [managed('a', 'p2'), managed('b', 'p2')]);
    await withOpen({ directory }, {}, async ({ directory: opened, searches }) => {
      const before = searches.length;
      const { found } = await expand(opened, [branch('p1'), branch('p2')]);
      expect(found.toSorted()).toEqual(['a', 'b', 'p1', 'p2']);
      expect(searches.length - before).toBe(1);
    });
  });

  it('counts its work with the page that it was done for', async () => {
    await withOpen({ directory: SEVEN }, { pageSize: 3 }, async ({ directory }) => {
      directory.takeWork();
      const { pages } = await expand(directory, [branch('p1')]);
      expect(pages.map(({ page }) => page.work)).toMatchObject(
        [3, 3, 2].map((entries) => ({ searches: 1, pages: 1, entries, reconnects: 0 })),
      );
    });
  });

  it('takes only those whom the filter matches', async () => {
    const device = {
      dn: `cn=fax,${SUFFIX}`,
      attributes: { objectClass: ['device'], manager: [P1] },
    };
    const options = { filter: '(&(objectClass=person)(!(uid=p3)))' };
    await withOpen({ directory: team(4, [device]) }, options, async ({ directory }) => {
      expect((await expand(directory, [branch('p1')])).found).toEqual(['p1', 'p2', 'p4']);
    });
  });

  it('uses the attribute that it is told for the link', async () => {
    const directory = team(1, [person('r', { manager: [], secretary: [P1] })]);
    const options = { managerAttribute: 'secretary' };
    await withOpen({ directory }, options, async ({ directory: opened }) => {
      const { pages } = await expand(opened, [branch('p1')]);
      const [employee] = pages[0]?.page.employees ?? [];
      expect(employee?.managers).toEqual([{ value: P1, key: P1 }]);
    });
  });
});

describe('the filter of an expansion', () => {
  it.each([
    ['an asterisk and parentheses', '*)(uid=*'],
    ['a backslash', '\\2a'],
    ['NUL', 'a\0b'],
    ['letters beyond ASCII', 'café Ω \u{1f600}'],
    ['spaces at the ends', ' a '],
    ['a newline', 'a\nb'],
    ['nothing but an asterisk', '*'],
  ])('names the link byte for byte: %s', async (_, number) => {
    const directory = team(1, [
      person('right', { roomNumber: [number] }),
      person('wrong', { roomNumber: ['anything'] }),
    ]);
    const options = { managerAttribute: 'roomNumber', managerValue: 'employeeNumber' };
    await withOpen({ directory }, options, async ({ directory: opened, searches }) => {
      const { found } = await expand(opened, [branch('p1', number), branch('p2', 'nobody')]);
      const bytes = [...Buffer.from(number)].map(
        (byte) => `\\${byte.toString(16).padStart(2, '0')}`,
      );
      expect(unescaped(searches.at(-1)?.filter ?? '')).toContain(
        unescaped(`(roomnumber=${bytes.join('')})`),
      );
      expect(found).toEqual(['right']);
    });
  });

  it('that would be longer than servers take is split without a request', async () => {
    await withOpen({}, {}, async ({ directory, admitted }) => {
      const before = admitted();
      const long = (n: number) => branch('p1', `uid=${n}${'x'.repeat(1_000)},${SUFFIX}`);
      const many = Array.from({ length: 200 }, (_, n) => long(n));
      const outcome = await expand(directory, many);
      expect(failureIn(outcome)).toEqual({ remedy: 'split', reason: 'limit', resultCode: null });
      expect(admitted()).toBe(before);
      const half = await expand(directory, many.slice(0, 100));
      expect([half.completed, admitted()]).toEqual([true, before + 1]);
    });
  });

  it('may be longer for who has signed in', async () => {
    const account = { bindDn: 'cn=reader', password: 'secret' };
    const credentials = { kind: 'simple', dn: 'cn=reader', password: 'secret' } as const;
    await withOpen(account, { credentials }, async ({ directory }) => {
      const many = Array.from({ length: 200 }, (_, n) => branch('p1', `${n}${'x'.repeat(1_000)}`));
      expect((await expand(directory, many)).completed).toBe(true);
    });
  });

  it('of a lone branch is asked however long it is', async () => {
    await withOpen({}, {}, async ({ directory }) => {
      const long = branch('p1', `uid=${'x'.repeat(200_000)},${SUFFIX}`);
      expect((await expand(directory, [long])).completed).toBe(true);
    });
  });
});

/** Every escaped or plain octet of a filter text, as one string of octets. */
function unescaped(filter: string): string {
  return Buffer.from(filter)
    .toString('latin1')
    .replace(/\\([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

type Remedies = readonly (readonly [number, string, string])[];

/** What each code means for the branches of the search. */
const REMEDIES: Remedies = [
  [Code.operationsError, 'split', 'unreadable'],
  [Code.protocolError, 'split', 'poison'],
  [Code.timeLimitExceeded, 'fail', 'limit'],
  [Code.sizeLimitExceeded, 'fail', 'limit'],
  [Code.referral, 'fail', 'unreadable'],
  [Code.adminLimitExceeded, 'fail', 'limit'],
  [Code.unavailableCriticalExtension, 'fail', 'limit'],
  [Code.noSuchObject, 'fail', 'unreadable'],
  [Code.invalidDnSyntax, 'fail', 'poison'],
  [Code.insufficientAccessRights, 'fail', 'denied'],
  [Code.busy, 'retry', 'timeout'],
  [Code.unavailable, 'retry', 'timeout'],
  [Code.unwillingToPerform, 'split', 'limit'],
  [Code.other, 'retry', 'timeout'],
  [16, 'fail', 'unknown_code'],
  [118, 'fail', 'unknown_code'],
];

const REFUSALS = [
  [Code.authMethodNotSupported, 'credentials'],
  [Code.inappropriateAuthentication, 'credentials'],
  [Code.invalidCredentials, 'credentials'],
  [Code.strongerAuthRequired, 'stronger-authentication'],
  [Code.confidentialityRequired, 'stronger-authentication'],
] as const;

describe('a search for reports that ends with a result code', () => {
  it.each(REMEDIES)('%i: %s, %s; what came before is kept, on no last page', async (...row) => {
    const [code, remedy, reason] = row;
    const faults = [new ResultCode(code, { manager: P1 }, 2)];
    await withOpen({ faults }, {}, async ({ directory }) => {
      const outcome = await expand(directory, [branch('p1')]);
      expect(failureIn(outcome)).toEqual({ remedy, reason, resultCode: code });
      expect([outcome.found.slice(0, 2), outcome.completed]).toEqual([['p1', 'p2'], false]);
    });
  });

  it.each(REFUSALS)('%i stops the crawl: %s', async (code, refusal) => {
    const faults = [new ResultCode(code, { manager: P1 }, 2)];
    await withOpen({ faults }, {}, async ({ directory }) => {
      const { error, completed } = await expand(directory, [branch('p1')]);
      expect(error).toMatchObject({ name: 'DirectoryError', code: refusal });
      expect(completed).toBe(false);
    });
  });

  it('in the middle of paging keeps the pages before', async () => {
    const faults = [new ResultCode(50, { manager: P1, page: 2 }, 1)];
    await withOpen({ directory: SEVEN, faults }, { pageSize: 3 }, async ({ directory }) => {
      const outcome = await expand(directory, [branch('p1')]);
      expect(outcome.found).toEqual(ALL_SEVEN.slice(0, 4));
      expect([outcome.completed, failureIn(outcome).resultCode]).toEqual([false, 50]);
    });
  });

  it('tells neither names nor DNs nor filters', async () => {
    const faults = [new ResultCode(50, { manager: P1 })];
    await withOpen({ faults }, {}, async ({ directory }) => {
      const { error } = await expand(directory, [branch('p1')]);
      expect(String((error as SearchFailure).message)).not.toMatch(/p1|example|manager/);
    });
  });
});

describe('paging', () => {
  const paged = { pageSize: 3 };

  it('goes on behind an empty page with a cookie', async () => {
    const faults = [new EmptyPageWithCookie({ manager: P1, page: 2 })];
    await withOpen({ directory: SEVEN, faults }, paged, async ({ directory }) => {
      const { found, completed } = await expand(directory, [branch('p1')]);
      expect([found, completed]).toEqual([ALL_SEVEN, true]);
    });
  });

  it.each([
    ['pages larger than asked', () => new OversizedPage(2)],
    ['an entry on two pages', () => new DuplicateEntryAcrossPages()],
  ])('takes %s', async (_, fault) => {
    await withOpen({ directory: SEVEN, faults: [fault()] }, paged, async ({ directory }) => {
      const { found, completed } = await expand(directory, [branch('p1')]);
      expect([[...new Set(found)], completed]).toEqual([ALL_SEVEN, true]);
    });
  });

  it('that ends without a control after a full page is not believed', async () => {
    const faults = [new SilentTruncation({ manager: P1 })];
    await withOpen({ directory: SEVEN, faults }, paged, async ({ directory, searches }) => {
      const batch = await expand(directory, [branch('p1'), branch('p2')]);
      expect(failureIn(batch)).toEqual({ remedy: 'fail', reason: 'limit', resultCode: null });
      expect([batch.found.length, batch.completed]).toEqual([3, false]);
      const before = searches.length;
      const lone = await expand(directory, [branch('p1')]);
      expect([lone.found, lone.completed]).toEqual([ALL_SEVEN, true]);
      expect(searches.length - before).toBe(6);
    });
  });

  it('that ends without a control after a full second page is not believed', async () => {
    const answer = (cookie: string) => (n: number, id: number) => [
      ...[1, 2, 3].map((one) => entry(id, `uid=r${3 * n + one},${SUFFIX}`, [['manager', [P1]]])),
      n === 0 ? done(id, 0, pagingControl(cookie)) : done(id),
    ];
    let asked = 0;
    const scripted = {
      answer: (peer: { send(...bytes: Buffer[]): void }, { id }: { id: number }) =>
        peer.send(...answer('more')(asked++, id)),
    };
    await withScripted(scripted, paged, async ({ directory }) => {
      await directory.open(new AbortController().signal);
      const outcome = await expand(directory, [branch('p1'), branch('p2')]);
      expect(outcome.pages.map(({ last }) => last)).toEqual([false, false]);
      expect(failureIn(outcome)).toMatchObject({ remedy: 'fail', reason: 'limit' });
    });
  });

  it.each([2, 4])('that the server ignores is believed where %i entries came', async (more) => {
    const faults = [new IgnorePaging({ manager: P1 })];
    const few = team(1, reports(more - 1));
    await withOpen({ directory: few, faults }, paged, async ({ directory }) => {
      const { found, completed } = await expand(directory, [branch('p1')]);
      expect([found.length, completed]).toEqual([more, true]);
    });
  });

  it('that goes round in a circle ends, and is complete for nobody', async () => {
    const faults = [new RepeatCookie({ manager: P1 })];
    await withOpen({ directory: SEVEN, faults }, paged, async ({ directory }) => {
      const outcome = await expand(directory, [branch('p1')]);
      expect(failureIn(outcome)).toEqual({ remedy: 'split', reason: 'poison', resultCode: null });
      expect(outcome.completed).toBe(false);
    });
  });

  it('whose cookie the server forgot is asked again from the first page, on a new connection', async () => {
    const faults = [new InvalidCookie({ manager: P1, times: 1, page: 2 })];
    await withOpen({ directory: SEVEN, faults }, paged, async ({ directory, server }) => {
      const outcome = await expand(directory, [branch('p1')]);
      expect(failureIn(outcome)).toMatchObject({ remedy: 'retry', resultCode: 53 });
      const before = server.stats.connections;
      expect((await expand(directory, [branch('p1')])).found).toEqual(ALL_SEVEN);
      expect(server.stats.connections).toBe(before + 1);
    });
  });

  it('is not asked for where the page size is 0', async () => {
    await withOpen({ directory: SEVEN }, { pageSize: 0 }, async ({ directory, searches }) => {
      expect((await expand(directory, [branch('p1')])).completed).toBe(true);
      expect(searches.at(-1)?.pageSize).toBeUndefined();
    });
  });
});

describe('people who are found by their manager', () => {
  it('and come without one are not believed: whom they report to would be lost', async () => {
    const scripted = {
      answer: (peer: { send(...bytes: Buffer[]): void }, { id }: { id: number }) =>
        peer.send(entry(id, `uid=r1,${SUFFIX}`, [['uid', ['r1']]]), done(id)),
    };
    await withScripted(scripted, {}, async ({ directory }) => {
      await directory.open(new AbortController().signal);
      const outcome = await expand(directory, [branch('p1')]);
      expect(outcome.found).toEqual([]);
      expect(failureIn(outcome)).toMatchObject({ remedy: 'fail', reason: 'unreadable' });
    });
  });

  it('are kept where they show it, and the branch has failed for those who do not', async () => {
    const scripted = {
      answer: (peer: { send(...bytes: Buffer[]): void }, { id }: { id: number }) =>
        peer.send(
          ...['r1', 'r2', 'r3'].map((uid) =>
            entry(id, `uid=${uid},${SUFFIX}`, [
              ['uid', [uid]],
              ...(uid === 'r2' ? [] : ([['manager', [P1]]] as const)),
            ]),
          ),
          done(id),
        ),
    };
    await withScripted(scripted, {}, async ({ directory }) => {
      await directory.open(new AbortController().signal);
      const outcome = await expand(directory, [branch('p1')]);
      expect([outcome.found, outcome.completed]).toEqual([['r1', 'r3'], false]);
      expect(failureIn(outcome)).toMatchObject({ remedy: 'fail', reason: 'unreadable' });
    });
  });
});

describe('an entry whose DN is no valid UTF-8', () => {
  it('is kept, and never asked about', async () => {
    const bytes = Buffer.concat([
      Buffer.from('uid=caf'),
      Buffer.from([0xe9]),
      Buffer.from(`,${SUFFIX}`),
    ]);
    const scripted = {
      answer: (peer: { send(...bytes: Buffer[]): void }, { id }: { id: number }) =>
        peer.send(
          entry(id, bytes, [
            ['uid', ['cafe']],
            ['manager', [P1]],
          ]),
          done(id),
        ),
    };
    await withScripted(scripted, {}, async ({ directory }) => {
      await directory.open(new AbortController().signal);
      const { pages } = await expand(directory, [branch('p1')]);
      expect(pages[0]?.page.employees).toMatchObject([
        { link: null, linkKey: null, profile: { username: 'cafe' } },
      ]);
    });
  });
});
