// From how a connection ended to what happens next, entry by entry: what is expected is written here once more.
import { getSystemErrorMap } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  CONSEQUENCES,
  ConnectionError,
  type ConnectionStage,
  fromSocketError,
} from '../../src/ldap/connection/connection-error.ts';

const STAGES: readonly ConnectionStage[] = ['connect', 'tls', 'session'];

/** Code of Node → kind while connecting, in the TLS handshake, and in a session. */
const CODES = [
  [['ECONNREFUSED'], 'refused', 'refused', 'refused'],
  [
    ['ENOTFOUND', 'ENODATA', 'ESERVFAIL', 'ETIMEOUT', 'EREFUSED', 'EBADNAME'],
    ...(['unresolved', 'unresolved', 'unresolved'] as const),
  ],
  [
    ['EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME', 'EAI_ADDRFAMILY', 'EAI_BADFLAGS'],
    ...(['unresolved', 'unresolved', 'unresolved'] as const),
  ],
  [
    ['EAI_BADHINTS', 'EAI_CANCELED', 'EAI_FAMILY', 'EAI_OVERFLOW', 'EAI_PROTOCOL'],
    ...(['unresolved', 'unresolved', 'unresolved'] as const),
  ],
  [['EAI_SERVICE', 'EAI_SOCKTYPE'], 'unresolved', 'unresolved', 'unresolved'],
  [
    ['EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH', 'ENETDOWN', 'ENONET'],
    ...(['unreachable', 'unreachable', 'unreachable'] as const),
  ],
  [
    ['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EACCES', 'EPERM'],
    ...(['unreachable', 'unreachable', 'unreachable'] as const),
  ],
  [
    ['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'EAI_MEMORY'],
    ...(['unreachable', 'unreachable', 'unreachable'] as const),
  ],
  [['ETIMEDOUT'], 'connect-timeout', 'connect-timeout', 'timeout'],
  // A server that hangs up on a ClientHello speaks no TLS.
  [['ECONNRESET', 'ECONNABORTED', 'ENETRESET', 'EPIPE', 'ENOTCONN'], 'reset', 'tls', 'reset'],
  [['ESHUTDOWN', 'EOF', 'ERR_SOCKET_CLOSED'], 'reset', 'tls', 'reset'],
  [
    ['ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END', 'ERR_STREAM_PREMATURE_CLOSE'],
    ...(['reset', 'tls', 'reset'] as const),
  ],
  [['EPROTO', 'ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_TLS_CERT_ALTNAME_INVALID'], 'tls', 'tls', 'tls'],
  [['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ERR_OSSL_BAD_DECRYPT'], 'tls', 'tls', 'tls'],
  [['CERT_CHAIN_TOO_LONG', 'CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'], 'tls', 'tls', 'tls'],
  [['CERT_REJECTED', 'CERT_REVOKED', 'CERT_SIGNATURE_FAILURE'], 'tls', 'tls', 'tls'],
  [['CERT_UNTRUSTED', 'CRL_HAS_EXPIRED', 'CRL_NOT_YET_VALID'], 'tls', 'tls', 'tls'],
  [['CRL_SIGNATURE_FAILURE', 'DEPTH_ZERO_SELF_SIGNED_CERT'], 'tls', 'tls', 'tls'],
  [['ERROR_IN_CERT_NOT_AFTER_FIELD', 'ERROR_IN_CERT_NOT_BEFORE_FIELD'], 'tls', 'tls', 'tls'],
  [['ERROR_IN_CRL_LAST_UPDATE_FIELD', 'ERROR_IN_CRL_NEXT_UPDATE_FIELD'], 'tls', 'tls', 'tls'],
  [['HOSTNAME_MISMATCH', 'INVALID_CA', 'INVALID_PURPOSE', 'OUT_OF_MEM'], 'tls', 'tls', 'tls'],
  [['PATH_LENGTH_EXCEEDED', 'SELF_SIGNED_CERT_IN_CHAIN'], 'tls', 'tls', 'tls'],
  [['UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY', 'UNABLE_TO_GET_CRL'], 'tls', 'tls', 'tls'],
  [['UNABLE_TO_DECRYPT_CERT_SIGNATURE', 'UNABLE_TO_DECRYPT_CRL_SIGNATURE'], 'tls', 'tls', 'tls'],
  [['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'], 'tls', 'tls', 'tls'],
  [['UNABLE_TO_VERIFY_LEAF_SIGNATURE'], 'tls', 'tls', 'tls'],
  // What nobody knows.
  [['EWHATEVER', ''], 'unreachable', 'tls', 'reset'],
] as const;

const EACH_CODE = CODES.flatMap(([codes, ...kinds]) =>
  codes.flatMap((code) => STAGES.map((stage, n) => ({ code, stage, kind: kinds[n] }))),
);

describe('a socket error', () => {
  test.each(EACH_CODE)('$code while in stage $stage is $kind', ({ code, stage, kind }) => {
    const error = fromSocketError(errorWith(code), stage, 'host:389');
    expect(error.kind).toBe(kind);
    expect(error.message).toContain('host:389');
    expect(error.message).toContain(code);
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.hint).not.toBe('');
  });

  test('of the resolver is known, whichever getaddrinfo may give', () => {
    const codes = [...getSystemErrorMap().values()].map(([code]) => code);
    const told: readonly string[] = CODES.flatMap(([each]) => each);
    const ofResolver = codes.filter((code) => code.startsWith('EAI_'));
    expect(ofResolver.length).toBeGreaterThan(10);
    expect(ofResolver.filter((code) => !told.includes(code))).toEqual([]);
  });

  test('is found where Node tried several addresses', () => {
    const inner = [errorWith('ECONNREFUSED'), errorWith('ENETUNREACH')];
    const error = fromSocketError(new AggregateError(inner), 'connect', 'host:389');
    expect(error.kind).toBe('refused');
  });

  test('stays what it is when it is known already', () => {
    const known = new ConnectionError('not-ldap', 'x');
    expect(fromSocketError(known, 'session', 'host:389')).toBe(known);
  });
});

const KINDS = [
  ['refused', 'outage', 'timeout'],
  ['unresolved', 'outage', 'timeout'],
  ['unreachable', 'outage', 'timeout'],
  ['connect-timeout', 'outage', 'timeout'],
  ['starttls', 'outage', 'timeout'],
  ['timeout', 'probe', 'timeout'],
  ['closed', 'probe', 'poison'],
  ['reset', 'probe', 'poison'],
  ['disconnected', 'probe', 'timeout'],
  ['tls', 'probe', 'timeout'],
  ['aborted', 'probe', 'timeout'],
  ['protocol', 'probe', 'poison'],
  ['not-ldap', 'probe', 'poison'],
  ['too-large', 'fail', 'limit'],
] as const;

describe('a search whose connection ended', () => {
  test.each(KINDS)('by %s: %s, %s', (kind, next, reason) => {
    expect(CONSEQUENCES[kind]).toMatchObject({ next, reason });
    expect(new ConnectionError(kind, 'x').hint).toMatch(/^[A-Z].*\.$/);
  });

  test('has no kind of end that these expectations leave out', () => {
    expect(KINDS.map(([kind]) => kind).toSorted()).toEqual(Object.keys(CONSEQUENCES).toSorted());
  });
});

test('an error carries a result code only where there is one', () => {
  expect(new ConnectionError('closed', 'x').resultCode).toBeUndefined();
  expect(new ConnectionError('disconnected', 'x', { resultCode: 52 }).resultCode).toBe(52);
});

function errorWith(code: string): Error {
  return Object.assign(new Error('from Node'), { code });
}
