import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { SimulatedServerOptions } from '../options.ts';
import { CODE, type Result } from '../protocol/answers.ts';
import type { BindRequest } from '../protocol/requests.ts';
import { dnKey } from '../search/dn-key.ts';

/** Who the client of one connection has shown to be. */
export class Identity {
  readonly #options: SimulatedServerOptions;
  #name = '';

  constructor(options: SimulatedServerOptions) {
    this.#options = options;
  }

  /** An authorization identity (RFC 4513 §5.2.1.8), empty for anonymous. */
  get name(): string {
    return this.#name;
  }

  get isAuthorised(): boolean {
    const { bindDn, allowAnonymous = false } = this.#options;
    return bindDn === undefined || allowAnonymous || this.#name !== '';
  }

  /** A bind that fails leaves the connection anonymous (RFC 4513 §4). */
  bind(request: BindRequest, secure: TLSSocket | undefined): Result {
    this.#name = '';
    const { version, name, credentials } = request;
    if (version !== 3) return { code: CODE.protocolError, message: 'only LDAP version 3' };
    if (credentials.method === 'sasl') return this.#bindBySasl(credentials.mechanism, secure);
    if (credentials.password === '') return anonymousBind(name);
    const { bindDn, password } = this.#options;
    const isKnown = bindDn !== undefined && dnKey(name) === dnKey(bindDn);
    if (!isKnown || credentials.password !== password) return { code: CODE.invalidCredentials };
    this.#name = `dn:${name}`;
    return { code: CODE.success };
  }

  /** EXTERNAL: whoever the client certificate names (RFC 4422 appendix A). */
  #bindBySasl(mechanism: string, secure: TLSSocket | undefined): Result {
    const subject = secure && certifiedSubject(secure, this.#options.tls?.ca);
    if (mechanism !== 'EXTERNAL' || subject === undefined) {
      return { code: CODE.authMethodNotSupported, message: `${mechanism} not available` };
    }
    this.#name = `dn:cn=${subject}`;
    return { code: CODE.success };
  }
}

/** The common name in the client's certificate, if the authority issued it. */
function certifiedSubject(socket: TLSSocket, ca: string | Buffer | undefined): string | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || ca === undefined) return undefined;
  const authority = new X509Certificate(ca);
  const isIssued = certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
  return isIssued ? /^CN=(.*)$/mu.exec(certificate.subject)?.[1] : undefined;
}

/** A name without a password is a mistake that must not look like success (RFC 4513 §5.1.2). */
function anonymousBind(name: string): Result {
  if (name === '') return { code: CODE.success };
  const message = 'unauthenticated bind (DN with no password) disallowed';
  return { code: CODE.unwillingToPerform, message };
}
