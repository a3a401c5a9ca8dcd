/**
 * Canonical keys. Equal keys mean that OpenLDAP's distinguishedNameMatch says equal; different keys mean nothing:
 * whether two spellings name one entry is then the server's to say.
 */
import { attributeType } from './attribute-types.ts';
import { DnSyntaxError, type ParsedRdn, parseDn, parseFirst } from './parse.ts';
import { prepareValue } from './prepare.ts';

declare const brand: unique symbol;

/** Made by {@link dnKey} only. */
export type DnKey = string & { readonly [brand]: 'DnKey' };

/**
 * The usual DN in one test: known types, ASCII letters, digits and signs that are never escaped, single spaces.
 * For these the key is the text in lower case.
 */
const USUAL_VALUE = "[\\w.@'()/:*&!?$%-]+";
const USUAL_LEVEL = `(?:cn|ou|uid|dc|o|l|st|sn|employeenumber)=${USUAL_VALUE}(?: ${USUAL_VALUE})*`;
const USUAL = new RegExp(`^${USUAL_LEVEL}(?:,${USUAL_LEVEL})*$`, 'i');
const USUAL_FIRST = new RegExp(`${USUAL_LEVEL},`, 'iy');

/** Never throws: a text that is no DN, or that servers read differently, is known by its exact text alone. */
export function dnKey(text: string): DnKey {
  return (USUAL.test(text) ? text.toLowerCase() : unusualKey(text)) as DnKey;
}

/** Few containers hold many people. Bounded: who has more of them, or longer names, has the keys made anew. */
const containers = new Map<string, DnKey>();
const MOST_CONTAINERS = 1_000;
const LONGEST_CONTAINER = 1_000;

function containerKey(text: string): DnKey {
  const known = containers.get(text);
  if (known !== undefined) return known;
  const key = dnKeyInFull(text);
  if (text.length > LONGEST_CONTAINER) return key;
  if (containers.size === MOST_CONTAINERS) containers.clear();
  containers.set(text, key);
  return key;
}

/** Level by level: the first, then its container. */
function unusualKey(text: string): string {
  if (text === '') return ''; // the root DSE
  USUAL_FIRST.lastIndex = 0;
  if (USUAL_FIRST.test(text)) {
    const at = USUAL_FIRST.lastIndex;
    return joined(text, text.slice(0, at - 1).toLowerCase(), text.slice(at));
  }
  const { rdn, above } = tryParse(text, parseFirst) ?? {};
  const own = rdn && rdnKey(rdn);
  return own ? joined(text, own, above) : exactKey(text);
}

function joined(text: string, own: string, above: string | undefined): string {
  if (above === undefined) return own;
  const key = above === '' ? undefined : containerKey(above);
  return key === undefined || isExact(key) ? exactKey(text) : `${own},${key}`;
}

/** {@link dnKey} without the short cuts. Exported for the test that holds them together. */
export function dnKeyInFull(text: string): DnKey {
  const parsed = tryParse(text, parseDn);
  const rdns = parsed?.map(rdnKey);
  const key = rdns === undefined || rdns.includes(null) ? exactKey(text) : rdns.join(',');
  return key as DnKey;
}

/** Yes is certain; no means that only the server knows. */
export function equalDn(a: string, b: string): boolean {
  return a === b || dnKey(a) === dnKey(b);
}

/** Whether `dn` is `base` or lies below it. Yes is certain; no means that only the server knows. */
export function isWithin(dn: string, base: string): boolean {
  if (dn === base) return true;
  const baseKey = dnKey(base);
  const levels = levelKeys(dn);
  if (baseKey === '') return levels !== null;
  return levels !== null && (levels === baseKey || levels.endsWith(`,${baseKey}`));
}

/** The key of a DN of which some levels may be known by their spelling only: those equal nothing. Null: no DN. */
function levelKeys(dn: string): string | null {
  const key = dnKey(dn);
  if (!isExact(key)) return key;
  return (
    tryParse(dn, parseDn)
      ?.map((rdn) => rdnKey(rdn) ?? '?')
      .join(',') ?? null
  );
}

function tryParse<T>(text: string, parse: (text: string) => T): T | null {
  try {
    return parse(text);
  } catch (error) {
    if (error instanceof DnSyntaxError) return null;
    throw error;
  }
}

/** Null: only its spelling names it. OpenLDAP refuses a type that comes twice (RFC 4512 §2.3.2). */
function rdnKey(rdn: ParsedRdn): string | null {
  const keys = new Map<string, string>();
  for (const { type, value, certain } of rdn) {
    const { name, matching } = attributeType(type);
    const prepared = certain ? prepareValue(value, matching) : null;
    if (prepared === null || keys.has(name)) return null;
    keys.set(name, `${name}=${escapeSeparators(prepared)}`);
  }
  return keys.size === 1 ? [...keys.values()].join() : [...keys.values()].sort().join('+');
}

/** After this a comma or plus in a key always separates. */
function escapeSeparators(value: string): string {
  return /[,+\\]/.test(value)
    ? value.replace(/[,+\\]/g, (sign) => SEPARATORS[sign] ?? sign)
    : value;
}

const SEPARATORS: Readonly<Record<string, string>> = { ',': '\\2c', '+': '\\2b', '\\': '\\5c' };

/** No key of a DN starts so: they start with an attribute type, which starts with a letter or a digit. */
const EXACT = '=';
const EXACT_ESCAPED = '~';

/** A lone surrogate would be U+FFFD in the database, and so equal to another: escaped it is kept apart. */
function exactKey(text: string): string {
  return text.isWellFormed() ? EXACT + text : EXACT_ESCAPED + JSON.stringify(text);
}

function isExact(key: DnKey): boolean {
  return key.startsWith(EXACT) || key.startsWith(EXACT_ESCAPED);
}
