import { describe, expect, test } from 'vitest';
import { printable } from '../../src/cli/terminal.ts';

describe('text of the directory on a terminal', () => {
  test.each([
    ['NUL', 'a\0b', 'a\\u{0}b'],
    ['an escape sequence', '\x1b[2J\x07', '\\u{1b}[2J\\u{7}'],
    ['C1 controls', '\x85\x9b', '\\u{85}\\u{9b}'],
    [
      'line breaks of all kinds',
      '\r\n\v\f\u2028\u2029',
      '\\u{d}\\u{a}\\u{b}\\u{c}\\u{2028}\\u{2029}',
    ],
    ['overrides of direction', '\u202e\u2066\u200f\u061c', '\\u{202e}\\u{2066}\\u{200f}\\u{61c}'],
    ['lone surrogates', 'a\ud83eb\udd84', 'a\\u{d83e}b\\u{dd84}'],
  ])('is escaped where it holds %s', (_, text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  test('is shown as it is where it holds letters of any script, or a 4-byte emoji', () => {
    const text = 'Zoë Ångström \u05d0\u05d1 人 \u{1f984} e\u0301';
    expect(printable(text)).toBe(text);
  });
});
