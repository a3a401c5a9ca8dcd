import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type LdapUrl, placeOf, requireLdapUrl } from '../../domain/ldap-url.ts';
import { ConnectionError, type ConnectionStage, fromSocketError } from './connection-error.ts';
import { requestStartTls, secureContext, startHandshake, type TlsOptions } from './tls.ts';
import { aborted, Watch } from './watch.ts';

/** So that a firewall's forgetting of an idle connection is noticed, or prevented. */
const KEEP_ALIVE_MS = 30_000;
/** One for all, since what is read for it is kept by it. */
const USUAL_TLS: TlsOptions = {};

export interface DialOptions {
  /** `ldap://` or `ldaps://`, host, perhaps a port; IPv6 in brackets. */
  readonly url: string;
  /** For all of it: name, TCP, StartTLS and TLS handshake. */
  readonly connectTimeoutMs: number;
  /** Only with `ldap://`. */
  readonly startTls?: boolean;
  readonly tls?: TlsOptions;
  /** Calls off the connecting only. */
  readonly signal?: AbortSignal;
}

/**
 * A connected socket, with TLS where it was asked for; nothing but StartTLS has been sent.
 * @throws {ConnectionError}
 * @throws {TypeError} the URL is none, or asks for both ldaps and StartTLS
 */
export async function dial(options: DialOptions): Promise<Socket> {
  const target = requireLdapUrl(options.url);
  if (target.tls && options.startTls === true) {
    throw new TypeError('Expected StartTLS with `ldap://` only, got `ldaps://`');
  }
  if (options.signal?.aborted === true) throw aborted(options.signal);
  return await new Dialler(target, options).run();
}

class Dialler {
  readonly #target: LdapUrl;
  readonly #options: DialOptions;
  readonly #where: string;
  #socket: Socket | undefined;
  #stage: ConnectionStage = 'connect';
  #step = 'The connection was not established';

  constructor(target: LdapUrl, options: DialOptions) {
    this.#target = target;
    this.#options = options;
    this.#where = placeOf(target);
  }

  async run(): Promise<Socket> {
    const { connectTimeoutMs, signal } = this.#options;
    const limits = { totalTimeoutMs: connectTimeoutMs, signal };
    const watch = new Watch(limits, (error) => this.#socket?.destroy(this.#inContext(error)));
    try {
      return await this.#connect();
    } catch (error) {
      this.#socket?.destroy();
      throw fromSocketError(error, this.#stage, this.#where);
    } finally {
      watch.stop();
    }
  }

  async #connect(): Promise<Socket> {
    const { startTls = false, tls = USUAL_TLS } = this.#options;
    const { host, port, tls: secure } = this.#target;
    const context = secure || startTls ? secureContext(tls) : undefined;
    const keepAlive = { keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    const plain = this.#hold(connect({ host, port, noDelay: true, ...keepAlive }));
    await this.#until(once(plain, 'connect'));
    if (context === undefined) return plain;
    if (startTls) await this.#startTls(plain);
    this.#enter('tls', 'The TLS handshake was not finished');
    const secured = this.#hold(startHandshake(plain, host, context, tls.serverName));
    await this.#until(once(secured, 'secureConnect'));
    return secured;
  }

  async #startTls(plain: Socket): Promise<void> {
    this.#enter('session', 'StartTLS was not answered');
    await this.#until(requestStartTls(plain));
  }

  /** An error event without a listener would end the process, so one listener stays for good. */
  #hold<S extends Socket>(socket: S): S {
    socket.on('error', () => {});
    this.#socket = socket;
    return socket;
  }

  #enter(stage: ConnectionStage, step: string): void {
    this.#stage = stage;
    this.#step = step;
  }

  /** `step`, or the death of the socket, whichever comes first. */
  async #until<T>(step: Promise<T>): Promise<T> {
    const socket = this.#socket;
    if (socket === undefined) return await step;
    const over = Promise.withResolvers<never>();
    const fail = (error: Error): void => over.reject(error);
    const close = (): void => over.reject(this.#closed());
    socket.once('error', fail).once('close', close).once('end', close);
    try {
      return await Promise.race([step, over.promise]);
    } finally {
      socket.off('error', fail).off('close', close).off('end', close);
    }
  }

  #closed(): ConnectionError {
    if (this.#stage === 'tls') return hungUp(this.#where);
    return new ConnectionError('closed', `The server closed the connection: ${this.#where}`);
  }

  #inContext(error: ConnectionError): ConnectionError {
    if (error.kind !== 'timeout') return error;
    const { connectTimeoutMs } = this.#options;
    const message = `${this.#step} within ${connectTimeoutMs} ms: ${this.#where}`;
    return new ConnectionError('connect-timeout', message);
  }
}

/** How a server says that it speaks no TLS, or does not like our certificate, where it says nothing. */
function hungUp(where: string): ConnectionError {
  const message = `The server closed the connection in the TLS handshake: ${where}`;
  const hint =
    'Check that the port speaks TLS, and the client certificate where the server wants one.';
  return new ConnectionError('tls', message, { hint });
}
