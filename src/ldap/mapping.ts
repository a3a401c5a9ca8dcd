import { isUtf8 } from 'node:buffer';
import { attributeType } from '../domain/dn/attribute-types.ts';
import { dnKey } from '../domain/dn.ts';
import {
  type Employee,
  type ManagerValue,
  NOT_CAPPED,
  PROFILE_COLUMNS,
  type ProfileColumn,
} from '../domain/employee.ts';
import { DN_LINK, linkKeyOf } from '../domain/link.ts';
import type { Leaves } from './expansion/leaves.ts';
import { ACTIVITY_ATTRIBUTES, isActive } from './mapping/activity.ts';
import { ExtraAttributes } from './mapping/extra-attributes.ts';
import { idText, idValue } from './mapping/id-text.ts';
import { refuseSecrets } from './mapping/secrets.ts';
import type { RawEntry } from './messages/entry.ts';
import { equality, type Filter } from './messages/filters.ts';
import { isLong, leastOf, linkText, textOf } from './text.ts';

/** Which attributes feed which column: the first one that an entry has; and which ones are kept beside the columns. */
export type Mapping = Readonly<Record<ProfileColumn, readonly string[]>> & {
  readonly attributes?: readonly string[];
};

export interface MapperOptions {
  readonly mapping: Mapping;
  readonly idAttribute: string;
  readonly managerAttribute: string;
  /** `dn`, or the attribute of the manager whose value the manager attribute holds. */
  readonly managerValue: string;
  /** What tells who has no reports; undefined: nothing does. */
  readonly leaves?: Leaves | undefined;
}

/** Turns entries into employees. */
export class Mapper {
  /** What a search must ask for. */
  readonly attributes: readonly string[];
  /** Those of them that hold text about the person, in lower case. */
  readonly textAttributes: readonly string[];
  readonly #columns: readonly (readonly [ProfileColumn, readonly string[]])[];
  readonly #id: string;
  readonly #ids: readonly string[];
  readonly #manager: readonly string[];
  readonly #managerAttribute: string;
  readonly #link: readonly string[] | typeof DN_LINK;
  readonly #keyOf: (value: string) => string;
  readonly #leaves: Leaves | undefined;
  readonly #extras: ExtraAttributes;

  /** Throws a `UsageError` where an attribute that holds a secret is among those to be asked for. */
  constructor({ mapping, idAttribute, managerAttribute, managerValue, leaves }: MapperOptions) {
    const configured = Object.values(mapping).flat();
    this.attributes = unique([
      ...configured,
      idAttribute,
      managerAttribute,
      ...ACTIVITY_ATTRIBUTES,
      ...(managerValue === DN_LINK ? [] : [managerValue]),
      ...(leaves === undefined ? [] : leafAttribute(leaves, configured)),
    ]);
    refuseSecrets(this.attributes);
    const { attributes = [], ...columns } = mapping;
    this.textAttributes = unique(Object.values(columns).flat()).map(lower);
    this.#columns = PROFILE_COLUMNS.map((column) => [column, mapping[column].flatMap(spellings)]);
    this.#id = lower(idAttribute);
    this.#ids = spellings(idAttribute);
    this.#manager = spellings(managerAttribute);
    this.#managerAttribute = managerAttribute;
    this.#link = managerValue === DN_LINK ? DN_LINK : spellings(managerValue);
    this.#keyOf = linkKeyOf(managerValue);
    this.#leaves = leaves;
    this.#extras = new ExtraAttributes(attributes);
  }

  employee(entry: RawEntry): Employee {
    const { dn, dnBytes, dnValid, attributes } = entry;
    const id = this.idOf(entry);
    const link = this.#linkOf(entry);
    const extras = this.#extras.read(attributes);
    return {
      // Two DNs that are no valid UTF-8 may look alike.
      id: id ?? dnKey(dnValid ? dn : linkText(dnBytes)),
      hasId: id !== undefined,
      dn,
      link,
      linkKey: link === null ? null : this.#keyOf(link),
      profile: this.#profile(attributes),
      active: isActive(attributes),
      attributes: extras.json,
      managers: this.#managers(attributes),
      leaf: this.#leaves?.isLeaf(entry) ?? false,
      capped: this.#capped(attributes, extras.capped),
    };
  }

  /** Matches the entry with this id. */
  idIs(id: string): Filter {
    return equality(this.#id, idValue(this.#id, id));
  }

  /** Undefined where the entry lacks the id attribute. */
  idOf({ attributes }: Pick<RawEntry, 'attributes'>): string | undefined {
    const [value] = valuesOf(attributes, this.#ids);
    return value && idText(this.#id, value);
  }

  /** A DN that is no valid UTF-8 names nobody: asked for with U+FFFD in it, it would seem to have no reports. */
  #linkOf({ dn, dnValid, attributes }: RawEntry): string | null {
    if (this.#link === DN_LINK) return dnValid ? dn : null;
    // Never cut: what remained would name somebody else, or nobody.
    const values = valuesOf(attributes, this.#link).filter((value) => isUtf8(value));
    return leastOf(values, (value) => value.toString()) ?? null;
  }

  #profile(attributes: RawEntry['attributes']): Record<ProfileColumn, string | null> {
    const profile = {} as Record<ProfileColumn, string | null>;
    for (const [column, names] of this.#columns) {
      profile[column] = leastOf(valuesOf(attributes, names)) ?? null;
    }
    return profile;
  }

  #managers(attributes: RawEntry['attributes']): readonly ManagerValue[] {
    return valuesOf(attributes, this.#manager).map((bytes) => {
      const value = linkText(bytes);
      return { value, key: this.#keyOf(value) };
    });
  }

  #capped(attributes: RawEntry['attributes'], extras: readonly string[]): readonly string[] {
    if (!hasLong(attributes)) return extras.length === 0 ? NOT_CAPPED : extras;
    const columns = this.#columns.filter(([, names]) => {
      const values = valuesOf(attributes, names);
      const kept = leastOf(values);
      return values.some((value) => isLong(value) && textOf(value) === kept);
    });
    const capped: string[] = columns.map(([column]) => column);
    if (valuesOf(attributes, this.#manager).some(isLong)) capped.push(this.#managerAttribute);
    const all = new Set([...capped, ...extras]);
    return all.size === 0 ? NOT_CAPPED : [...all];
  }
}

/** The values of an attribute, by whatever name the server calls it. */
export function valuesNamed(attributes: RawEntry['attributes'], name: string): readonly Buffer[] {
  return valuesOf(attributes, spellings(name));
}

/** None where all of it is asked for: a server may answer both by the smaller range. */
function leafAttribute(
  { reportsAttribute, attribute }: Leaves,
  configured: readonly string[],
): readonly string[] {
  const isAsked = configured.some((name) => lower(name) === lower(reportsAttribute));
  return isAsked ? [] : [attribute];
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

/** As it may come: a server answers by its own name what it was asked for by an alias or an OID. */
function spellings(name: string): readonly string[] {
  return unique([lower(name), attributeType(name).name]);
}

function lower(name: string): string {
  return name.toLowerCase();
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Map(names.map((name) => [lower(name), name])).values()];
}
