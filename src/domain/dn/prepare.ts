/**
 * String preparation (RFC 4518) as far as all servers agree on it. OpenLDAP lower-cases, decomposes (NFKD) and
 * composes by the tables of Unicode 3.2; JavaScript by those of today. A step is taken only where both come to
 * the same: it may leave equal values apart, never bring different ones together.
 */
import type { Matching } from './attribute-types.ts';

/** Null: no server takes such a value for an attribute of this kind. */
export function prepareValue(value: string, matching: Matching): string | null {
  if (value === '' || value.includes('\0') || !SYNTAX[matching].test(value)) return null;
  if (matching === 'exact') return value;
  const prepared = collapseSpaces(composeLetters(foldCase(value)));
  if (prepared !== '') return prepared;
  return matching === 'ia5' ? null : ' '; // all spaces (RFC 4518 §2.6.1)
}

const ANY = /^/;
const PRINTABLE = "[A-Za-z0-9'()+,\\-./:? ]";
const SYNTAX: Readonly<Record<Matching, RegExp>> = {
  directory: ANY,
  exact: ANY,
  ia5: /^[\x00-\x7f]*$/,
  printable: new RegExp(`^${PRINTABLE}*$`),
  country: new RegExp(`^${PRINTABLE}{2}$`),
};

const ASCII = SYNTAX.ia5;

/**
 * Letters of Unicode 3.2 with one undisputed lower-case partner, in either case. Left out on purpose: İ, ſ, Σ and ς,
 * ẞ, the digraphs with a title case, Ӏ, and all of Georgian, Cherokee, Greek Extended, full width and Deseret.
 */
const LETTERS =
  '\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u012F\\u0131-\\u017E\\u0180-\\u01C3\\u01CD-\\u01F0\\u01F4-\\u0220\\u0222-\\u0233' +
  '\\u0386\\u0388-\\u038A\\u038C\\u038E-\\u03A1\\u03A4-\\u03C1\\u03C4-\\u03CE' +
  '\\u0400-\\u0481\\u048A-\\u04BF\\u04C1-\\u04CE\\u04D0-\\u04F5\\u04F8\\u04F9' +
  '\\u0531-\\u0556\\u0561-\\u0586\\u1E00-\\u1E99\\u1EA0-\\u1EF9';

const FOLDED = new RegExp(`[A-Z${LETTERS}]+`, 'g');

/** Runs of these letters only: `toLowerCase` looks at the neighbours of a sigma. */
function foldCase(value: string): string {
  return ASCII.test(value)
    ? value.toLowerCase()
    : value.replace(FOLDED, (run) => run.toLowerCase());
}

/**
 * A letter with marks that are as old as OpenLDAP's tables, so that both compose them alike, whatever follows.
 * ʒ is what Ʒ becomes. Only after folding: composing `I` + U+0307 would make İ.
 */
const LETTER_WITH_MARKS = new RegExp(`[a-zʒ${LETTERS}][\\u0300-\\u033F]+`, 'g');

function composeLetters(value: string): string {
  return ASCII.test(value)
    ? value
    : value.replace(LETTER_WITH_MARKS, (cluster) => cluster.normalize('NFC'));
}

/** Insignificant space (RFC 4518 §2.6.1): U+0020 alone, for OpenLDAP keeps tabs, and NBSP only by way of NFKD. */
function collapseSpaces(value: string): string {
  const single = value.includes('  ') ? value.replace(/ {2,}/g, ' ') : value;
  const start = single.startsWith(' ') ? 1 : 0;
  const end = single.endsWith(' ') ? single.length - 1 : single.length;
  return single.slice(start, end);
}
