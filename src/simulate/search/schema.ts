import type { AttributeValue } from '../directory.ts';
import { dnKey } from './dn-key.ts';

type Syntax = 'text' | 'dn' | 'uuid' | 'time' | 'integer' | 'phone' | 'octets';

const SYNTAXES: ReadonlyMap<string, Syntax> = new Map<string, Syntax>([
  ...dns('manager', 'member', 'uniquemember', 'secretary', 'seealso', 'owner', 'entrydn'),
  ...dns('directreports', 'distinguishedname', 'roleoccupant', 'subschemasubentry'),
  ['entryuuid', 'uuid'],
  ['createtimestamp', 'time'],
  ['modifytimestamp', 'time'],
  ['whencreated', 'time'],
  ['whenchanged', 'time'],
  ['uidnumber', 'integer'],
  ['gidnumber', 'integer'],
  ['useraccountcontrol', 'integer'],
  ['usnchanged', 'integer'],
  ['telephonenumber', 'phone'],
  ['mobile', 'phone'],
  ['objectguid', 'octets'],
  ['jpegphoto', 'octets'],
  ['userpassword', 'octets'],
]);

function dns(...names: readonly string[]): readonly (readonly [string, Syntax])[] {
  return names.map((name) => [name, 'dn'] as const);
}

/** Attribute types that the server knows even where no entry has them; any other makes a filter term Undefined. */
export const STANDARD_ATTRIBUTES: ReadonlySet<string> = new Set([
  ...SYNTAXES.keys(),
  ...'cn sn givenname displayname initials uid mail title ou o l st c street description'.split(
    ' ',
  ),
  ...'postalcode postaladdress departmentnumber department employeenumber employeetype'.split(' '),
  ...'preferredlanguage roomnumber homephone pager labeleduri businesscategory dc'.split(' '),
  ...'objectclass structuralobjectclass hassubordinates company samaccountname'.split(' '),
]);

const LARGEST_INTEGER_WIDTH = 20;

/** What two values of the attribute have in common when its equality rule holds; undefined for an invalid value. */
export function valueKey(attribute: string, value: AttributeValue): string | undefined {
  const syntax = SYNTAXES.get(attribute) ?? 'text';
  if (syntax === 'octets') return Buffer.from(value).toString('latin1');
  const text = typeof value === 'string' ? value : value.toString('utf8');
  switch (syntax) {
    case 'dn':
      return dnKey(text);
    case 'phone':
      return text.toLowerCase().replace(/[\s-]/gu, '');
    case 'integer':
      return /^-?\d+$/u.test(text) ? text.padStart(LARGEST_INTEGER_WIDTH, '0') : undefined;
    case 'uuid':
      return UUID.test(text) ? text.toLowerCase() : undefined;
    case 'time':
      return text;
    case 'text':
      return folded(text).trim();
    default:
      return syntax satisfies never;
  }
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu;

/** Case and runs of spaces do not count (RFC 4518, simplified). */
export function folded(text: string): string {
  const lower = text.toLowerCase().normalize('NFKC');
  return lower.includes('  ') ? lower.replace(/ {2,}/gu, ' ') : lower;
}

/** Which servers know an ordering or a substring rule for which attribute types. */
export interface MatchingRules {
  orders(attribute: string): boolean;
  hasSubstrings(attribute: string): boolean;
}

/** OpenLDAP's own schema: `(uid>=x)` and `(entryUUID=ab*)` are Undefined and find nothing, with success. */
export const OPENLDAP_RULES: MatchingRules = {
  orders: (attribute) => ['uuid', 'time', 'integer'].includes(SYNTAXES.get(attribute) ?? 'text'),
  hasSubstrings: (attribute) => ['text', 'phone'].includes(SYNTAXES.get(attribute) ?? 'text'),
};

export const PERMISSIVE_RULES: MatchingRules = {
  orders: (attribute) => SYNTAXES.get(attribute) !== 'dn',
  hasSubstrings: (attribute) => SYNTAXES.get(attribute) !== 'dn',
};
