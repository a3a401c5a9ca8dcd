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

const HINTS: Readonly<Record<ConnectionErrorKind, string>> = {
  refused: 'Check the host and the port, and that the directory server is running.',
  unresolved: 'Check the spelling of the host name, and the name servers of this machine.',
  unreachable: 'Check the network, the routes and the firewalls between here and the server.',
  'connect-timeout': 'Check the host, the port and the firewalls, or allow more time.',
  timeout: 'The server may be overloaded: allow more time, or ask for smaller pages.',
  closed: 'Connect again; if it recurs, look into the log of the directory server.',
  reset: 'Connect again; if it recurs, look for a firewall or proxy that cuts connections.',
  tls: 'Check the CA file, the host name in the certificate and that the port speaks TLS.',
  'not-ldap': 'Check the port: 389 is usual for ldap:// and StartTLS, 636 for ldaps://.',
  protocol: 'Check that nothing between here and the server changes the bytes; report the server.',
  disconnected: 'The server ended the connection on purpose: its log tells why.',
  'too-large': 'Ask for smaller pages or fewer attributes.',
  aborted: 'Run the same command again to continue.',
  starttls: 'The server may not offer StartTLS: use ldaps://, or configure TLS on the server.',
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
    this.hint = options.hint ?? HINTS[kind];
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

/** Every Node and resolver code with a meaning of its own; TLS codes are told by `isTlsCode`. */
const MEANINGS: ReadonlyMap<string, Meaning> = new Map([
  ['ECONNREFUSED', REFUSED],
  ['ENOTFOUND', UNRESOLVED],
  ['EAI_AGAIN', UNRESOLVED],
  ['EAI_FAIL', UNRESOLVED],
  ['EAI_NODATA', UNRESOLVED],
  ['EAI_NONAME', UNRESOLVED],
  ['ENODATA', UNRESOLVED],
  ['EHOSTUNREACH', UNREACHABLE],
  ['EHOSTDOWN', UNREACHABLE],
  ['ENETUNREACH', UNREACHABLE],
  ['ENETDOWN', UNREACHABLE],
  ['ENONET', UNREACHABLE],
  ['EADDRNOTAVAIL', UNREACHABLE],
  ['EAFNOSUPPORT', UNREACHABLE],
  ['EACCES', UNREACHABLE],
  ['EPERM', UNREACHABLE],
  ['EMFILE', EXHAUSTED],
  ['ENFILE', EXHAUSTED],
  ['ENOBUFS', EXHAUSTED],
  ['ENOMEM', EXHAUSTED],
  ['ETIMEDOUT', NO_ANSWER],
  ['ECONNRESET', RESET],
  ['ECONNABORTED', RESET],
  ['EPIPE', RESET],
  ['ENOTCONN', RESET],
  ['ERR_STREAM_DESTROYED', RESET],
  ['ERR_STREAM_WRITE_AFTER_END', RESET],
]);

/** Codes of X.509 verification (OpenSSL's X509_V_ERR_… without the prefix, as Node reports them). */
const CERTIFICATE_CODE =
  /^(?:CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_|HOSTNAME_MISMATCH|ERROR_IN_)/;

function isTlsCode(code: string): boolean {
  return /^ERR_(?:SSL|TLS|OSSL)/.test(code) || code === 'EPROTO' || CERTIFICATE_CODE.test(code);
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
  return new ConnectionError(kind, `${text}: ${where}${detail}`, { cause: error });
}
