import type { Socket } from 'node:net';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { requireLdapUrl } from '../../domain/ldap-url.ts';

/** The server at the other end of a connection. */
export interface ServerSeen {
  readonly url: string;
  readonly host: string;
  /** Null without TLS. */
  readonly tls: CertificateSeen | null;
}

/** The certificate of the server, which was verified. */
export interface CertificateSeen {
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** As RFC 4514 writes it, or nearly so. */
  readonly subject: string;
  readonly issuer: string;
  /** For which hosts and addresses it is good. */
  readonly names: readonly string[];
  readonly validFrom: Date;
  readonly validTo: Date;
}

export function serverSeen(url: string, socket: Socket): ServerSeen {
  const { host } = requireLdapUrl(url);
  return { url, host, tls: socket instanceof TLSSocket ? certificateSeen(socket) : null };
}

function certificateSeen(socket: TLSSocket): CertificateSeen | null {
  const certificate = socket.getPeerCertificate();
  // Empty once the connection is closed.
  if (certificate.valid_to === undefined) return null;
  return {
    protocol: socket.getProtocol() ?? 'TLS',
    subject: nameOf(certificate.subject),
    issuer: nameOf(certificate.issuer),
    names: namesOf(certificate),
    validFrom: new Date(certificate.valid_from),
    validTo: new Date(certificate.valid_to),
  };
}

function nameOf(name: PeerCertificate['subject']): string {
  const parts = Object.entries(name ?? {}).flatMap(([type, values]) =>
    [values ?? []].flat().map((value: string) => `${type}=${value}`),
  );
  return parts.reverse().join(',');
}

/** Node writes `DNS:ldap.example.com, IP Address:127.0.0.1`, and quotes a name with odd characters in it. */
function namesOf({ subject, subjectaltname }: PeerCertificate): readonly string[] {
  const names = [...(subjectaltname ?? '').matchAll(/(?:DNS|IP Address):("[^"]*"|[^,]+)/g)];
  if (names.length > 0) return names.map(([, name = '']) => name);
  return [subject?.CN ?? []].flat();
}
