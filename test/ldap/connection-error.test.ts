import { describe, expect, it } from 'vitest';
import { ConnectionError, fromSocketError } from '../../src/ldap/connection/connection-error.ts';

function errorWith(code: string): Error {
  return Object.assign(new Error('from Node'), { code });
}

describe('the kind of a socket error', () => {
  it.each([
    ['ECONNREFUSED', 'connect', 'refused'],
    ['ENOTFOUND', 'connect', 'unresolved'],
    ['EAI_AGAIN', 'connect', 'unresolved'],
    ['EHOSTUNREACH', 'connect', 'unreachable'],
    ['ENETUNREACH', 'connect', 'unreachable'],
    ['EMFILE', 'connect', 'unreachable'],
    ['ETIMEDOUT', 'connect', 'connect-timeout'],
    ['ETIMEDOUT', 'session', 'timeout'],
    ['ECONNRESET', 'session', 'reset'],
    ['EPIPE', 'session', 'reset'],
    ['ECONNRESET', 'tls', 'tls'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'tls'],
    ['CERT_HAS_EXPIRED', 'tls', 'tls'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'tls'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'tls'],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'session', 'tls'],
    ['EWHATEVER', 'connect', 'unreachable'],
    ['EWHATEVER', 'session', 'reset'],
  ] as const)('%s while in stage %s is %s', (code, stage, kind) => {
    const error = fromSocketError(errorWith(code), stage, 'host:389');
    expect(error.kind).toBe(kind);
    expect(error.message).toContain('host:389');
    expect(error.message).toContain(code);
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.hint).not.toBe('');
  });

  it('is found where Node tried several addresses', () => {
    const inner = [errorWith('ECONNREFUSED'), errorWith('ENETUNREACH')];
    const error = fromSocketError(new AggregateError(inner), 'connect', 'host:389');
    expect(error.kind).toBe('refused');
  });

  it('stays what it is when it is known already', () => {
    const known = new ConnectionError('not-ldap', 'x');
    expect(fromSocketError(known, 'session', 'host:389')).toBe(known);
  });

  it('carries a result code only where there is one', () => {
    expect(new ConnectionError('closed', 'x').resultCode).toBeUndefined();
    expect(new ConnectionError('disconnected', 'x', { resultCode: 52 }).resultCode).toBe(52);
  });
});
