/**
 * The attribute types that name entries, as OpenLDAP's schema has them (RFC 4519, 4524, 2798, 2985).
 * Only what is listed here is folded. A type that is missing keeps its values exactly: that costs a search,
 * while a type folded wrongly would merge two people.
 */

/** How values of a type compare, and what its syntax takes (RFC 4517 §3.3). */
export type Matching =
  /** caseIgnoreMatch of a Directory String. */
  | 'directory'
  /** caseIgnoreIA5Match: ASCII only. */
  | 'ia5'
  /** caseIgnoreMatch of a Printable String. */
  | 'printable'
  /** caseIgnoreMatch of a Country String: two characters. */
  | 'country'
  /** Not known: octet by octet. */
  | 'exact';

export interface AttributeType {
  /** Lower case. One for all aliases and the OID. */
  readonly name: string;
  readonly matching: Matching;
}

/** Canonical name, aliases, OID. */
const TYPES: Readonly<Record<Matching, readonly string[]>> = {
  directory: [
    'cn commonname 2.5.4.3',
    'sn surname 2.5.4.4',
    'l localityname 2.5.4.7',
    'st stateorprovincename 2.5.4.8',
    'street streetaddress 2.5.4.9',
    'o organizationname 2.5.4.10',
    'ou organizationalunitname 2.5.4.11',
    'title 2.5.4.12',
    'description 2.5.4.13',
    'businesscategory 2.5.4.15',
    'postalcode 2.5.4.17',
    'postofficebox 2.5.4.18',
    'physicaldeliveryofficename 2.5.4.19',
    'name 2.5.4.41',
    'givenname gn 2.5.4.42',
    'initials 2.5.4.43',
    'generationqualifier 2.5.4.44',
    'houseidentifier 2.5.4.51',
    'dmdname 2.5.4.54',
    'pseudonym 2.5.4.65',
    'uid userid 0.9.2342.19200300.100.1.1',
    'roomnumber 0.9.2342.19200300.100.1.6',
    'userclass 0.9.2342.19200300.100.1.8',
    'host 0.9.2342.19200300.100.1.9',
    'documentidentifier 0.9.2342.19200300.100.1.11',
    'personaltitle 0.9.2342.19200300.100.1.40',
    'co friendlycountryname 0.9.2342.19200300.100.1.43',
    'uniqueidentifier 0.9.2342.19200300.100.1.44',
    'organizationalstatus 0.9.2342.19200300.100.1.45',
    'buildingname 0.9.2342.19200300.100.1.48',
    'carlicense 2.16.840.1.113730.3.1.1',
    'departmentnumber 2.16.840.1.113730.3.1.2',
    'employeenumber 2.16.840.1.113730.3.1.3',
    'employeetype 2.16.840.1.113730.3.1.4',
    'preferredlanguage 2.16.840.1.113730.3.1.39',
    'displayname 2.16.840.1.113730.3.1.241',
  ],
  ia5: [
    'dc domaincomponent 0.9.2342.19200300.100.1.25',
    'mail rfc822mailbox 0.9.2342.19200300.100.1.3',
    'associateddomain 0.9.2342.19200300.100.1.37',
    'email emailaddress pkcs9email 1.2.840.113549.1.9.1',
  ],
  printable: ['serialnumber 2.5.4.5', 'destinationindicator 2.5.4.27', 'dnqualifier 2.5.4.46'],
  country: ['c countryname 2.5.4.6'],
  // Of no use in names, but known by more than one: what a search asks for by one may come by another.
  exact: [
    'objectclass 2.5.4.0',
    'telephonenumber 2.5.4.20',
    'facsimiletelephonenumber fax 2.5.4.23',
    'manager 0.9.2342.19200300.100.1.10',
    'secretary 0.9.2342.19200300.100.1.21',
    'mobile mobiletelephonenumber 0.9.2342.19200300.100.1.41',
    'jpegphoto 0.9.2342.19200300.100.1.60',
    'entryuuid 1.3.6.1.1.16.4',
  ],
};

const BY_SPELLING: ReadonlyMap<string, AttributeType> = new Map(
  Object.entries(TYPES).flatMap(([matching, rows]) =>
    rows.flatMap((row) => rowEntries(row, matching as Matching)),
  ),
);

function rowEntries(row: string, matching: Matching): [string, AttributeType][] {
  const spellings = row.split(' ');
  const type = { name: spellings[0] ?? row, matching };
  return spellings.map((spelling) => [spelling, type]);
}

/** Never fails: an unknown type stands for itself, in lower case (RFC 4512 §1.4: names ignore case). */
export function attributeType(spelling: string): AttributeType {
  const name = spelling.toLowerCase();
  return BY_SPELLING.get(name) ?? { name, matching: 'exact' };
}
