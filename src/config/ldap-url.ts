import { isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/** A directory server's address: the scheme, host and port of an LDAP URL (RFC 4516) and nothing else. */
export interface LdapUrl {
  /** As it is shown: lower-case scheme, host in ASCII, port always given. */
  readonly text: string;
  /** `ldaps:`: TLS from the first byte. */
  readonly tls: boolean;
  /** Host name, or IP address without brackets. */
  readonly host: string;
  readonly port: number;
}

const PATTERN = /^(ldaps?):\/\/(?:\[([^\]]+)\]|([^\s/:@?#[\]\\]+))(?::(\d{1,5}))?\/?$/i;

/** Undefined for another scheme, and where the URL carries a base, credentials or a query. */
export function parseLdapUrl(text: string): LdapUrl | undefined {
  const [, scheme, v6, name, digits] = PATTERN.exec(text) ?? [];
  const host = v6 === undefined ? domainToASCII(name ?? '') : ipv6(v6);
  const tls = scheme?.toLowerCase() === 'ldaps';
  const port = digits === undefined ? defaultPort(tls) : Number(digits);
  if (!host || port < 1 || port > 65_535) return undefined;
  return Object.freeze({ text: show(tls, host, port), tls, host, port });
}

function ipv6(text: string): string {
  return isIPv6(text) ? text : '';
}

function defaultPort(tls: boolean): number {
  return tls ? 636 : 389;
}

function show(tls: boolean, host: string, port: number): string {
  return `${tls ? 'ldaps' : 'ldap'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
