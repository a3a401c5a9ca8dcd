// Distinguished names as the generator builds them, and the many ways to write the same one (RFC 4514, RFC 2253).
import type { Random } from './random.ts';

export type Ava = { readonly type: string; readonly value: string };
export type Rdn = readonly Ava[];
export type Dn = readonly Rdn[];

/** RFC 4514 §2.4. */
export function write(dn: Dn): string {
  return join(dn, (ava) => `${ava.type}=${escapeValue(ava.value)}`);
}

/**
 * A spelling that differs as text from `write` and names the same entry on OpenLDAP. Other servers take fewer of
 * them: `allowed` names those to choose from.
 */
export function respell(dn: Dn, random: Random, allowed = spellings()): string {
  const fitting = SPELLINGS.filter(({ name, fits }) => allowed.includes(name) && fits(dn));
  return fitting.length === 0 ? write(dn) : random.pick(fitting).write(dn, random);
}

/** The names of the spellings, for whoever wants each of them. */
export function spellings(): readonly string[] {
  return SPELLINGS.map((spelling) => spelling.name);
}

export function respellAs(name: string, dn: Dn, random: Random): string | undefined {
  const spelling = SPELLINGS.find((one) => one.name === name && one.fits(dn));
  return spelling?.write(dn, random);
}

type Spelling = {
  readonly name: string;
  readonly fits: (dn: Dn) => boolean;
  readonly write: (dn: Dn, random: Random) => string;
};

const OIDS: Readonly<Record<string, string>> = {
  uid: '0.9.2342.19200300.100.1.1',
  cn: '2.5.4.3',
  ou: '2.5.4.11',
  dc: '0.9.2342.19200300.100.1.25',
};

const ALIASES: Readonly<Record<string, string>> = {
  uid: 'userid',
  cn: 'commonName',
  ou: 'organizationalUnitName',
  dc: 'domainComponent',
};

const always = () => true;
const special = /[",+;<>\\]|^[ #]| $/;

const SPELLINGS: readonly Spelling[] = [
  { name: 'upper case', fits: always, write: (dn) => write(mapAvas(dn, upper)) },
  { name: 'spaces', fits: always, write: (dn) => join(dn, plain, ' , ', ' + ') },
  { name: 'space after comma', fits: always, write: (dn) => join(dn, plain, ', ') },
  { name: 'case and spaces', fits: always, write: (dn) => join(mapAvas(dn, upper), plain, ', ') },
  { name: 'alias', fits: always, write: (dn) => write(mapAvas(dn, renamed(ALIASES))) },
  { name: 'oid', fits: always, write: (dn) => write(mapAvas(dn, renamed(OIDS))) },
  { name: 'hex letters', fits: always, write: (dn) => join(dn, hexFirstLetter) },
  { name: 'hex specials', fits: hasValue(special), write: (dn) => join(dn, hexSpecials) },
  { name: 'quoted', fits: hasValue(special), write: (dn) => join(dn, quoted) },
  { name: 'hex octets', fits: hasValue(/[^ -~]/), write: (dn) => join(dn, hexOctets) },
  { name: 'nfd', fits: changes((v) => v.normalize('NFD')), write: (dn) => write(mapAvas(dn, nfd)) },
  { name: 'full width', fits: hasValue(/^[A-Za-z]/), write: (dn) => write(mapAvas(dn, fullWidth)) },
  { name: 'inner spaces', fits: hasValue(/\S \S/), write: (dn) => write(mapAvas(dn, widened)) },
  { name: 'swapped parts', fits: (dn) => dn.some((rdn) => rdn.length > 1), write: swapped },
];

function join(dn: Dn, avaText: (ava: Ava) => string, comma = ',', plus = '+'): string {
  return dn.map((rdn) => rdn.map(avaText).join(plus)).join(comma);
}

function mapAvas(dn: Dn, change: (ava: Ava) => Ava): Dn {
  return dn.map((rdn) => rdn.map(change));
}

function plain(ava: Ava): string {
  return `${ava.type}=${escapeValue(ava.value)}`;
}

function escapeValue(value: string): string {
  return value
    .replace(/[",+;<>\\]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

/** Only letters that every server folds alike: ASCII, Latin-1 but ß, and Cyrillic. */
function upper(ava: Ava): Ava {
  const value = ava.value.replace(/[a-zà-öø-þа-я]/g, (letter) => letter.toUpperCase());
  return { type: ava.type.toUpperCase(), value };
}

function renamed(names: Readonly<Record<string, string>>): (ava: Ava) => Ava {
  return (ava) => ({ type: names[ava.type.toLowerCase()] ?? ava.type, value: ava.value });
}

function nfd(ava: Ava): Ava {
  return { type: ava.type, value: ava.value.normalize('NFD') };
}

/** A compatibility form (RFC 4518 §2.3): programs that compare by less than NFKC must ask the server. */
function fullWidth(ava: Ava): Ava {
  if (ava.type === 'dc') return ava; // an IA5 string (RFC 4519 §2.4)
  const value = ava.value.replace(/^[A-Za-z]/, (letter) =>
    String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0),
  );
  return { type: ava.type, value };
}

/** Runs of spaces count as one (RFC 4518 §2.6.1). */
function widened(ava: Ava): Ava {
  return { type: ava.type, value: ava.value.replace(/(?<=\S) (?=\S)/g, '  ') };
}

function hexFirstLetter(ava: Ava): string {
  return plain(ava).replace(/=([A-Za-z])/, (_, letter: string) => `=${hex(letter)}`);
}

function hexSpecials(ava: Ava): string {
  return `${ava.type}=${ava.value.replace(/[",+;<>\\]|^[ #]| $/g, hex)}`;
}

function hexOctets(ava: Ava): string {
  return plain(ava).replace(/[^ -~]+/gu, hex);
}

/** RFC 2253 §4: still to be accepted, and stored as it came by OpenLDAP. */
function quoted(ava: Ava): string {
  return special.test(ava.value)
    ? `${ava.type}="${ava.value.replace(/["\\]/g, '\\$&')}"`
    : plain(ava);
}

function swapped(dn: Dn): string {
  return write(dn.map((rdn) => rdn.toReversed()));
}

function hex(text: string): string {
  return Buffer.from(text).toString('hex').replace(/../g, '\\$&');
}

function hasValue(pattern: RegExp): (dn: Dn) => boolean {
  return (dn) => dn.some((rdn) => rdn.some((ava) => pattern.test(ava.value)));
}

function changes(change: (value: string) => string): (dn: Dn) => boolean {
  return (dn) => dn.some((rdn) => rdn.some((ava) => change(ava.value) !== ava.value));
}
