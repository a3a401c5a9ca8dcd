import { dnKey } from '../domain/dn.ts';
import {
  type Employee,
  type ManagerValue,
  NOT_CAPPED,
  PROFILE_COLUMNS,
  type ProfileColumn,
} from '../domain/employee.ts';
import { DN_LINK, linkKeyOf } from '../domain/link.ts';
import type { RawEntry } from './messages/entry.ts';
import { equality, type Filter } from './messages/filters.ts';
import { refuseSecrets } from './secrets.ts';
import { isLong, leastOf, textOf } from './text.ts';

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
  /** Those of them that hold text about the person, in lower case. */
  readonly textAttributes: readonly string[];
  readonly #columns: readonly (readonly [ProfileColumn, readonly string[]])[];
  readonly #id: string;
  readonly #manager: string;
  readonly #managerAttribute: string;
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
    this.textAttributes = unique(Object.values(mapping).flat()).map(lower);
    this.#columns = PROFILE_COLUMNS.map((column) => [column, mapping[column].map(lower)]);
    this.#id = lower(idAttribute);
    this.#manager = lower(managerAttribute);
    this.#managerAttribute = managerAttribute;
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
      capped: hasLong(attributes) ? this.#capped(attributes) : NOT_CAPPED,
    };
  }

  /** Matches the entry with this id. */
  idIs(id: string): Filter {
    return equality(this.#id, this.#id === 'objectguid' ? guidBytes(id) : id);
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
    // Never cut: what remained would name somebody else, or nobody.
    return leastOf(attributes.get(this.#link) ?? NONE, (value) => value.toString()) ?? null;
  }

  #profile(attributes: RawEntry['attributes']): Record<ProfileColumn, string | null> {
    const profile = {} as Record<ProfileColumn, string | null>;
    for (const [column, names] of this.#columns) {
      profile[column] = leastOf(valuesOf(attributes, names)) ?? null;
    }
    return profile;
  }

  #managers(attributes: RawEntry['attributes']): readonly ManagerValue[] {
    const values = attributes.get(this.#manager) ?? [];
    return values.map((bytes) => {
      const value = textOf(bytes);
      return { value, key: this.#keyOf(value) };
    });
  }

  #capped(attributes: RawEntry['attributes']): readonly string[] {
    const columns = this.#columns.filter(([, names]) => {
      const values = valuesOf(attributes, names);
      const kept = leastOf(values);
      return values.some((value) => isLong(value) && textOf(value) === kept);
    });
    const capped: string[] = columns.map(([column]) => column);
    if (attributes.get(this.#manager)?.some(isLong)) capped.push(this.#managerAttribute);
    return capped;
  }
}

/** Those of the first attribute that there is. */
function valuesOf(attributes: RawEntry['attributes'], names: readonly string[]): readonly Buffer[] {
  for (const name of names) {
    const values = attributes.get(name);
    if (values !== undefined && values.length > 0) return values;
  }
  return NONE;
}

const NONE: readonly Buffer[] = [];

function hasLong(attributes: RawEntry['attributes']): boolean {
  for (const values of attributes.values()) if (values.some(isLong)) return true;
  return false;
}

function isActive(attributes: RawEntry['attributes']): boolean {
  const control = attributes.get(lower(ACCOUNT_CONTROL))?.[0];
  return control === undefined || (Number(control.toString()) & ACCOUNT_DISABLED) === 0;
}

/** The way back. */
function guidBytes(text: string): Buffer {
  const groups = text.split('-').map((group) => Buffer.from(group, 'hex'));
  return Buffer.concat(groups.map((group, at) => (at < 3 ? group.reverse() : group)));
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
