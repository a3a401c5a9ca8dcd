import {
  DirectoryError,
  type DirectoryErrorCode,
  type FailureReason,
  type Remedy,
  SearchFailure,
} from '../domain/errors.ts';

/** Every LDAP result code of RFC 4511 §4.1.9 (appendix A tells what each means). */
export const ResultCode = {
  success: 0,
  operationsError: 1,
  protocolError: 2,
  timeLimitExceeded: 3,
  sizeLimitExceeded: 4,
  compareFalse: 5,
  compareTrue: 6,
  authMethodNotSupported: 7,
  strongerAuthRequired: 8,
  referral: 10,
  adminLimitExceeded: 11,
  unavailableCriticalExtension: 12,
  confidentialityRequired: 13,
  saslBindInProgress: 14,
  noSuchAttribute: 16,
  undefinedAttributeType: 17,
  inappropriateMatching: 18,
  constraintViolation: 19,
  attributeOrValueExists: 20,
  invalidAttributeSyntax: 21,
  noSuchObject: 32,
  aliasProblem: 33,
  invalidDnSyntax: 34,
  aliasDereferencingProblem: 36,
  inappropriateAuthentication: 48,
  invalidCredentials: 49,
  insufficientAccessRights: 50,
  busy: 51,
  unavailable: 52,
  unwillingToPerform: 53,
  loopDetect: 54,
  namingViolation: 64,
  objectClassViolation: 65,
  notAllowedOnNonLeaf: 66,
  notAllowedOnRdn: 67,
  entryAlreadyExists: 68,
  objectClassModsProhibited: 69,
  affectsMultipleDsas: 71,
  other: 80,
} as const;

type KnownCode = (typeof ResultCode)[keyof typeof ResultCode];

/** Why nothing may be asked any more. Trying again would change nothing, or lock the account. */
type Stop = 'credentials' | 'nobody' | 'stronger-authentication';

/** What a code of a search means for its branches, why they failed where it is repeated, and in words. */
interface Meaning {
  readonly next: Remedy | Stop;
  readonly reason: FailureReason;
  readonly text: string;
  /** Where it answers the cookie of an earlier page: the server has lost its place, and the search is to begin anew. */
  readonly onLaterPage?: Meaning;
}

/** What the answer was to: it decides where a code alone does not. */
export interface Circumstances {
  /** A cookie had been sent. */
  readonly laterPage?: boolean;
  /** In mid-crawl, on a connection that had signed in; of a bind: an earlier one had succeeded. */
  readonly bound?: boolean;
  /** Of a bind: by certificate, without account and password. */
  readonly external?: boolean;
}

const CREDENTIALS = meaning('credentials', 'denied', 'the directory refused the credentials');
const TOO_WEAK = meaning(
  'stronger-authentication',
  'denied',
  'the directory requires TLS or stronger authentication',
);
const LOST_PLACE = meaning('retry', 'limit', 'the server lost its place in the paged search');
const NOT_OF_A_SEARCH = meaning(
  'fail',
  'unknown_code',
  'the server answered a search with a code of another operation',
);
const UNKNOWN = meaning(
  'fail',
  'unknown_code',
  'the server answered with a code that is not known here',
);

/** The one place that says what follows from a result code. Numbers that are not in it are `UNKNOWN`. */
const MEANINGS: Readonly<Record<Exclude<KnownCode, 0>, Meaning>> = {
  // Out of sequence with other operations: on a new connection there are none.
  [ResultCode.operationsError]: meaning(
    'split',
    'unreadable',
    'the server reported an operations error',
  ),
  [ResultCode.protocolError]: {
    ...meaning('split', 'poison', 'the server called the request malformed'),
    onLaterPage: LOST_PLACE,
  },
  [ResultCode.timeLimitExceeded]: meaning('fail', 'limit', 'the server reached its time limit'),
  [ResultCode.sizeLimitExceeded]: meaning('fail', 'limit', 'the server reached its size limit'),
  [ResultCode.compareFalse]: NOT_OF_A_SEARCH,
  [ResultCode.compareTrue]: NOT_OF_A_SEARCH,
  [ResultCode.authMethodNotSupported]: CREDENTIALS,
  [ResultCode.strongerAuthRequired]: TOO_WEAK,
  [ResultCode.referral]: meaning('fail', 'unreadable', 'the server referred to another one'),
  [ResultCode.adminLimitExceeded]: meaning(
    'fail',
    'limit',
    'the server reached an administrative limit, of pages or of entries looked at',
  ),
  [ResultCode.unavailableCriticalExtension]: meaning('fail', 'limit', 'the server does not page'),
  [ResultCode.confidentialityRequired]: TOO_WEAK,
  [ResultCode.saslBindInProgress]: NOT_OF_A_SEARCH,
  [ResultCode.noSuchAttribute]: NOT_OF_A_SEARCH,
  [ResultCode.undefinedAttributeType]: meaning(
    'fail',
    'poison',
    'the server does not know an attribute of the filter',
  ),
  [ResultCode.inappropriateMatching]: meaning(
    'fail',
    'poison',
    'the server cannot match by an attribute of the filter',
  ),
  [ResultCode.constraintViolation]: NOT_OF_A_SEARCH,
  [ResultCode.attributeOrValueExists]: NOT_OF_A_SEARCH,
  [ResultCode.invalidAttributeSyntax]: meaning(
    'fail',
    'poison',
    'the server does not understand a value of the filter',
  ),
  [ResultCode.noSuchObject]: meaning('fail', 'unreadable', 'the base of the search is gone'),
  [ResultCode.aliasProblem]: meaning('fail', 'unreadable', 'an alias at the server leads nowhere'),
  [ResultCode.invalidDnSyntax]: meaning('fail', 'poison', 'the server does not understand the DN'),
  [ResultCode.aliasDereferencingProblem]: meaning(
    'fail',
    'unreadable',
    'an alias at the server cannot be followed',
  ),
  [ResultCode.inappropriateAuthentication]: CREDENTIALS,
  [ResultCode.invalidCredentials]: CREDENTIALS,
  [ResultCode.insufficientAccessRights]: meaning('fail', 'denied', 'access denied'),
  [ResultCode.busy]: meaning('retry', 'timeout', 'the server is busy'),
  [ResultCode.unavailable]: meaning('retry', 'timeout', 'the server is unavailable'),
  [ResultCode.unwillingToPerform]: {
    ...meaning('split', 'limit', 'the server is unwilling to perform'),
    onLaterPage: LOST_PLACE,
  },
  [ResultCode.loopDetect]: meaning('fail', 'unreadable', 'the server went round in a circle'),
  [ResultCode.namingViolation]: NOT_OF_A_SEARCH,
  [ResultCode.objectClassViolation]: NOT_OF_A_SEARCH,
  [ResultCode.notAllowedOnNonLeaf]: NOT_OF_A_SEARCH,
  [ResultCode.notAllowedOnRdn]: NOT_OF_A_SEARCH,
  [ResultCode.entryAlreadyExists]: NOT_OF_A_SEARCH,
  [ResultCode.objectClassModsProhibited]: NOT_OF_A_SEARCH,
  [ResultCode.affectsMultipleDsas]: NOT_OF_A_SEARCH,
  [ResultCode.other]: meaning('retry', 'timeout', 'the server reported an internal error'),
};

/** Active Directory's words for a request on a connection that is not bound ([MS-ADTS] §3.1.1.3.1.9). */
const AD_NOT_BOUND = '000004DC';
const SIGNED_OUT = meaning(
  'retry',
  'denied',
  'the server forgot that the connection had signed in',
);
const NOT_SIGNED_IN = meaning(
  'nobody',
  'denied',
  'the directory answers nobody who has not signed in',
);

interface Refusal {
  readonly code: DirectoryErrorCode;
  readonly hint: string;
}

const REFUSALS: Readonly<Record<Stop, Refusal>> = {
  credentials: {
    code: 'credentials',
    hint: 'check --bind-dn and the password; nothing was tried again, so that no account gets locked',
  },
  nobody: {
    code: 'credentials',
    hint: 'give an account with --bind-dn and --bind-password-file',
  },
  'stronger-authentication': {
    code: 'stronger-authentication',
    hint: 'use an ldaps:// URL or --starttls',
  },
};

/** A server that asks for no certificate does not offer EXTERNAL (7); one that knows nobody by it may answer 48 or 49. */
const EXTERNAL_HINT =
  'check --cert-file and --key-file, and that the server asks for client certificates and knows this one; or sign in with --bind-dn';

/** What was read is kept by then, and the person must not fear for it. */
const IN_MID_CRAWL = '; what was read is kept, and the same command then continues';

/**
 * What a search that ended with `code`, which is not 0, means for its branches.
 * @throws {DirectoryError} where no branch is at fault, but the credentials
 */
export function searchFailure(
  code: number,
  diagnostic: string,
  circumstances: Circumstances = {},
): SearchFailure {
  const { next, reason, text } = meaningOf(code, diagnostic, circumstances);
  if (isStop(next)) throw refusal(next, text, code, circumstances);
  return new SearchFailure(next, reason, `${text} (${code})`, { resultCode: code });
}

/** The error of a code that says that we may not ask at all; undefined: it is another one. */
export function credentialsError(
  code: number,
  diagnostic: string,
  circumstances: Circumstances = {},
): DirectoryError | undefined {
  const { next, text } = meaningOf(code, diagnostic, circumstances);
  return isStop(next) ? refusal(next, text, code, circumstances) : undefined;
}

/** The server has no time for us now: nothing is wrong with the connection, or with what was asked. */
export function isPassing(code: number | null): boolean {
  return code === ResultCode.busy || code === ResultCode.unavailable || code === ResultCode.other;
}

/** The entry does not exist, or nothing can by that name. */
export function isGone(code: number): boolean {
  return code === ResultCode.noSuchObject || code === ResultCode.invalidDnSyntax;
}

/** The server has too much to do: it answers, and wants to be asked less. */
export function isBusy(code: number | undefined): boolean {
  return code === ResultCode.busy || code === ResultCode.unavailable;
}

function meaning(next: Meaning['next'], reason: FailureReason, text: string): Meaning {
  return { next, reason, text };
}

function meaningOf(code: number, diagnostic: string, circumstances: Circumstances): Meaning {
  const { laterPage = false, bound = false } = circumstances;
  if (code === ResultCode.operationsError && diagnostic.includes(AD_NOT_BOUND)) {
    return bound ? SIGNED_OUT : NOT_SIGNED_IN;
  }
  const meant = isKnown(code) ? MEANINGS[code] : UNKNOWN;
  return (laterPage ? meant.onLaterPage : undefined) ?? meant;
}

function isKnown(code: number): code is keyof typeof MEANINGS {
  return Object.hasOwn(MEANINGS, code);
}

function isStop(next: Meaning['next']): next is Stop {
  return Object.hasOwn(REFUSALS, next);
}

function refusal(
  stop: Stop,
  text: string,
  code: number,
  { bound, external = false }: Circumstances,
): DirectoryError {
  const { code: kind, hint: usual } = REFUSALS[stop];
  const hint = stop === 'credentials' && external ? EXTERNAL_HINT : usual;
  const number = stop === 'nobody' ? '' : ` (${code})`;
  return new DirectoryError(kind, `${text}${number}`, bound ? hint + IN_MID_CRAWL : hint);
}
