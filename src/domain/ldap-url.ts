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

const PATTERN = /^(ldaps?):\/\/(\[[^\]%]+(%[^\]%]+)?\]|[^\s/:@?#[\]\\]+)(?::(\d{1,5}))?\/?$/i;

/** Undefined for another scheme, and where the URL carries a base, credentials or a query: these are options of their own. */
export function parseLdapUrl(text: string): LdapUrl | undefined {
  const [, scheme, given = '', zone = '', digits] = PATTERN.exec(text) ?? [];
  const host = hostOf(given, zone);
  const tls = scheme?.toLowerCase() === 'ldaps';
  const port = digits === undefined ? defaultPort(tls) : Number(digits);
  if (host === '' || port < 1 || port > 65_535) return undefined;
  const shown = `${tls ? 'ldaps' : 'ldap'}://${placeOf({ host, port })}`;
  return Object.freeze({ text: shown, tls, host, port });
}

/** @throws {TypeError} without repeating the URL, which may hold credentials by mistake */
export function requireLdapUrl(text: string): LdapUrl {
  const url = parseLdapUrl(text);
  if (url !== undefined) return url;
  throw new TypeError('Expected a URL such as `ldap://host`, `ldaps://host:636` or `ldap://[::1]`');
}

/** Host and port, for messages. */
export function placeOf({ host, port }: Pick<LdapUrl, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function defaultPort(tls: boolean): number {
  return tls ? 636 : 389;
}

/**
 * Only of schemes that it knows does the URL parser read the host: international names, IP addresses.
 * @param zone of a link-local address, with its sign (RFC 4007 §11), which the parser does not take
 */
function hostOf(given: string, zone: string): string {
  const url = `http://${given.replace(zone, '')}`;
  const hostname = URL.canParse(url) ? new URL(url).hostname : '';
  return hostname.startsWith('[') ? hostname.slice(1, -1) + zone : hostname;
}
