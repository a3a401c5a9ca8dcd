import { isAttributeName } from '../domain/attribute-name.ts';
import { PROFILE_COLUMNS, type ProfileColumn } from '../domain/employee.ts';
import type { Fault, Kind } from './kinds.ts';
import { nearest } from './suggest.ts';

/** Attributes that feed columns, in place of what suits the server; none: the column stays empty. */
export type ColumnMapping = Readonly<Partial<Record<ProfileColumn, readonly string[]>>>;

const ATTRIBUTE = 'an attribute name such as `title`, `cn;lang-de` or `2.5.4.12`';

/** An attribute with or without options (RFC 4512 §2.5). `*`, `+` and `1.1` stand for many or none (RFC 4511 §4.5.1.8). */
export const attributeDescription: Kind<string> = {
  expected: ATTRIBUTE,
  placeholder: 'attribute',
  parse: (raw) => (isOneAttribute(raw) ? raw : undefined),
  hint: (raw) => (raw === '*' || raw === '+' ? 'name each one' : undefined),
};

/** Columns to attributes, the first that an entry has coming first. The file brings a `Map`. */
export const columnMapping: Kind<ColumnMapping> = {
  expected: 'columns with their attributes, such as `title: [jobTitle, title]`',
  placeholder: 'column: [attribute, …]',
  parse(raw) {
    if (!(raw instanceof Map) || faultsOf(raw).length > 0) return undefined;
    const columns = [...raw].map(([column, names]) => [column, Object.freeze([names].flat())]);
    return Object.freeze(Object.fromEntries(columns));
  },
  faults: (raw) => (raw instanceof Map ? faultsOf(raw) : []),
};

function faultsOf(mapping: ReadonlyMap<unknown, unknown>): readonly Fault[] {
  return [...mapping].flatMap(([column, names]) => {
    const part = String(column);
    return isColumn(part) ? attributeFaults(part, names) : [unknownColumn(part)];
  });
}

function attributeFaults(part: string, names: unknown): readonly Fault[] {
  const wrong = [names].flat().filter((name) => !isOneAttribute(name));
  return wrong.map((got) => ({ part, expected: ATTRIBUTE, got }));
}

function unknownColumn(part: string): Fault {
  const near = nearest(part, PROFILE_COLUMNS);
  const hint = near === undefined ? undefined : `did you mean \`${near}\`?`;
  const expected = `one of the columns ${PROFILE_COLUMNS.join(', ')}`;
  return { part, expected, got: part, ...(hint === undefined ? {} : { hint }) };
}

function isColumn(name: string): name is ProfileColumn {
  return (PROFILE_COLUMNS as readonly string[]).includes(name);
}

function isOneAttribute(raw: unknown): raw is string {
  return typeof raw === 'string' && raw !== '1.1' && isAttributeName(raw);
}
