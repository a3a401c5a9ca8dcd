// From result code to what happens next, entry by entry: what is expected is written here once more, not read from there.
import { describe, expect, test } from 'vitest';
import { DirectoryError, SearchFailure } from '../../src/domain/errors.ts';
import {
  type Circumstances,
  credentialsError,
  isGone,
  ResultCode,
  searchFailure,
} from '../../src/ldap/result-codes.ts';

const NOT_BOUND = '000004DC: LdapErr: DSID-0C090A5C, comment: a successful bind must be completed';

/** RFC 4511 §4.1.9, without the numbers that are reserved or unused. */
const RFC_4511 = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14],
  ...[16, 17, 18, 19, 20, 21, 32, 33, 34, 36],
  ...[48, 49, 50, 51, 52, 53, 54],
  ...[64, 65, 66, 67, 68, 69, 71, 80],
];

const FAILURES = [
  [1, 'split', 'unreadable', 'the server reported an operations error'],
  [2, 'split', 'poison', 'the server called the request malformed'],
  [3, 'fail', 'limit', 'the server reached its time limit'],
  [4, 'fail', 'limit', 'the server reached its size limit'],
  [5, 'fail', 'unknown_code', 'a code of another operation'],
  [6, 'fail', 'unknown_code', 'a code of another operation'],
  [10, 'fail', 'unreadable', 'the server referred to another one'],
  [11, 'fail', 'limit', 'an administrative limit, of pages or of entries looked at'],
  [12, 'fail', 'limit', 'the server does not page'],
  [14, 'fail', 'unknown_code', 'a code of another operation'],
  [16, 'fail', 'unknown_code', 'a code of another operation'],
  [17, 'fail', 'poison', 'the server does not know an attribute of the filter'],
  [18, 'fail', 'poison', 'the server cannot match by an attribute of the filter'],
  [19, 'fail', 'unknown_code', 'a code of another operation'],
  [20, 'fail', 'unknown_code', 'a code of another operation'],
  [21, 'fail', 'poison', 'the server does not understand a value of the filter'],
  [32, 'fail', 'unreadable', 'the base of the search is gone'],
  [33, 'fail', 'unreadable', 'an alias at the server leads nowhere'],
  [34, 'fail', 'poison', 'the server does not understand the DN'],
  [36, 'fail', 'unreadable', 'an alias at the server cannot be followed'],
  [50, 'fail', 'denied', 'access denied'],
  [51, 'retry', 'timeout', 'the server is busy'],
  [52, 'retry', 'timeout', 'the server is unavailable'],
  [53, 'split', 'limit', 'the server is unwilling to perform'],
  [54, 'fail', 'unreadable', 'the server went round in a circle'],
  [64, 'fail', 'unknown_code', 'a code of another operation'],
  [65, 'fail', 'unknown_code', 'a code of another operation'],
  [66, 'fail', 'unknown_code', 'a code of another operation'],
  [67, 'fail', 'unknown_code', 'a code of another operation'],
  [68, 'fail', 'unknown_code', 'a code of another operation'],
  [69, 'fail', 'unknown_code', 'a code of another operation'],
  [71, 'fail', 'unknown_code', 'a code of another operation'],
  [80, 'retry', 'timeout', 'the server reported an internal error'],
] as const;

/** Reserved, unused, of another RFC (118: canceled), and none at all. */
const UNKNOWN = [9, 15, 22, 31, 35, 37, 47, 55, 63, 70, 72, 79, 81, 118, 4096, 2_147_483_647, -1];

const STOPS = [
  [7, 'credentials', 'the directory refused the credentials (7)', '--bind-dn and the password'],
  [
    8,
    'stronger-authentication',
    'the directory requires TLS or stronger authentication (8)',
    'tls',
  ],
  [
    13,
    'stronger-authentication',
    'the directory requires TLS or stronger authentication (13)',
    'tls',
  ],
  [48, 'credentials', 'the directory refused the credentials (48)', '--bind-dn and the password'],
  [49, 'credentials', 'the directory refused the credentials (49)', '--bind-dn and the password'],
] as const;

/** Where the answer was to the cookie of an earlier page. */
const LOST_PLACE = new Map([
  [2, 'retry'],
  [53, 'retry'],
]);

describe('a search that ended with a result code', () => {
  test.each(FAILURES)('%i on the first page: %s, %s', (code, remedy, reason, text) => {
    const failure = failureOf(code);
    expect(failure).toMatchObject({ remedy, reason, resultCode: code });
    expect(failure.message).toContain(text);
    expect(failure.message).toMatch(new RegExp(`\\(${code}\\)$`));
  });

  test.each(FAILURES)('%i on a later page', (code, remedy) => {
    const later = failureOf(code, '', { laterPage: true, bound: true });
    expect(later).toMatchObject({ remedy: LOST_PLACE.get(code) ?? remedy, resultCode: code });
  });

  test.each(UNKNOWN)('%i, which nobody knows: the branch failed, with its number', (code) => {
    for (const laterPage of [false, true]) {
      const failure = failureOf(code, 'whatever', { laterPage, bound: true });
      expect(failure).toMatchObject({ remedy: 'fail', reason: 'unknown_code', resultCode: code });
      expect(failure.message).toMatch(new RegExp(`not known here \\(${code}\\)$`));
    }
  });

  test.each(STOPS)('%i stops the crawl: %s', (code, kind, message, hint) => {
    for (const circumstances of [{}, { bound: true }, { laterPage: true, bound: true }]) {
      const stop = stopOf(() => searchFailure(code, '', circumstances));
      expect(stop).toMatchObject({ code: kind, message, exitCode: 6 });
      expect(stop.hint).toContain(hint);
    }
  });

  test.each(STOPS)('%i in mid-crawl: what was read is kept', (code) => {
    const kept = 'what was read is kept, and the same command then continues';
    expect(stopOf(() => searchFailure(code, '', { bound: true })).hint).toContain(kept);
    expect(stopOf(() => searchFailure(code, '')).hint).not.toContain('kept');
  });
});

describe('a search on a connection that is not bound, by the words of Active Directory (1 with 000004DC)', () => {
  test('is repeated on a new connection, where this one had signed in', () => {
    const failure = failureOf(1, NOT_BOUND, { bound: true });
    expect(failure).toMatchObject({ remedy: 'retry', reason: 'denied', resultCode: 1 });
    expect(failureOf(1, NOT_BOUND, { bound: true, laterPage: true }).remedy).toBe('retry');
  });

  test('is a matter of credentials where it had not', () => {
    const stop = stopOf(() => searchFailure(1, NOT_BOUND));
    expect(stop).toMatchObject({
      code: 'credentials',
      message: 'the directory answers nobody who has not signed in',
      hint: 'give an account with --bind-dn and --bind-password-file',
    });
  });
});

describe('a bind', () => {
  test.each(STOPS)('that ends with %i is not tried again: %s', (code, kind, message) => {
    expect(credentialsError(code, '')).toMatchObject({ code: kind, message });
    expect(credentialsError(code, '', { bound: true })?.hint).toContain('what was read is kept');
  });

  test.each([7, 48, 49])('by certificate that ends with %i blames no password', (code) => {
    for (const bound of [false, true]) {
      const hint = credentialsError(code, '', { bound, external: true })?.hint ?? '';
      expect(hint).toMatch(/^check --cert-file and --key-file, .* or sign in with --bind-dn/);
      expect(hint).not.toContain('password');
    }
  });

  test.each([...FAILURES.map(([code]) => code), ...UNKNOWN])('that ends with %i may be', (code) => {
    expect(credentialsError(code, '')).toBeUndefined();
  });
});

describe('the table', () => {
  const told = [0, ...FAILURES.map(([code]) => code), ...STOPS.map(([code]) => code)];

  test('has every code of RFC 4511, and so have the expectations', () => {
    const known: readonly number[] = Object.values(ResultCode);
    expect(known.toSorted(ascending)).toEqual(RFC_4511);
    expect(told.toSorted(ascending)).toEqual(RFC_4511);
  });

  test('says something of its own of every code that RFC 4511 has', () => {
    const unknown = told.filter((code) => /not known here/.test(wordsOf(code)));
    expect(unknown).toEqual([]);
  });

  test('says of 32 and 34 alone that nothing is there', () => {
    expect([...told, ...UNKNOWN].filter(isGone)).toEqual([32, 34]);
  });
});

function failureOf(
  code: number,
  diagnostic = '',
  circumstances: Circumstances = {},
): SearchFailure {
  const failure = searchFailure(code, diagnostic, circumstances);
  expect(failure).toBeInstanceOf(SearchFailure);
  return failure;
}

function stopOf(use: () => unknown): DirectoryError {
  try {
    use();
  } catch (error) {
    if (error instanceof DirectoryError) return error;
  }
  throw new Error('Expected a DirectoryError');
}

function wordsOf(code: number): string {
  if (code === 0) return '';
  return credentialsError(code, '')?.message ?? failureOf(code).message;
}

function ascending(a: number, b: number): number {
  return a - b;
}
