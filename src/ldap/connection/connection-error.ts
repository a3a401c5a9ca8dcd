import type { FailureReason } from '../../domain/errors.ts';
import { tlsFaultOf } from './tls-faults.ts';

/** How a connection ended. What to do about it is the caller's to decide, by kind. */
export type ConnectionErrorKind =
  | 'refused'
  | 'unresolved'
  | 'unreachable'
  | 'connect-timeout'
  | 'timeout'
  | 'closed'
  | 'reset'
  | 'tls'
  | 'not-ldap'
  | 'protocol'
  | 'disconnected'
  | 'too-large'
  | 'aborted'
  | 'starttls';

/** The part of a connection's life in which an error arose. */
export type ConnectionStage = 'connect' | 'tls' | 'session';

/**
 * What becomes of the search whose connection ended so. `probe`: a new connection that answers puts the blame on the
 * search (split), one that cannot be had or does not answer is an outage.
 */
export type AfterConnectionError = 'probe' | 'outage' | 'fail';

interface Consequence {
  readonly next: AfterConnectionError;
  /** Of the branch that failed at last, if it comes to that. */
  readonly reason: FailureReason;
  readonly hint: string;
}

/** The one place that says what follows from each kind. */
export const CONSEQUENCES: Readonly<Record<ConnectionErrorKind, Consequence>> = {
  refused: {
    next: 'outage',
    reason: 'timeout',
    hint: 'Check the host and the port, and that the directory server is running.',
  },
  unresolved: {
    next: 'outage',
    reason: 'timeout',
    hint: 'Check the spelling of the host name, and the name servers of this machine.',
  },
  unreachable: {
    next: 'outage',
    reason: 'timeout',
    hint: 'Check the network, the routes and the firewalls between here and the server.',
  },
  'connect-timeout': {
    next: 'outage',
    reason: 'timeout',
    hint: 'Check the host, the port and the firewalls, or allow more time.',
  },
  timeout: {
    next: 'probe',
    reason: 'timeout',
    hint: 'The server may be overloaded: allow more time, or ask for smaller pages.',
  },
  closed: {
    next: 'probe',
    reason: 'poison',
    hint: 'Connect again; if it recurs, look into the log of the directory server.',
  },
  reset: {
    next: 'probe',
    reason: 'poison',
    hint: 'Connect again; if it recurs, look for a firewall or proxy that cuts connections.',
  },
  tls: {
    next: 'probe',
    reason: 'timeout',
    hint: 'Check the CA file, the host name in the certificate and that the port speaks TLS.',
  },
  'not-ldap': {
    next: 'probe',
    reason: 'poison',
    hint: 'Check the port: 389 is usual for ldap:// and StartTLS, 636 for ldaps://.',
  },
  protocol: {
    next: 'probe',
    reason: 'poison',
    hint: 'Check that nothing between here and the server changes the bytes; report the server.',
  },
  disconnected: {
    next: 'probe',
    reason: 'timeout',
    hint: 'The server ended the connection on purpose: its log tells why.',
  },
  'too-large': {
    next: 'fail',
    reason: 'limit',
    hint: 'Ask for smaller pages or fewer attributes.',
  },
  aborted: {
    next: 'probe',
    reason: 'timeout',
    hint: 'Run the same command again to continue.',
  },
  starttls: {
    next: 'outage',
    reason: 'timeout',
    hint: 'The server may not offer StartTLS: use ldaps://, or configure TLS on the server.',
  },
};

export interface ConnectionErrorOptions {
  readonly cause?: unknown;
  readonly hint?: string;
  readonly resultCode?: number;
}

/**
 * The connection, or the protocol on it, is dead. Never carries a password, a filter or a DN.
 * `resultCode` is the LDAP result code of a Notice of Disconnection or of a refused StartTLS.
 */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
  readonly kind: ConnectionErrorKind;
  readonly hint: string;
  readonly resultCode: number | undefined;

  constructor(kind: ConnectionErrorKind, message: string, options: ConnectionErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.hint = options.hint ?? CONSEQUENCES[kind].hint;
    this.resultCode = options.resultCode;
  }
}

type Meaning = readonly [ConnectionErrorKind, string];

const REFUSED: Meaning = ['refused', 'The connection was refused'];
const UNRESOLVED: Meaning = ['unresolved', 'The host name could not be resolved'];
const UNREACHABLE: Meaning = ['unreachable', 'The server cannot be reached'];
const RESET: Meaning = ['reset', 'The connection was reset'];
const NO_ANSWER: Meaning = ['timeout', 'The network stopped answering'];
const EXHAUSTED: Meaning = ['unreachable', 'This machine ran out of sockets or memory'];

/** Every code of Node, the resolver (getaddrinfo, EAI_…) and X.509 verification that may end a connection. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ...codes(REFUSED, 'ECONNREFUSED'),
  ...codes(UNRESOLVED, 'ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'ETIMEOUT', 'EREFUSED', 'EBADNAME'),
  ...codes(UNRESOLVED, 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME', 'EAI_ADDRFAMILY'),
  ...codes(UNRESOLVED, 'EAI_BADFLAGS', 'EAI_BADHINTS', 'EAI_CANCELED', 'EAI_FAMILY'),
  ...codes(UNRESOLVED, 'EAI_OVERFLOW', 'EAI_PROTOCOL', 'EAI_SERVICE', 'EAI_SOCKTYPE'),
  ...codes(UNREACHABLE, 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENONET'),
  ...codes(UNREACHABLE, 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EACCES', 'EPERM'),
  ...codes(EXHAUSTED, 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAI_MEMORY'),
  ...codes(NO_ANSWER, 'ETIMEDOUT'),
  ...codes(RESET, 'ECONNRESET', 'ECONNABORTED', 'ENETRESET', 'EPIPE', 'ENOTCONN', 'ESHUTDOWN'),
  ...codes(RESET, 'EOF', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'),
  ...codes(RESET, 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_SOCKET_CLOSED'),
]);

/** What OpenSSL's verification may find wrong with a certificate (X509_V_ERR_…, as Node spells them). */
const CERTIFICATE_CODES: ReadonlySet<string> = new Set([
  ...['CERT_CHAIN_TOO_LONG', 'CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'CERT_REJECTED'],
  ...['CERT_REVOKED', 'CERT_SIGNATURE_FAILURE', 'CERT_UNTRUSTED', 'CRL_HAS_EXPIRED'],
  ...['CRL_NOT_YET_VALID', 'CRL_SIGNATURE_FAILURE', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ...['ERROR_IN_CERT_NOT_AFTER_FIELD', 'ERROR_IN_CERT_NOT_BEFORE_FIELD'],
  ...['ERROR_IN_CRL_LAST_UPDATE_FIELD', 'ERROR_IN_CRL_NEXT_UPDATE_FIELD'],
  ...['HOSTNAME_MISMATCH', 'INVALID_CA', 'INVALID_PURPOSE', 'OUT_OF_MEM', 'PATH_LENGTH_EXCEEDED'],
  ...['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY'],
  ...['UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'UNABLE_TO_DECRYPT_CRL_SIGNATURE'],
  ...['UNABLE_TO_GET_CRL', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
/** The families that Node makes of OpenSSL's reasons: as many as OpenSSL has. */
const TLS_FAMILY = /^ERR_(?:SSL|TLS|OSSL)_/;

function codes(
  meaning: Meaning,
  ...names: readonly string[]
): readonly (readonly [string, Meaning])[] {
  return names.map((name) => [name, meaning]);
}

function isTlsCode(code: string): boolean {
  return TLS_FAMILY.test(code) || code === 'EPROTO' || CERTIFICATE_CODES.has(code);
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : '';
}

function meaningOf(code: string, stage: ConnectionStage): Meaning {
  const known = MEANINGS.get(code);
  if (known === NO_ANSWER && stage !== 'session') return ['connect-timeout', NO_ANSWER[1]];
  // A server that hangs up on a ClientHello speaks no TLS: it says so by a reset or an early end.
  const unusable: Meaning = ['tls', 'The TLS handshake failed'];
  if (stage === 'tls') return known === undefined || known === RESET ? unusable : known;
  if (known !== undefined) return known;
  if (isTlsCode(code)) return ['tls', 'The server ended the TLS session'];
  return stage === 'connect' ? UNREACHABLE : RESET;
}

/** Classifies what a socket emitted. `where` is the host and port, for the message. */
export function fromSocketError(
  error: unknown,
  stage: ConnectionStage,
  where: string,
): ConnectionError {
  if (error instanceof ConnectionError) return error;
  const code = codeOf(error);
  const [kind, text] = meaningOf(code, stage);
  const detail = code === '' ? '' : ` (${code})`;
  const fault = kind === 'tls' ? tlsFaultOf(code) : undefined;
  const what = fault === undefined ? text : `${text}, for ${fault.why}`;
  const hint = fault === undefined ? {} : { hint: fault.hint };
  return new ConnectionError(kind, `${what}: ${where}${detail}`, { cause: error, ...hint });
}
