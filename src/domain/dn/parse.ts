/**
 * Reads the text form of a distinguished name: RFC 4514, and from LDAPv2 (RFC 1779, 2253 §4) quoted values,
 * `;` between RDNs, `OID.` before a numeric type, white space around the separators.
 */

/** One `type=value`. */
export interface ParsedAva {
  /** As spelt: a name or a numeric OID, without an `OID.` prefix. */
  readonly type: string;
  /** Unescaped; where `certain` is false it may be the spelling itself. */
  readonly value: string;
  /**
   * False where servers read this spelling in different ways or not at all: `#hex`, octets that are not UTF-8,
   * `OID.`, hex pairs within quotes. Such a value equals nothing but its own spelling.
   */
  readonly certain: boolean;
}

/** The attributes of one level, in the order of the text. At least one. */
export type ParsedRdn = readonly ParsedAva[];

/** From the entry's own RDN up to the root. Empty: the root DSE. */
export type ParsedDn = readonly ParsedRdn[];

/** The text is no DN. The message names the place, never the text: DNs are personal data. */
export class DnSyntaxError extends Error {
  /** Offset in UTF-16 units from the start of the text. */
  readonly position: number;

  constructor(expected: string, position: number) {
    super(`not a distinguished name: expected ${expected} at offset ${position}`);
    this.name = 'DnSyntaxError';
    this.position = position;
  }
}

/**
 * Linear in the length of the text, without recursion.
 * @throws {DnSyntaxError} also for NUL and for a lone surrogate, which no server takes in a DN.
 */
export function parseDn(text: string): ParsedDn {
  assertAllowed(text);
  return text === '' ? [] : new Scanner(text).dn();
}

/** A DN of at least one level: the first of them, and the text of the others, undefined where there are none. */
export interface FirstLevel {
  readonly rdn: ParsedRdn;
  readonly above: string | undefined;
}

/** @throws {DnSyntaxError} for the first level; what is above it is not read */
export function parseFirst(text: string): FirstLevel {
  assertAllowed(text);
  return new Scanner(text).first();
}

function assertAllowed(text: string): void {
  const outlaw = OUTLAW.exec(text);
  if (outlaw) throw new DnSyntaxError('a character that a DN may hold', outlaw.index);
}

const OUTLAW = /[\0\p{Cs}]/u;

const GAP = '[ \\t\\n\\r]*';

// Sticky expressions in unrolled form: none can backtrack into a second way of matching, so each is linear.
const NUMBER = '(?:0|[1-9][0-9]*)';
const TYPE = new RegExp(
  `${GAP}(oid\\.(?=\\d))?([a-z][a-z0-9-]*|${NUMBER}(?:\\.${NUMBER})+)${GAP}=${GAP}`,
  'iy',
);
const BER = /#(?:[0-9a-f]{2})+[ \t\n\r]*/iy;
const QUOTED = /"([^"\\]*(?:\\.[^"\\]*)*)"[ \t\n\r]*/sy;
const PLAIN = /[^\\",;+<>]*(?:\\(?:[\\",;+<>=# \t\n\r]|[0-9a-f]{2})[^\\",;+<>]*)*/iy;

const ESCAPED_SIGN = /\\[\\",;+<>=# ]/g;

/** Within quotes OpenLDAP takes `\2C` for `2C`, RFC 2253 for a comma. */
function isAmbiguousInQuotes(inner: string): boolean {
  return inner.replace(ESCAPED_SIGN, '').includes('\\');
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  dn(): ParsedDn {
    const rdns: ParsedRdn[] = [];
    do rdns.push(this.#rdn());
    while (this.#took(',') || this.#took(';'));
    if (this.#at < this.#text.length) throw new DnSyntaxError('a separator', this.#at);
    return rdns;
  }

  first(): FirstLevel {
    const rdn = this.#rdn();
    if (this.#at === this.#text.length) return { rdn, above: undefined };
    if (this.#took(',') || this.#took(';')) return { rdn, above: this.#text.slice(this.#at) };
    throw new DnSyntaxError('a separator', this.#at);
  }

  #rdn(): ParsedRdn {
    const avas: ParsedAva[] = [];
    do avas.push(this.#ava());
    while (this.#took('+'));
    return avas;
  }

  #ava(): ParsedAva {
    const [, prefix, type] = this.#match(TYPE) ?? [];
    if (type === undefined) throw new DnSyntaxError('an attribute type and "="', this.#at);
    const ava = this.#value(type);
    return prefix === undefined ? ava : { ...ava, certain: false };
  }

  #value(type: string): ParsedAva {
    const first = this.#text[this.#at];
    if (first === '#') return this.#ber(type);
    return first === '"' ? this.#quoted(type) : this.#plain(type);
  }

  #ber(type: string): ParsedAva {
    const [spelling] = this.#match(BER) ?? [];
    if (spelling === undefined) throw new DnSyntaxError('pairs of hex digits', this.#at);
    return { type, value: spelling.trimEnd().toLowerCase(), certain: false };
  }

  #quoted(type: string): ParsedAva {
    const [, inner] = this.#match(QUOTED) ?? [];
    if (inner === undefined) throw new DnSyntaxError('a closing quote', this.#at);
    return readValue(type, inner, !isAmbiguousInQuotes(inner));
  }

  #plain(type: string): ParsedAva {
    const [spelling = ''] = this.#match(PLAIN) ?? [];
    return readValue(type, withoutTrailingSpace(spelling), true);
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text);
    if (found) this.#at = expression.lastIndex;
    return found;
  }

  #took(separator: string): boolean {
    const here = this.#text[this.#at] === separator;
    if (here) this.#at += 1;
    return here;
  }
}

const SPACE = ' \t\n\r';

/** As OpenLDAP: a space stays that follows any backslash, even an escaped one. A loop, as ` +$` is quadratic. */
function withoutTrailingSpace(spelling: string): string {
  let end = spelling.length;
  while (end > 1 && SPACE.includes(spelling.charAt(end - 1)) && spelling[end - 2] !== '\\')
    end -= 1;
  return spelling.slice(0, end);
}

function readValue(type: string, spelling: string, certain: boolean): ParsedAva {
  if (!spelling.includes('\\')) return { type, value: spelling, certain };
  try {
    return { type, value: spelling.replace(ESCAPES, unescapeRun), certain };
  } catch {
    return { type, value: spelling, certain: false }; // octets that are not UTF-8: legal, but no text
  }
}

/** A run of hex pairs is decoded as a whole: one character may take several. */
const ESCAPES = /(?:\\[0-9a-f]{2})+|\\./gis;

function unescapeRun(run: string): string {
  return run.length === 2 ? run.slice(1) : decodeURIComponent(run.replaceAll('\\', '%'));
}
