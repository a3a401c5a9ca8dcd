import { requireLdapUrl } from '../domain/ldap-url.ts';

/** Where a domain controller serves the global catalogue, in clear and by TLS. */
const PORTS: ReadonlySet<number> = new Set([3268, 3269]);

/**
 * Whether this is the port of a global catalogue: it has every domain of the forest, and of each entry only some of the
 * attributes. Where `manager` is not among them, nobody seems to have reports.
 */
export function isGlobalCatalogue(url: string): boolean {
  return PORTS.has(requireLdapUrl(url).port);
}
