import { dnKey, isWithin } from '../domain/dn.ts';
import { DirectoryError } from '../domain/errors.ts';
import type { SourceProfile } from '../domain/ports.ts';
import type { RawEntry } from './messages/entry.ts';

const PAGED_RESULTS = '1.2.840.113556.1.4.319';
const ACTIVE_DIRECTORY = '1.2.840.113556.1.4.800';

/** What the rootDSE is asked for (RFC 4512 §5.1). */
export const ROOT_DSE_ATTRIBUTES = [
  'namingContexts',
  'defaultNamingContext',
  'supportedControl',
  'supportedCapabilities',
  'vendorName',
  'vendorVersion',
  'objectClass',
] as const;

/** As the person gave them. */
export interface Wishes extends Pick<SourceProfile, 'filter' | 'mapping'> {
  readonly base: string | undefined;
}

/** What is known of the server from its rootDSE. */
export function profileOf(rootDse: RawEntry, { base, filter, mapping }: Wishes): SourceProfile {
  const values = (name: string) =>
    (rootDse.attributes.get(name.toLowerCase()) ?? []).map((value) => value.toString());
  const contexts = values('namingContexts').filter((context) => context !== '');
  const chosen = base ?? chooseBase(values('defaultNamingContext')[0], contexts);
  const vendor = vendorOf(values);
  const context = contexts.find((candidate) => isWithin(chosen, candidate)) ?? chosen;
  return {
    key: dnKey(context),
    vendor,
    base: chosen,
    idAttribute: idAttributeOf(vendor),
    paging: values('supportedControl').includes(PAGED_RESULTS),
    filter,
    mapping,
    traits: {},
  };
}

function chooseBase(preferred: string | undefined, contexts: readonly string[]): string {
  if (preferred !== undefined && preferred !== '') return preferred;
  const [only, ...others] = contexts;
  if (only !== undefined && others.length === 0) return only;
  const offered = contexts.length === 0 ? '' : `: it has ${contexts.join(' and ')}`;
  throw new DirectoryError(
    'base-not-found',
    `the directory does not tell where to search${offered}`,
    'name the base with --base',
  );
}

function vendorOf(values: (name: string) => readonly string[]): string {
  if (values('supportedCapabilities').includes(ACTIVE_DIRECTORY)) return 'Active Directory';
  const named = [...values('vendorName'), ...values('vendorVersion')].join(' ');
  if (named !== '') return named;
  return values('objectClass').includes('OpenLDAProotDSE') ? 'OpenLDAP' : 'unknown';
}

/** Identity is not the DN: each kind of server keeps a value that outlives a rename (RFC 4530, [MS-ADTS]). */
function idAttributeOf(vendor: string): string {
  if (vendor === 'Active Directory') return 'objectGUID';
  return /389|Fedora|Red Hat/.test(vendor) ? 'nsUniqueId' : 'entryUUID';
}
