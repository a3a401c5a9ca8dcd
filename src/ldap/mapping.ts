import { isUtf8 } from 'node:buffer';
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
import { ACTIVITY_ATTRIBUTES, Activity } from './mapping/activity.ts';
import { ExtraAttributes } from './mapping/extra-attributes.ts';
import { idText, idValue } from './mapping/id-text.ts';
import { refuseSecrets } from './mapping/secrets.ts';
import type { Details, Outline } from './mapping/seen-employee.ts';
import { type Numbers, spellings, Wanted } from './mapping/wanted.ts';
import type { RawEntry } from './messages/entry.ts';
import { equality, type Filter } from './messages/filters.ts';
import { Fingerprint } from './messages/fingerprint.ts';
import { isLong, linkText, MAX_VALUE_BYTES, mayBeBroken, textOf } from './text.ts';

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
  /** Of the program: another one may read the same entry otherwise. */
  readonly edition: string;
}

/** A long value is none of those that come over and over. */
const SHARED = { most: 2_000, bytes: 512 } as const;

/** A column, and the attributes that feed it. */
interface Column {
  readonly name: ProfileColumn;
  readonly attributes: Numbers;
  readonly spelt: readonly string[];
}

/** Turns entries into employees. */
export class Mapper {
  /** What a search must ask for. */
  readonly attributes: readonly string[];
  /** Those of them that hold text about the person, in lower case. */
  readonly textAttributes: readonly string[];
  readonly #wanted = new Wanted();
  readonly #columns: readonly Column[];
  readonly #id: string;
  readonly #ids: Numbers;
  readonly #manager: Numbers;
  readonly #managerAttribute: string;
  readonly #managerNames: readonly string[];
  readonly #link: Numbers | typeof DN_LINK;
  readonly #keyOf: (value: string) => string;
  readonly #leaves: Leaves | undefined;
  readonly #activity: Activity;
  readonly #extras: ExtraAttributes;
  /** By what the directory holds: those who report to one manager name them alike, mostly. */
  readonly #managerValues = new Map<string, ManagerValue>();
  /** How entries are read. */
  readonly #manner = new Fingerprint();

  /** Throws a `UsageError` where an attribute that holds a secret is among those to be asked for. */
  constructor(options: MapperOptions) {
    const { mapping, idAttribute, managerAttribute, managerValue, leaves, edition } = options;
    const manner = { mapping, idAttribute, managerAttribute, managerValue, edition };
    this.#manner.addText(JSON.stringify(manner));
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
    this.#columns = PROFILE_COLUMNS.map((name) => this.#column(name, mapping[name]));
    this.#id = lower(idAttribute);
    this.#ids = this.#wanted.numbersOf([idAttribute]);
    this.#manager = this.#wanted.numbersOf([managerAttribute]);
    this.#managerAttribute = managerAttribute;
    this.#managerNames = spellings(managerAttribute);
    this.#link = managerValue === DN_LINK ? DN_LINK : this.#wanted.numbersOf([managerValue]);
    this.#keyOf = linkKeyOf(managerValue);
    this.#leaves = leaves;
    this.#activity = new Activity(this.#wanted);
    this.#extras = new ExtraAttributes(attributes);
  }

  employee(entry: RawEntry): Employee {
    const outline = this.outline(entry, this.isLeaf(entry));
    return { ...outline, ...this.details(entry, outline) };
  }

  outline(entry: RawEntry, leaf: boolean): Outline {
    this.#wanted.look(entry);
    const { dn } = entry;
    const id = this.#idIn(entry);
    const extras = this.#extras.in(entry);
    return {
      // Two DNs that are no valid UTF-8 may look alike.
      id: id ?? dnKey(entry.dnValid ? dn : linkText(entry.dnBytes)),
      hasId: id !== undefined,
      dn,
      link: this.#linkIn(entry, dn),
      attributes: extras.json,
      managers: this.#managers(entry),
      leaf,
      capped: this.#capped(entry, extras.capped),
      fingerprint: this.#fingerprint(entry),
    };
  }

  /** The rest of it. */
  details(entry: RawEntry, { link }: Outline): Details {
    this.#wanted.look(entry);
    return {
      linkKey: link === null ? null : this.#keyOf(link),
      profile: this.#profile(entry),
      active: this.#activity.isActive(this.#wanted, entry),
    };
  }

  /** Whether the server told that nobody reports to this person. */
  isLeaf(entry: RawEntry): boolean {
    return this.#leaves?.isLeaf(entry) ?? false;
  }

  /** Whether it comes with a value of the manager attribute. */
  showsManager({ layout }: RawEntry): boolean {
    for (let at = 0; at < layout.attributes; at += 1) {
      const isIt = this.#managerNames.includes(layout.name(at));
      if (isIt && layout.firstValue(at) < layout.endOfValues(at)) return true;
    }
    return false;
  }

  /** Matches the entry with this id. */
  idIs(id: string): Filter {
    return equality(this.#id, idValue(this.#id, id));
  }

  /** Undefined where the entry lacks the id attribute. */
  idOf(entry: RawEntry): string | undefined {
    this.#wanted.look(entry);
    return this.#idIn(entry);
  }

  #fingerprint(entry: RawEntry): number {
    const print = new Fingerprint(this.#manner);
    entry.addTo(print);
    return print.number;
  }

  #column(name: ProfileColumn, attributes: readonly string[]): Column {
    const spelt = attributes.flatMap(spellings);
    return { name, spelt, attributes: this.#wanted.numbersOf(attributes) };
  }

  #idIn(entry: RawEntry): string | undefined {
    const place = this.#wanted.find(this.#ids);
    return place === undefined
      ? undefined
      : idText(this.#id, entry, entry.layout.firstValue(place));
  }

  /** A DN that is no valid UTF-8 names nobody: asked for with U+FFFD in it, it would seem to have no reports. */
  #linkIn(entry: RawEntry, dn: string): string | null {
    if (this.#link === DN_LINK) return entry.dnValid ? dn : null;
    const place = this.#wanted.find(this.#link);
    if (place === undefined) return null;
    // Never cut: what remained would name somebody else, or nobody.
    return leastExact(entry, place) ?? null;
  }

  #profile(entry: RawEntry): Record<ProfileColumn, string | null> {
    const profile = {} as Record<ProfileColumn, string | null>;
    for (const { name, attributes } of this.#columns) {
      const place = this.#wanted.find(attributes);
      profile[name] = place === undefined ? null : leastOf(entry, place);
    }
    return profile;
  }

  #managers(entry: RawEntry): readonly ManagerValue[] {
    const place = this.#wanted.find(this.#manager);
    if (place === undefined) return NOBODY;
    const { layout } = entry;
    const managers: ManagerValue[] = [];
    const end = layout.endOfValues(place);
    for (let n = layout.firstValue(place); n < end; n += 1)
      managers.push(this.#managerIn(entry, n));
    return managers;
  }

  #managerIn(entry: RawEntry, n: number): ManagerValue {
    const text = entry.text(n);
    // Only the bytes tell a value that has U+FFFD from one that is no valid UTF-8.
    const known = mayBeBroken(text) ? undefined : this.#managerValues.get(text);
    if (known !== undefined) return known;
    const bytes = entry.bytes(n);
    const value = linkText(bytes);
    const manager = { value, key: this.#keyOf(value) };
    if (value === text && bytes.length <= SHARED.bytes) {
      if (this.#managerValues.size === SHARED.most) this.#managerValues.clear();
      this.#managerValues.set(value, manager);
    }
    return manager;
  }

  #capped(entry: RawEntry, extras: readonly string[]): readonly string[] {
    if (entry.layout.longest <= MAX_VALUE_BYTES) return extras.length === 0 ? NOT_CAPPED : extras;
    const { attributes } = entry;
    const columns = this.#columns.filter(({ spelt }) => keepsLong(valuesOf(attributes, spelt)));
    const capped: string[] = columns.map(({ name }) => name);
    const managers = valuesOf(attributes, this.#managerNames);
    if (managers.some(isLong)) capped.push(this.#managerAttribute);
    const all = new Set([...capped, ...extras]);
    return all.size === 0 ? NOT_CAPPED : [...all];
  }
}

/** The least by code units, whatever the order in which the server returned them: the same entry gives the same row. */
function leastOf(entry: RawEntry, place: number): string {
  const { layout } = entry;
  const first = layout.firstValue(place);
  const end = layout.endOfValues(place);
  let least = cutText(entry, first);
  for (let n = first + 1; n < end; n += 1) {
    const text = cutText(entry, n);
    if (text < least) least = text;
  }
  return least;
}

function cutText(entry: RawEntry, value: number): string {
  return entry.layout.longest > MAX_VALUE_BYTES ? textOf(entry.bytes(value)) : entry.text(value);
}

/** The same of those that are UTF-8, each in full. */
function leastExact(entry: RawEntry, place: number): string | undefined {
  const { layout } = entry;
  let least: string | undefined;
  for (let n = layout.firstValue(place); n < layout.endOfValues(place); n += 1) {
    const text = entry.text(n);
    if (mayBeBroken(text) && !isUtf8(entry.bytes(n))) continue;
    if (least === undefined || text < least) least = text;
  }
  return least;
}

/** Whether the value that is kept of these was cut. */
function keepsLong(values: readonly Buffer[]): boolean {
  const texts = values.map(textOf);
  const kept = texts.reduce((least, text) => (text < least ? text : least), texts[0] ?? '');
  return values.some((value, n) => isLong(value) && texts[n] === kept);
}

const NOBODY: readonly ManagerValue[] = Object.freeze([]);

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

function lower(name: string): string {
  return name.toLowerCase();
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Map(names.map((name) => [lower(name), name])).values()];
}
