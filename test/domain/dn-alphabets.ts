// Where the characters of random values come from: all of Unicode, with the awkward parts more often.
import type { Dice } from './dn-spellings.ts';

type Range = readonly [number, number];

const ASCII_LETTERS: Range = [0x61, 0x7a];

/** Letters that two case tables or normal forms may treat differently. */
const AWKWARD = 'İıſΣσςẞßǅǆǄǲΩKÅµΐΰϐϑϒẛẚªºﬁﬀĳŀŉӀӏႠაᏣꮳᾼᾳΆάϴ①ＡａℂⅣ가각ᄀ…¨´½ÅK';
const SIGNS = '\\",;+<>=#  \t\n\r/*()\'-_.@\u00a0\u2003\u3000\u200b\u00ad\u0001\u007f';

const BLOCKS: readonly Range[] = [
  [0x00c0, 0x024f], // Latin
  [0x0250, 0x02af],
  [0x0300, 0x036f], // combining marks
  [0x0300, 0x0330],
  [0x0370, 0x03ff], // Greek
  [0x0400, 0x052f], // Cyrillic
  [0x0531, 0x0587], // Armenian
  [0x0591, 0x06ed], // Hebrew, Arabic, with their marks
  [0x0900, 0x0bff], // Indic
  [0x10a0, 0x11ff], // Georgian, Hangul Jamo
  [0x13a0, 0x13ff], // Cherokee
  [0x1ab0, 0x1aff], // marks younger than Unicode 3.2
  [0x1c80, 0x1cbf],
  [0x1e00, 0x1fff], // Latin additional, Greek extended
  [0x2000, 0x214f],
  [0x2c00, 0x2dff],
  [0xa640, 0xa7ff],
  [0xab70, 0xabbf],
  [0xac00, 0xd7a3], // Hangul
  [0xf900, 0xffee], // compatibility forms, full width
  [0x10400, 0x1044f], // Deseret
  [0x1d400, 0x1d7ff],
  [0x1f600, 0x1f64f],
];

export function anyCharacter(dice: Dice): string {
  const kind = dice.roll(10);
  if (kind < 3) return inRange(ASCII_LETTERS, dice);
  if (kind < 4) return dice.pick([...SIGNS]);
  if (kind < 6) return dice.pick([...AWKWARD]);
  return kind < 9 ? inRange(dice.pick(BLOCKS), dice) : anywhere(dice);
}

function inRange([first, last]: Range, dice: Dice): string {
  return String.fromCodePoint(first + dice.roll(last - first + 1));
}

function anywhere(dice: Dice): string {
  const code = 1 + dice.roll(0x10ffff);
  return code >= 0xd800 && code <= 0xdfff ? '\ufffd' : String.fromCodePoint(code);
}

export function asciiCharacter(dice: Dice): string {
  return dice.oneIn(3) ? dice.pick([...',+"\\<>;#= \'()/._-@07']) : dice.pick([...'abxyzABXYZ  ']);
}

/**
 * Latin letters as names have them. Without İ and ſ, which servers fold in opposite ways, and without ligatures and the
 * like, which only a compatibility form equates.
 */
const LATIN = Array.from({ length: 0x1ef9 - 0xc0 + 1 }, (_, index) =>
  String.fromCodePoint(0xc0 + index),
).filter(
  (char) =>
    /^[\u00c0-\u0217\u1e00-\u1e95\u1ea0-\u1ef9]$/.test(char) &&
    /\p{L}/u.test(char) &&
    !/[İſ]/.test(char) &&
    char.normalize('NFKD') === char.normalize('NFD') &&
    char.toLowerCase().normalize('NFKD') === char.toLowerCase().normalize('NFD'),
);

export function latinCharacter(dice: Dice): string {
  return dice.oneIn(2) ? asciiCharacter(dice) : dice.pick(LATIN);
}
