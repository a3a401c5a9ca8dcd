import { dnKey, isWithin } from '../domain/dn.ts';
import { DirectoryError } from '../domain/errors.ts';
import type { SourceProfile } from '../domain/ports.ts';
import type { Mapping } from './mapping.ts';
import type { RawEntry } from './messages/entry.ts';
import { present } from './messages/filters.ts';
import type { SearchSpec } from './messages/requests.ts';
import { searchFailure } from './result-codes.ts';
import { ACTIVE_DIRECTORY, vendorDefaults } from './vendors.ts';
import type { Answer } from './wire.ts';

const PAGED_RESULTS = '1.2.840.113556.1.4.319';
const ACTIVE_DIRECTORY_CAPABILITY = '1.2.840.113556.1.4.800';

/** What the rootDSE is asked for (RFC 4512 §5.1). */
export const ROOT_DSE_ATTRIBUTES = [
  'namingContexts',
  'defaultNamingContext',
  'supportedControl',
  'supportedCapabilities',
  'vendorName',
  'vendorVersion',
  'domainControllerFunctionality',
  'objectClass',
] as const;

/** As the person gave them; what was not given is what suits the server. */
export interface Wishes {
  readonly base?: string | undefined;
  readonly filter?: string | undefined;
  /** Of some columns, and the attributes that are kept beside the columns. */
  readonly mapping?: Partial<Mapping> | undefined;
}

export interface LdapProfile extends SourceProfile {
  readonly mapping: Mapping;
}

/** Rejects with a `DirectoryError` where it is not shown, with a `SearchFailure` where it may be later. */
export async function readRootDse(
  search: (spec: SearchSpec) => Promise<Answer>,
): Promise<RawEntry> {
  const filter = present('objectClass');
  const { entries, code, diagnostic } = await search({
    ...{ base: '', scope: 'base', filter, attributes: ROOT_DSE_ATTRIBUTES },
  });
  const [rootDse] = entries;
  if (rootDse !== undefined) return rootDse;
  const failure = code === 0 ? undefined : searchFailure(code, diagnostic);
  if (failure !== undefined && failure.remedy !== 'fail') throw failure;
  throw new DirectoryError(
    'capability',
    `the server does not show its rootDSE (${code})`,
    'check that the account may read the entry with the empty DN',
  );
}

/** What is known of the server from its rootDSE. */
export function profileOf(rootDse: RawEntry, wishes: Wishes): LdapProfile {
  const values = (name: string) =>
    (rootDse.attributes.get(name.toLowerCase()) ?? []).map((value) => value.toString());
  const contexts = namingContextsOf(rootDse);
  const chosen = wishes.base ?? chooseBase(values('defaultNamingContext')[0], contexts);
  const vendor = vendorOf(values);
  const defaults = vendorDefaults(vendor);
  return {
    key: dnKey(namingContextOf(rootDse, chosen)),
    vendor,
    base: chosen,
    idAttribute: defaults.idAttributes[0] ?? 'entryUUID',
    paging: values('supportedControl').includes(PAGED_RESULTS),
    filter: wishes.filter ?? defaults.filter,
    mapping: mappingOf(defaults.mapping, wishes.mapping),
    traits: versionOf(vendor, values),
  };
}

/** The naming context (RFC 4512 §5.1) in which `base` lies; `base` itself where none is told. */
export function namingContextOf(rootDse: RawEntry, base: string): string {
  return namingContextsOf(rootDse).find((context) => isWithin(base, context)) ?? base;
}

function namingContextsOf({ attributes }: RawEntry): readonly string[] {
  const contexts = attributes.get('namingcontexts') ?? [];
  return contexts.map((value) => value.toString()).filter((context) => context !== '');
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
  if (values('supportedCapabilities').includes(ACTIVE_DIRECTORY_CAPABILITY))
    return ACTIVE_DIRECTORY;
  const named = [...values('vendorName'), ...values('vendorVersion')].join(' ');
  if (named !== '') return named;
  return values('objectClass').includes('OpenLDAProotDSE') ? 'OpenLDAP' : 'unknown';
}

/** Functional levels of a domain controller ([MS-ADTS] §3.1.1.3.2.25). */
const WINDOWS_SERVER: Readonly<Record<string, string>> = {
  ...{ '0': '2000', '2': '2003', '3': '2008', '4': '2008 R2' },
  ...{ '5': '2012', '6': '2012 R2', '7': '2016', '10': '2025' },
};

/** Of others the vendor's name tells it. */
function versionOf(
  vendor: string,
  values: (name: string) => readonly string[],
): SourceProfile['traits'] {
  if (vendor !== ACTIVE_DIRECTORY) return {};
  const level = WINDOWS_SERVER[values('domainControllerFunctionality')[0] ?? ''];
  const named = [...values('vendorName'), ...values('vendorVersion')];
  if (level !== undefined) named.push(`level of Windows Server ${level}`);
  const version = named.join(', ');
  return version === '' ? {} : { version };
}

/** The first that somebody has, for not every server keeps what it could. */
export function idAttributeOf(
  candidates: readonly string[],
  { attributes }: Pick<RawEntry, 'attributes'>,
): string | undefined {
  return candidates.find((name) => attributes.get(name.toLowerCase())?.[0]?.length);
}

/** A key for the extra attributes only where there are any, in one order: equal questions are equal text. */
function mappingOf(suitable: Mapping, wished: Partial<Mapping> = {}): Mapping {
  const { attributes = [], ...columns } = wished;
  const names = new Map(attributes.map((name) => [name.toLowerCase(), name]));
  const extras = names.size === 0 ? {} : { attributes: [...names.values()].sort() };
  return { ...suitable, ...columns, ...extras };
}
