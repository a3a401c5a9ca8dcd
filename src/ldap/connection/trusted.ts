import * as tls from 'node:tls';

/** What Node 22 has from 22.15 on only. */
type Store = 'default' | 'system';
interface WithStores {
  readonly getCACertificates?: (store: Store) => readonly string[];
}

let trusted: readonly string[] | undefined;

/**
 * The authorities that Node brings along, those of NODE_EXTRA_CA_CERTS, and those of this machine, where a company has
 * its own: PEM, each once. Node alone asks only the former. Read once, since reading the system's takes some 50 ms.
 * Undefined where Node cannot tell: then it trusts those that it brings along.
 */
export function trustedCertificates(): readonly string[] | undefined {
  const { getCACertificates }: WithStores = tls;
  if (getCACertificates === undefined) return undefined;
  trusted ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return trusted;
}
