// Our "equal" against a real slapd's distinguishedNameMatch.
import { beforeAll, describe, expect, it } from 'vitest';
import { equalDn } from '../../src/domain/dn.ts';
import { anyCharacter, asciiCharacter, latinCharacter } from './dn-alphabets.ts';
import { type Ava, Dice, type Rdn, randomValue, spellDn, variantOf } from './dn-spellings.ts';
import { askSlapd, type Pair, type Verdict } from './slapd-oracle.ts';

interface Group {
  readonly pairs: readonly Pair[];
  /** Of slapd, in the same order. */
  verdicts: readonly Verdict[];
}

type Alphabet = (dice: Dice) => string;

const UNICODE_TYPES = ['cn', 'ou', 'uid', 'dc', 'o', 'sn', 'mail', 'l', 'title', 'badge'];
const LATIN_TYPES = ['cn', 'ou', 'uid', 'dc', 'o'];
const ASCII_ONLY = ['dc', 'mail'];

const groups = {
  unicode: group(randomPairs(20_000, 20261123, UNICODE_TYPES, anyCharacter)),
  latin: group(randomPairs(15_000, 4514, LATIN_TYPES, latinCharacter)),
  characters: group(equatedCharacters()),
  marks: group(equatedMarks()),
};

beforeAll(async () => {
  const all = Object.values(groups);
  const verdicts = await askSlapd(all.flatMap(({ pairs }) => pairs));
  let first = 0;
  for (const each of all) {
    each.verdicts = verdicts.slice(first, first + each.pairs.length);
    first += each.pairs.length;
  }
});

describe('equalDn beside slapd', () => {
  it('says yes only where slapd does, over all of Unicode', () => {
    expect(wrongYes(groups.unicode)).toEqual([]);
    expect(count(groups.unicode, 'equal', true)).toBeGreaterThan(10_000);
    expect(count(groups.unicode, 'different', false)).toBeGreaterThan(2_000);
    expect(count(groups.unicode, 'refused', false)).toBeGreaterThan(1_000);
  });

  it('says yes exactly where slapd does, for ASCII and Latin values of cn, ou, uid, dc and o', () => {
    expect(wrongYes(groups.latin)).toEqual([]);
    expect(wrongNo(groups.latin)).toEqual([]);
    expect(count(groups.latin, 'equal', true)).toBeGreaterThan(10_000);
    expect(count(groups.latin, 'different', false)).toBeGreaterThan(500);
  });

  it('says yes only where slapd does, for every character that it folds', () => {
    expect(wrongYes(groups.characters)).toEqual([]);
    expect(count(groups.characters, 'equal', true)).toBeGreaterThan(1_000);
  });

  it('says yes only where slapd does, for every letter that it composes with a mark', () => {
    expect(wrongYes(groups.marks)).toEqual([]);
    expect(count(groups.marks, 'equal', true)).toBeGreaterThan(400);
  });
});

function group(pairs: readonly Pair[]): Group {
  return { pairs, verdicts: [] };
}

/** Two spellings of two DNs that are often the same and always much alike. */
function randomPairs(
  size: number,
  seed: number,
  types: readonly string[],
  alphabet: Alphabet,
): readonly Pair[] {
  const dice = new Dice(seed);
  return Array.from({ length: size }, () => {
    const dn = Array.from({ length: 1 + dice.roll(3) }, () => randomRdn(types, alphabet, dice));
    const twin = dn.map((rdn) => rdn.map((ava) => ({ ...ava, value: variantOf(ava.value, dice) })));
    return [spellDn(dn, dice), spellDn(twin, dice)];
  });
}

function randomRdn(types: readonly string[], alphabet: Alphabet, dice: Dice): Rdn {
  return Array.from({ length: dice.oneIn(4) ? 2 : 1 }, () =>
    randomAva(dice.pick(types), alphabet, dice),
  );
}

function randomAva(type: string, alphabet: Alphabet, dice: Dice): Ava {
  return { type, value: randomValue(ASCII_ONLY.includes(type) ? asciiCharacter : alphabet, dice) };
}

/** Every single character beside its other cases and normal forms, where we call them equal. */
function equatedCharacters(): readonly Pair[] {
  return codePoints(0x21, 0x2ffff)
    .map((code) => String.fromCodePoint(code))
    .flatMap((char) => otherForms(char).map((form) => asCn(char, form)))
    .filter(([a, b]) => a !== b && equalDn(a, b));
}

function otherForms(char: string): readonly string[] {
  const cases = [char.toLowerCase(), char.toUpperCase()];
  return [...cases, ...['NFC', 'NFD', 'NFKC', 'NFKD'].map((form) => char.normalize(form))];
}

/** Every letter before every mark, composed and not, where we call them equal. */
function equatedMarks(): readonly Pair[] {
  const letters = codePoints(0x41, 0x1fff)
    .map((code) => String.fromCodePoint(code))
    .filter((char) => /\p{L}/u.test(char));
  const marks = codePoints(0x300, 0x345).map((code) => String.fromCodePoint(code));
  return letters
    .flatMap((letter) => marks.map((mark) => asCn(letter + mark, (letter + mark).normalize('NFC'))))
    .filter(([a, b]) => a !== b && equalDn(a, b));
}

function codePoints(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter(
    (code) => code < 0xd800 || code > 0xdfff,
  );
}

function asCn(a: string, b: string): Pair {
  return [`cn=x${a}`, `cn=x${b.replace(/["+,;<>\\]/g, '\\$&')}`];
}

/** What slapd takes for no DN equals nothing but its own text. */
function wrongYes({ pairs, verdicts }: Group): readonly string[] {
  return pairs
    .filter(([a, b], index) => a !== b && verdicts[index] !== 'equal' && equalDn(a, b))
    .map(inAscii);
}

function wrongNo({ pairs, verdicts }: Group): readonly string[] {
  return pairs
    .filter(([a, b], index) => verdicts[index] === 'equal' && !equalDn(a, b))
    .map(inAscii);
}

function count({ pairs, verdicts }: Group, verdict: Verdict, ours: boolean): number {
  return pairs.filter(([a, b], at) => verdicts[at] === verdict && equalDn(a, b) === ours).length;
}

function inAscii(pair: Pair): string {
  return JSON.stringify(pair).replace(
    /[^ -~]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
