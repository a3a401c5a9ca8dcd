import { UsageError } from '../domain/errors.ts';
import type { Mapping } from './mapping.ts';

/** What suits one kind of server. */
export interface VendorDefaults {
  /** Attributes that outlive a rename (RFC 4530, [MS-ADTS] §3.1.1.1.4), the best first. */
  readonly idAttributes: readonly string[];
  readonly mapping: Mapping;
  /** Who is walked: persons and contacts, also those whose account is disabled. */
  readonly filter: string;
  /** Attribute of a manager that lists who reports to them, kept by the server; null: there is none. */
  readonly reportsAttribute: string | null;
  /**
   * The attribute by which a search finds entries by their DNs quickly, in any spelling (RFC 5020); undefined where it is not
   * known to, and where the server takes hardly a spelling that our keys do not.
   */
  readonly dnAttribute?: string;
}

/** What an Active Directory, Samba's too, is called in a `SourceProfile`. */
export const ACTIVE_DIRECTORY = 'Active Directory';

/** Standard person schemas (RFC 4519, RFC 2798), then Active Directory's names: some servers carry both. */
export const DEFAULT_MAPPING: Mapping = {
  username: ['uid', 'sAMAccountName'],
  name: ['cn', 'displayName', 'name'],
  given_name: ['givenName'],
  surname: ['sn'],
  email: ['mail'],
  title: ['title'],
  department: ['department', 'ou', 'departmentNumber'],
  employee_number: ['employeeNumber', 'employeeID'],
  phone: ['telephoneNumber', 'mobile'],
  location: ['l', 'physicalDeliveryOfficeName'],
};

const PERSONS = '(objectClass=person)';

const STANDARD = { mapping: DEFAULT_MAPPING, filter: PERSONS, reportsAttribute: null } as const;

const WINDOWS: VendorDefaults = {
  idAttributes: ['objectGUID'],
  mapping: {
    ...DEFAULT_MAPPING,
    username: ['sAMAccountName', 'uid'],
    // What the tools there call the name; the RDN may carry a number to be unique.
    name: ['displayName', 'cn', 'name'],
    department: ['department', 'departmentNumber', 'ou'],
    employee_number: ['employeeID', 'employeeNumber'],
  },
  // A computer is a person there, by inheritance. Elsewhere nobody knows that class, and what is unknown is Undefined
  // (RFC 4511 §4.5.1.7), also when it is negated: OpenLDAP would find nobody at all.
  filter: '(&(objectClass=person)(!(objectClass=computer)))',
  reportsAttribute: 'directReports',
};

const EDIRECTORY: VendorDefaults = {
  ...STANDARD,
  idAttributes: ['GUID'],
  mapping: {
    ...DEFAULT_MAPPING,
    username: ['uid', 'cn'],
    name: ['fullName', 'displayName', 'cn'],
    employee_number: ['workforceID', 'employeeNumber', 'employeeID'],
  },
};

const OTHERS: VendorDefaults = { ...STANDARD, idAttributes: ['entryUUID'] };

const OPENLDAP: VendorDefaults = { ...OTHERS, dnAttribute: 'entryDN' };

/** Its bulk import makes no entryUUID; nsUniqueId every entry has. Oracle sells a second server, which has the other. */
const NETSCAPE: VendorDefaults = { ...STANDARD, idAttributes: ['nsUniqueId', 'entryUUID'] };

const IBM: VendorDefaults = { ...STANDARD, idAttributes: ['ibm-entryUuid'] };

const UNKNOWN: VendorDefaults = {
  ...STANDARD,
  idAttributes: ['entryUUID', 'nsUniqueId', 'objectGUID', 'ibm-entryUuid', 'GUID'],
};

/** By vendorName and vendorVersion (RFC 3045), the first that fits. */
const VENDORS: readonly (readonly [RegExp, VendorDefaults])[] = [
  [new RegExp(`^${ACTIVE_DIRECTORY}$`), WINDOWS],
  [/\b389\b|Fedora|Red Hat|Netscape|iPlanet|Sun Microsystems|Sun-|Oracle/i, NETSCAPE],
  [/^OpenLDAP\b/i, OPENLDAP],
  [/Apache/i, OTHERS],
  [/eDirectory|Novell|NetIQ/i, EDIRECTORY],
  [/\bIBM\b|International Business Machines/i, IBM],
];

const OID = /^\d+(?:\.\d+)+(?:;|$)/;

/**
 * Samba's pages run dry when an attribute is asked for by its OID, and its filters find nobody by one.
 * @throws {UsageError}
 */
export function refuseOids(vendor: string, attributes: readonly string[]): void {
  const oid = attributes.find((name) => OID.test(name));
  if (vendor !== ACTIVE_DIRECTORY || oid === undefined) return;
  throw new UsageError(
    `Active Directory is not to be asked for an attribute by its OID: ${oid}`,
    'give the name of the attribute, such as title',
  );
}

/** @param vendor of the `SourceProfile` */
export function vendorDefaults(vendor: string): VendorDefaults {
  return VENDORS.find(([pattern]) => pattern.test(vendor))?.[1] ?? UNKNOWN;
}
