import {
  DirectoryError,
  type FailureReason,
  type Remedy,
  SearchFailure,
} from '../domain/errors.ts';

/** LDAP result codes (RFC 4511 §4.1.9, appendix A) that something hangs on. */
export const ResultCode = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  authMethodNotSupported: 7,
  strongerAuthRequired: 8,
  referral: 10,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  confidentialityRequired: 13,
  noSuchObject: 32,
  invalidDnSyntax: 34,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  other: 80,
} as const;

type Meaning = readonly [Remedy, FailureReason, string];

/** What a result code of a search for reports means for its branches. */
const MEANINGS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [ResultCode.protocolError, ['split', 'poison', 'the server called the request malformed']],
  [ResultCode.timeLimitExceeded, ['fail', 'limit', 'the server reached its time limit']],
  [ResultCode.sizeLimitExceeded, ['fail', 'limit', 'the server reached its size limit']],
  [ResultCode.referral, ['fail', 'unreadable', 'the server referred to another one']],
  [
    ResultCode.adminLimitExceeded,
    [
      'fail',
      'limit',
      'the server reached an administrative limit; where it forbids paging, --page-size 0 helps',
    ],
  ],
  [ResultCode.unavailableCriticalExtension, ['fail', 'limit', 'the server does not page']],
  [ResultCode.noSuchObject, ['fail', 'unreadable', 'the base of the search is gone']],
  [ResultCode.invalidDnSyntax, ['fail', 'poison', 'the server does not understand the DN']],
  [ResultCode.insufficientAccessRights, ['fail', 'denied', 'access denied']],
  [ResultCode.busy, ['retry', 'timeout', 'the server is busy']],
  [ResultCode.unavailable, ['retry', 'timeout', 'the server is unavailable']],
  [ResultCode.unwillingToPerform, ['split', 'limit', 'the server is unwilling to perform']],
  [ResultCode.other, ['retry', 'timeout', 'the server reported an internal error']],
]);

/** A search for reports that ended with a code other than 0. Throws where no branch is at fault, but the credentials. */
export function searchFailure(code: number, diagnostic: string): SearchFailure {
  const refused = credentialsError(code, diagnostic);
  if (refused !== undefined) throw refused;
  const [remedy, reason, text] = MEANINGS.get(code) ?? [
    'fail',
    'unknown_code',
    'the server answered with a code that is not known here',
  ];
  return new SearchFailure(remedy, reason, `${text} (${code})`, { resultCode: code });
}

/** Active Directory's words for a request on a connection that is not bound ([MS-ADTS] §3.1.1.3.1.9). */
const AD_NOT_BOUND = '000004DC';

/** Codes that say that we may not ask at all. Trying again would lock the account. */
export function credentialsError(code: number, diagnostic: string): DirectoryError | undefined {
  switch (code) {
    case ResultCode.invalidCredentials:
    case ResultCode.inappropriateAuthentication:
    case ResultCode.authMethodNotSupported:
      return new DirectoryError(
        'credentials',
        `the directory refused the credentials (${code})`,
        'check --bind-dn and the password; nothing was tried again, so that no account gets locked',
      );
    case ResultCode.strongerAuthRequired:
    case ResultCode.confidentialityRequired:
      return new DirectoryError(
        'stronger-authentication',
        `the directory requires TLS or stronger authentication (${code})`,
        'use an ldaps:// URL or --starttls',
      );
    case ResultCode.operationsError:
      if (!diagnostic.includes(AD_NOT_BOUND)) return undefined;
      return new DirectoryError(
        'credentials',
        'the directory answers nobody who has not signed in',
        'give an account with --bind-dn and --bind-password-file',
      );
    default:
      return undefined;
  }
}

/** The entry does not exist, or nothing can by that name. */
export function isGone(code: number): boolean {
  return code === ResultCode.noSuchObject || code === ResultCode.invalidDnSyntax;
}
