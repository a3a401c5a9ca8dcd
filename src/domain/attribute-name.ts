const OID = String.raw`(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))+`;
const OPTIONS = '(?:;[A-Za-z0-9-]+)*';
/** RFC 4512 §1.4: a descriptor or a numeric OID. */
const NAME = `(?:[A-Za-z][A-Za-z0-9-]*|${OID})`;

const TYPE = new RegExp(`^${NAME}$`);
const DESCRIPTION = new RegExp(`^${NAME}${OPTIONS}$`);
/** Active Directory's range retrieval is outside RFC 4512: `directReports;range=1500-*`. */
const RANGED = new RegExp(String.raw`^${NAME}${OPTIONS};range=\d+-(?:\d+|\*)${OPTIONS}$`);

/** Whether `name` is an attribute description (RFC 4512 §2.5): `cn`, `cn;lang-de`, `2.5.4.3`. */
export function isAttributeName(name: string): boolean {
  return DESCRIPTION.test(name);
}

/** Whether `name` is an attribute type: an attribute description without options. */
export function isAttributeType(name: string): boolean {
  return TYPE.test(name);
}

/** Matching rules are named as attribute types are (RFC 4512 §1.4). */
export const isMatchingRule = isAttributeType;

/** @throws {TypeError} where `name` is no attribute description */
export function assertAttributeName(name: string): void {
  if (!isAttributeName(name)) throw badName(name);
}

/**
 * What a search may ask for: a name, a name with a range, `*`, `+` or `1.1` (RFC 4511 §4.5.1.8).
 * @throws {TypeError}
 */
export function assertSelector(name: string): void {
  const known = name === '*' || name === '+' || isAttributeName(name) || RANGED.test(name);
  if (!known) throw badName(name);
}

function badName(name: string): TypeError {
  const shown = JSON.stringify(name.slice(0, 64));
  return new TypeError(`Expected an attribute name such as \`cn\` or \`2.5.4.3\`, got ${shown}`);
}
