import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';

export interface LdapTarget {
  /** Name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** ldaps: TLS from the first byte. */
  readonly secure: boolean;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'ldap:': 389, 'ldaps:': 636 };

/**
 * `ldap://` or `ldaps://` with a host and perhaps a port; nothing else of RFC 4516, for the base and
 * the filter are options of their own.
 * @throws {TypeError} without repeating the URL, which may hold credentials by mistake
 */
export function parseLdapUrl(text: string): LdapTarget {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const port = DEFAULT_PORTS[url?.protocol ?? ''];
  if (url === undefined || port === undefined) throw badUrl();
  const extras = url.username + url.password + url.search + url.hash;
  if (extras !== '' || (url.pathname !== '' && url.pathname !== '/')) throw badUrl();
  const host = hostOf(url.hostname);
  if (host === '' || url.port === '0') throw badUrl();
  return {
    host,
    port: url.port === '' ? port : Number(url.port),
    secure: url.protocol === 'ldaps:',
  };
}

/** Host and port, for messages. */
export function placeOf({ host, port }: LdapTarget): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function hostOf(hostname: string): string {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) > 0 ? bare : domainToASCII(unescaped(bare));
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

function badUrl(): TypeError {
  return new TypeError(
    'Expected a URL such as `ldap://host`, `ldaps://host:636` or `ldap://[::1]`',
  );
}
