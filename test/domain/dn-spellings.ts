// Many ways to write one DN, and many values that look alike. All of it follows from a seed.

/** A small seeded generator (mulberry32): the same seed gives the same spellings on every machine. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 0 … sides - 1 */
  roll(sides: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  }

  oneIn(sides: number): boolean {
    return this.roll(sides) === 0;
  }

  pick<T>(items: ArrayLike<T>): T {
    return items[this.roll(items.length)] as T;
  }

  shuffle<T>(items: readonly T[]): T[] {
    return items
      .map((item) => ({ item, order: this.roll(1 << 30) }))
      .sort((a, b) => a.order - b.order)
      .map(({ item }) => item);
  }
}

export interface Ava {
  readonly type: string;
  readonly value: string;
}

export type Rdn = readonly Ava[];

const ALIASES: Readonly<Record<string, readonly string[]>> = {
  cn: ['cn', 'commonName', '2.5.4.3'],
  sn: ['sn', 'surname', '2.5.4.4'],
  ou: ['ou', 'organizationalUnitName', '2.5.4.11'],
  o: ['o', 'organizationName', '2.5.4.10'],
  l: ['l', 'localityName', '2.5.4.7'],
  uid: ['uid', 'userid', '0.9.2342.19200300.100.1.1'],
  dc: ['dc', 'domainComponent', '0.9.2342.19200300.100.1.25'],
  mail: ['mail', 'rfc822Mailbox', '0.9.2342.19200300.100.1.3'],
};

/** One of the many texts of this DN. The same types in another case or under another name, values unchanged. */
export function spellDn(rdns: readonly Rdn[], dice: Dice): string {
  const separator = () => gap(dice) + dice.pick([',', ',', ',', ';']) + gap(dice);
  return rdns.map((rdn) => spellRdn(rdn, dice)).reduce((dn, rdn) => joinAt(dn, separator(), rdn));
}

function spellRdn(rdn: Rdn, dice: Dice): string {
  return dice
    .shuffle(rdn)
    .map(({ type, value }) => spellType(type, dice) + spellValue(value, dice))
    .reduce((all, ava) => joinAt(all, `${gap(dice)}+${gap(dice)}`, ava));
}

/** OpenLDAP keeps a space after an escaped backslash, so none may be put there. */
function joinAt(left: string, separator: string, right: string): string {
  return left + (left.endsWith('\\') ? separator.trimStart() : separator) + right;
}

function spellType(type: string, dice: Dice): string {
  return `${randomCase(dice.pick(ALIASES[type] ?? [type]), dice)}${gap(dice)}=${gap(dice)}`;
}

function spellValue(value: string, dice: Dice): string {
  if (dice.oneIn(5) && !value.includes('\0')) return quoted(value, dice);
  const chars = [...value];
  return chars.map((char, at) => spellChar(char, at, chars.length, dice)).join('');
}

function quoted(value: string, dice: Dice): string {
  const inner = value.replace(/[\\",;+<>=# ]/g, (sign) =>
    sign === '"' || sign === '\\' || dice.oneIn(3) ? `\\${sign}` : sign,
  );
  return `"${inner}"`;
}

const ALWAYS_ESCAPED = '\\",;+<>';
const SPACE = ' \t\n\r';

function spellChar(char: string, at: number, length: number, dice: Dice): string {
  if (char === '\0') return hexPairs(char, dice);
  const atEdge = at === 0 || at === length - 1;
  const must = ALWAYS_ESCAPED.includes(char) || (atEdge && SPACE.includes(char));
  if (must || (at === 0 && char === '#')) return dice.pick([`\\${char}`, hexPairs(char, dice)]);
  if (dice.oneIn(8)) return hexPairs(char, dice);
  return '=# '.includes(char) && dice.oneIn(3) ? `\\${char}` : char;
}

function hexPairs(char: string, dice: Dice): string {
  const pairs = Buffer.from(char).toString('hex').match(/../g) ?? [];
  return pairs.map((pair) => `\\${randomCase(pair, dice)}`).join('');
}

function gap(dice: Dice): string {
  return dice.oneIn(4) ? dice.pick([' ', ' ', '  ', '\t', ' \n ', '\r\n']) : '';
}

/** ASCII letters only: other letters are the business of {@link variantOf}. */
export function randomCase(text: string, dice: Dice): string {
  return text.replace(/[a-z]/gi, (letter) =>
    dice.oneIn(2) ? letter.toUpperCase() : letter.toLowerCase(),
  );
}

/** 1 … 8 characters of an alphabet. */
export function randomValue(alphabet: (dice: Dice) => string, dice: Dice): string {
  return Array.from({ length: 1 + dice.roll(8) }, () => alphabet(dice)).join('');
}

/** The value in another dress: sometimes the same for a directory, sometimes not. */
export function variantOf(value: string, dice: Dice): string {
  const change = dice.pick(CHANGES);
  const changed = change(value, dice);
  return changed === '' || dice.oneIn(3) ? value : changed;
}

const CHANGES: readonly ((value: string, dice: Dice) => string)[] = [
  (value) => value.toUpperCase(),
  (value) => value.toLowerCase(),
  (value) => [...value].map((char) => char.toLowerCase()).join(''),
  randomCase,
  (value) => value.normalize('NFC'),
  (value) => value.normalize('NFD'),
  (value) => value.normalize('NFKC'),
  (value) => value.normalize('NFKD'),
  (value) => value.toLowerCase().normalize('NFKC').toLowerCase(),
  (value) => value.normalize('NFD').toUpperCase(),
  (value, dice) => ' '.repeat(dice.roll(3)) + value + ' '.repeat(dice.roll(3)),
  (value, dice) => value.replaceAll(' ', () => ' '.repeat(1 + dice.roll(3))),
  (value) => value.trim(),
  (value, dice) => value.replace(/\p{M}+/gu, (marks) => dice.shuffle([...marks]).join('')),
  (value, dice) =>
    insertAt(value, dice.pick(['\u00ad', '\u200b', '\ufeff', '\u034f', ' ', 'a']), dice),
  (value, dice) => [...value].map((char) => (dice.oneIn(2) ? swapCase(char) : char)).join(''),
  (value) => value.replaceAll('σ', 'ς'),
];

function insertAt(value: string, inserted: string, dice: Dice): string {
  const chars = [...value];
  return chars.toSpliced(dice.roll(chars.length + 1), 0, inserted).join('');
}

function swapCase(char: string): string {
  const lower = char.toLowerCase();
  return lower === char ? char.toUpperCase() : lower;
}
