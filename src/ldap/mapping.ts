import { dnKey } from '../domain/dn.ts';
import {
  type Employee,
  type ManagerValue,
  PROFILE_COLUMNS,
  type ProfileColumn,
} from '../domain/employee.ts';
import { DN_LINK, linkKeyOf } from '../domain/link.ts';
import type { RawEntry } from './messages/entry.ts';
import { refuseSecrets } from './secrets.ts';

/** Which attributes feed which column: the first one that an entry has. */
export type Mapping = Readonly<Record<ProfileColumn, readonly string[]>>;

/** Standard person schemas (RFC 4519, RFC 2798) and Active Directory's names. */
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

export interface MapperOptions {
  readonly mapping: Mapping;
  readonly idAttribute: string;
  readonly managerAttribute: string;
  /** `dn`, or the attribute of the manager whose value the manager attribute holds. */
  readonly managerValue: string;
}

const ACCOUNT_CONTROL = 'userAccountControl';
/** ADS_UF_ACCOUNTDISABLE, [MS-ADTS] §2.2.16. */
const ACCOUNT_DISABLED = 0x2;
const GUID_BYTES = 16;

/** Turns entries into employees. */
export class Mapper {
  /** What a search must ask for. */
  readonly attributes: readonly string[];
  readonly #columns: readonly (readonly [ProfileColumn, readonly string[]])[];
  readonly #id: string;
  readonly #manager: string;
  readonly #link: string;
  readonly #keyOf: (value: string) => string;

  /** Throws a `UsageError` where an attribute that holds a secret is among those to be asked for. */
  constructor({ mapping, idAttribute, managerAttribute, managerValue }: MapperOptions) {
    this.attributes = unique([
      ...Object.values(mapping).flat(),
      idAttribute,
      managerAttribute,
      ACCOUNT_CONTROL,
      ...(managerValue === DN_LINK ? [] : [managerValue]),
    ]);
    refuseSecrets(this.attributes);
    this.#columns = PROFILE_COLUMNS.map((column) => [column, mapping[column].map(lower)]);
    this.#id = lower(idAttribute);
    this.#manager = lower(managerAttribute);
    this.#link = lower(managerValue);
    this.#keyOf = linkKeyOf(managerValue);
  }

  employee(entry: RawEntry): Employee {
    const { dn, attributes } = entry;
    const id = this.idOf(entry);
    const link = this.#linkOf(entry);
    return {
      id: id ?? dnKey(dn),
      hasId: id !== undefined,
      dn,
      link,
      linkKey: link === null ? null : this.#keyOf(link),
      profile: this.#profile(attributes),
      active: isActive(attributes),
      attributes: '{}',
      managers: this.#managers(attributes),
      leaf: false,
    };
  }

  /** Undefined where the entry lacks the id attribute. */
  idOf({ attributes }: Pick<RawEntry, 'attributes'>): string | undefined {
    const value = attributes.get(this.#id)?.[0];
    if (value === undefined || value.length === 0) return undefined;
    return this.#id === 'objectguid' && value.length === GUID_BYTES
      ? guid(value)
      : value.toString();
  }

  /** A DN that is no valid UTF-8 names nobody: asked for with U+FFFD in it, it would seem to have no reports. */
  #linkOf({ dn, dnValid, attributes }: RawEntry): string | null {
    if (this.#link === DN_LINK) return dnValid ? dn : null;
    return first(attributes.get(this.#link)) ?? null;
  }

  #profile(attributes: RawEntry['attributes']): Record<ProfileColumn, string | null> {
    const profile = {} as Record<ProfileColumn, string | null>;
    for (const [column, names] of this.#columns) profile[column] = firstOf(attributes, names);
    return profile;
  }

  #managers(attributes: RawEntry['attributes']): readonly ManagerValue[] {
    const values = attributes.get(this.#manager) ?? [];
    return values.map((bytes) => {
      const value = bytes.toString();
      return { value, key: this.#keyOf(value) };
    });
  }
}

function firstOf(attributes: RawEntry['attributes'], names: readonly string[]): string | null {
  for (const name of names) {
    const value = first(attributes.get(name));
    if (value !== undefined) return value;
  }
  return null;
}

/** The least by code units, whatever the order in which the server returned them: the same entry gives the same row. */
function first(values: readonly Buffer[] | undefined): string | undefined {
  if (values === undefined || values.length < 2) return values?.[0]?.toString();
  return values.map((value) => value.toString()).sort()[0];
}

function isActive(attributes: RawEntry['attributes']): boolean {
  const control = attributes.get(lower(ACCOUNT_CONTROL))?.[0];
  return control === undefined || (Number(control.toString()) & ACCOUNT_DISABLED) === 0;
}

/** The usual text form: the first three groups are little-endian ([MS-DTYP] §2.3.4). */
function guid(bytes: Buffer): string {
  const groups = [
    Buffer.from(bytes.subarray(0, 4)).reverse(),
    Buffer.from(bytes.subarray(4, 6)).reverse(),
    Buffer.from(bytes.subarray(6, 8)).reverse(),
    bytes.subarray(8, 10),
    bytes.subarray(10),
  ];
  return groups.map((group) => group.toString('hex')).join('-');
}

function lower(name: string): string {
  return name.toLowerCase();
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Map(names.map((name) => [lower(name), name])).values()];
}
