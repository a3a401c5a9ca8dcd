import { X509Certificate } from 'node:crypto';
import { isIP, type Socket } from 'node:net';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { MessageFramer } from '../messages/framing.ts';
import {
  decodeMessage,
  decodeResponseName,
  decodeResult,
  type Message,
  NOTICE_OF_DISCONNECTION_OID,
  Response,
} from '../messages/message.ts';
import { startTlsRequest } from '../messages/requests.ts';
import { ConnectionError } from './connection-error.ts';
import { trustedCertificates } from './trusted.ts';

/** Verification is always on, with TLS 1.2 or newer. */
export interface TlsOptions {
  /** PEM, or one certificate as DER. Instead of the CAs that Node and the system know, not added to them. */
  readonly ca?: Buffer;
  /** PEM; with `key`, for a bind by certificate (EXTERNAL). */
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** The name that the certificate must carry, where it differs from the host of the URL. */
  readonly serverName?: string;
}

const START_TLS_ID = 1;
/** The answer to StartTLS is a few dozen bytes. */
const MAX_START_TLS_BYTES = 64 * 1024;

/** Of one crawl all connections have the same options: to read hundreds of CAs for each would take longer than to connect. */
const contexts = new WeakMap<TlsOptions, SecureContext>();

/**
 * Reads CA, certificate and key, before anything is sent. What `options` hold is read once.
 * @throws {ConnectionError} `tls`
 */
export function secureContext(options: TlsOptions): SecureContext {
  try {
    const context = contexts.get(options) ?? createContext(options);
    contexts.set(options, context);
    // Each time, since it may expire in mid-crawl.
    if (options.cert !== undefined) assertLasting(new X509Certificate(options.cert));
    return context;
  } catch (cause) {
    throw cause instanceof ConnectionError ? cause : unusableFiles(cause);
  }
}

function createContext({ ca, cert, key }: TlsOptions): SecureContext {
  const trusted = ca === undefined ? trustedCertificates() : [caAsPem(ca)];
  const authorities = trusted && { ca: [...trusted] };
  const own = { ...(cert && { cert }), ...(key && { key }) };
  return createSecureContext({ ...authorities, ...own, minVersion: 'TLSv1.2' });
}

/** Many a server only hangs up on it. */
function assertLasting({ validFrom, validTo }: X509Certificate): void {
  const [now, from, to] = [new Date(), new Date(validFrom), new Date(validTo)];
  if (from <= now && now <= to) return;
  const when =
    now > to ? `has expired on ${to.toISOString()}` : `is not valid before ${from.toISOString()}`;
  const hint = 'Have the certificate of --cert-file renewed, and check the clock of this machine.';
  throw new ConnectionError('tls', `The client certificate ${when}`, { hint });
}

const KEYS: ReadonlyMap<unknown, readonly [message: string, hint: string]> = new Map([
  [
    'ERR_OSSL_X509_KEY_VALUES_MISMATCH',
    [
      'The private key does not belong to the client certificate',
      'Give the key to --key-file with which the certificate of --cert-file was asked for.',
    ],
  ],
  [
    'ERR_OSSL_BAD_DECRYPT',
    [
      'The private key of the client certificate is encrypted',
      'Give a key without a pass phrase to --key-file, in a file that nobody else can read.',
    ],
  ],
]);

function unusableFiles(cause: unknown): ConnectionError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const [message, hint] = KEYS.get(code) ?? [
    'The client certificate cannot be used',
    'Check that certificate and key are PEM files, and belong together.',
  ];
  return new ConnectionError('tls', message, { cause, hint });
}

/** Node ignores a CA that it cannot read; that would show as a puzzling "unknown CA" later. */
function caAsPem(ca: Buffer): string {
  try {
    const first = new X509Certificate(ca);
    return ca.includes('-----BEGIN ') ? ca.toString('latin1') : first.toString();
  } catch (cause) {
    const hint = 'Expected a file with certificates in PEM form.';
    throw new ConnectionError('tls', 'The CA file holds no certificate', { cause, hint });
  }
}

/** Starts the handshake on a connected socket; `secureConnect` tells that the server is verified. */
export function startHandshake(
  socket: Socket,
  host: string,
  context: SecureContext,
  serverName?: string,
): TLSSocket {
  const name = serverName ?? host;
  // `host` is what the certificate is checked against; an address must not be sent as SNI (RFC 6066).
  const sni = isIP(name) === 0 ? { servername: name } : {};
  // Explicit, since NODE_TLS_REJECT_UNAUTHORIZED=0 changes the default.
  const verified = { rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
  return connect({ socket, host: name, secureContext: context, ...sni, ...verified });
}

/**
 * Asks for TLS on a fresh plain connection (RFC 4511 §4.14) and resolves when the server agreed.
 * The caller listens for `error` and `close`, and puts the deadline. Plain bytes behind the answer
 * are refused: someone in between could have put them there, to be taken for encrypted ones.
 */
export function requestStartTls(socket: Socket): Promise<void> {
  const framer = new MessageFramer(MAX_START_TLS_BYTES);
  return new Promise((resolve, reject) => {
    const onData = (chunk: Buffer): void => {
      try {
        framer.push(chunk);
        if (!answered(framer)) return;
        socket.off('data', onData);
        resolve();
      } catch (error) {
        socket.off('data', onData);
        reject(asConnectionError(error));
      }
    };
    socket.on('data', onData);
    socket.write(startTlsRequest(START_TLS_ID));
  });
}

function answered(framer: MessageFramer): boolean {
  const frame = framer.next();
  if (frame === undefined) return false;
  const message = decodeMessage(frame.buffer, frame.start, frame.end);
  const known = message.id === START_TLS_ID || message.id === 0;
  if (!known || message.tag !== Response.extended) throw notAnAnswer();
  const { code } = decodeResult(message);
  if (message.id === 0) throw unsolicited(message, code);
  if (code !== 0) throw refused(code);
  if (framer.pendingBytes > 0) throw injected();
  return true;
}

function asConnectionError(error: unknown): ConnectionError {
  if (error instanceof ConnectionError) return error;
  return new ConnectionError('protocol', 'The answer to StartTLS is malformed', { cause: error });
}

function unsolicited(message: Message, resultCode: number): ConnectionError {
  if (decodeResponseName(message) !== NOTICE_OF_DISCONNECTION_OID) return notAnAnswer();
  return disconnected(resultCode);
}

/** The error of a Notice of Disconnection (RFC 4511 §4.4.1). */
export function disconnected(resultCode: number): ConnectionError {
  const message = `The server ended the connection (result code ${resultCode})`;
  return new ConnectionError('disconnected', message, { resultCode });
}

function refused(resultCode: number): ConnectionError {
  const message = `The server refused StartTLS (result code ${resultCode})`;
  return new ConnectionError('starttls', message, { resultCode });
}

function injected(): ConnectionError {
  const hint = 'Someone may be tampering with the connection: use ldaps://.';
  return new ConnectionError('starttls', 'Plain bytes follow the answer to StartTLS', { hint });
}

function notAnAnswer(): ConnectionError {
  return new ConnectionError('protocol', 'The server answered StartTLS with something else');
}
