/** What is wrong with a TLS connection, in words for a person. */
export interface TlsFault {
  /** Continues "The TLS handshake failed, for …". */
  readonly why: string;
  readonly hint: string;
}

const EXPIRED: TlsFault = {
  why: "the server's certificate has expired",
  hint: "Have the server's certificate renewed, and check the clock of this machine.",
};
const NOT_YET_VALID: TlsFault = {
  why: "the server's certificate is not valid yet",
  hint: 'Check the clock of this machine, and from when the certificate holds.',
};
const OTHER_HOST: TlsFault = {
  why: "the server's certificate is for another host name",
  hint: 'Use a host name of the certificate in --url, or give it with --tls-server-name.',
};
const SELF_SIGNED: TlsFault = {
  why: "the server's certificate is self-signed",
  hint: 'If it is the right server, give that certificate as the CA file (--ca-file).',
};
const UNKNOWN_CA: TlsFault = {
  why: "the server's certificate is of an authority that is not trusted here",
  hint: "Give the authority's certificate as the CA file (--ca-file).",
};
const REVOKED: TlsFault = {
  why: "the server's certificate was revoked",
  hint: "Have the server's certificate replaced.",
};
const OLD_PROTOCOL: TlsFault = {
  why: 'the server offers no TLS 1.2 or newer',
  hint: 'Older versions of TLS are not safe: have TLS 1.2 or newer enabled on the server.',
};
const NO_TLS: TlsFault = {
  why: 'the port does not speak TLS',
  hint: 'Check which port speaks TLS: 636 is usual for ldaps://; on 389, --starttls asks for it.',
};
const NO_COMMON_CIPHER: TlsFault = {
  why: 'the server shares no safe cipher with us',
  hint: 'Have current ciphers enabled on the server, and a certificate with a key that is not too short.',
};
/** Before TLS 1.3 one alert says both (RFC 5246 §7.4.6). */
const HANDSHAKE_REFUSED: TlsFault = {
  why: 'the server shares no safe cipher with us, or wants a client certificate',
  hint: 'If it wants one, give it with --cert-file and --key-file; else have current ciphers enabled on the server.',
};
const CLIENT_REFUSED: TlsFault = {
  why: 'the server does not accept our certificate',
  hint: 'Check --cert-file: when it ends, who issued it, and whether the server trusts that authority.',
};
const CLIENT_MISSING: TlsFault = {
  why: 'the server wants a client certificate',
  hint: 'Give one with --cert-file and --key-file.',
};

/** By what OpenSSL's verification (X509_V_ERR_…, as Node spells them) and its handshake (ERR_SSL_…) say. */
const FAULTS: ReadonlyMap<string, TlsFault> = new Map([
  ['CERT_HAS_EXPIRED', EXPIRED],
  ['CERT_NOT_YET_VALID', NOT_YET_VALID],
  ['ERR_TLS_CERT_ALTNAME_INVALID', OTHER_HOST],
  ['HOSTNAME_MISMATCH', OTHER_HOST],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', SELF_SIGNED],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNKNOWN_CA],
  ['UNABLE_TO_GET_ISSUER_CERT', UNKNOWN_CA],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNKNOWN_CA],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNKNOWN_CA],
  ['CERT_UNTRUSTED', UNKNOWN_CA],
  ['CERT_REVOKED', REVOKED],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', OLD_PROTOCOL],
  ['ERR_SSL_UNSUPPORTED_PROTOCOL', OLD_PROTOCOL],
  ['ERR_SSL_WRONG_VERSION_NUMBER', NO_TLS],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', NO_TLS],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', HANDSHAKE_REFUSED],
  ['ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY', NO_COMMON_CIPHER],
  ['ERR_SSL_EE_KEY_TOO_SMALL', NO_COMMON_CIPHER],
  ['ERR_SSL_DH_KEY_TOO_SMALL', NO_COMMON_CIPHER],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', CLIENT_REFUSED],
  ['ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE', CLIENT_REFUSED],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED', CLIENT_REFUSED],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED', CLIENT_REFUSED],
  ['ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN', CLIENT_REFUSED],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', CLIENT_REFUSED],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', CLIENT_MISSING],
]);

/** Undefined for what has no words of its own. */
export function tlsFaultOf(code: string): TlsFault | undefined {
  // OpenSSL 3.2 has renamed the alerts that are as old as SSL 3.0.
  return FAULTS.get(code.replace('_SSL/TLS_ALERT_', '_SSLV3_ALERT_'));
}
