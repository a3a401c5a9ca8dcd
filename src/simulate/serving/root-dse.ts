import type { AttributeValue, SimulatedEntry } from '../directory.ts';
import type { SimulatedServerOptions } from '../options.ts';
import { PAGED_RESULTS, START_TLS, WHO_AM_I } from '../protocol/requests.ts';

const AD_CAPABILITY = '1.2.840.113556.1.4.800';

/** What the server says about itself at the empty DN (RFC 4512 §5.1). All of it operational, as on OpenLDAP. */
export function rootDse(options: SimulatedServerOptions): SimulatedEntry {
  const adLike = options.vendor === 'ad-like';
  const startTls = options.tls !== undefined && options.tls.implicit !== true;
  const operational: Readonly<Record<string, readonly AttributeValue[]>> = {
    namingContexts: [options.directory.suffix],
    supportedControl: options.paging === 'absent' ? [] : [PAGED_RESULTS],
    supportedExtension: startTls ? [WHO_AM_I, START_TLS] : [WHO_AM_I],
    supportedLDAPVersion: ['3'],
    supportedSASLMechanisms: options.tls?.ca === undefined ? [] : ['EXTERNAL'],
    ...(adLike
      ? { supportedCapabilities: [AD_CAPABILITY], defaultNamingContext: [options.directory.suffix] }
      : { vendorName: ['orgwalk simulated directory'] }),
  };
  const user = { objectClass: adLike ? ['top'] : ['top', 'OpenLDAProotDSE'] };
  const all = Object.entries<readonly AttributeValue[]>({ ...user, ...operational });
  const values = new Map(all.map(([name, held]) => [name.toLowerCase(), held]));
  const names = Object.keys(operational);
  return {
    id: -3,
    dn: '',
    key: '',
    // AD gives all of it unasked.
    userAttributes: [...Object.keys(user), ...(adLike ? names : [])],
    operationalAttributes: adLike ? [] : names,
    values: (attribute) => values.get(attribute) ?? [],
  };
}
