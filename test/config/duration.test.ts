import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';

describe('durations', () => {
  test.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['3d', 259_200_000],
    ['1d2h3m4s5ms', 93_784_005],
    ['0s', 0],
    ['90m', 5_400_000],
  ])('%s is read', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '30', '30 s', '-5s', '1.5h', '30m1h', '1h1h', '5S', 's', '99999999999999d', '١s'])(
    '`%s` is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  test('what is written is read as the same time', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 13 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });

  test('whatever is read, its written form is read as the same', () => {
    const part = (unit: string) =>
      fc.option(
        fc.nat(9999).map((n) => `${n}${unit}`),
        { nil: '' },
      );
    fc.assert(
      fc.property(fc.tuple(...['d', 'h', 'm', 's', 'ms'].map(part)), (parts) => {
        const ms = parseDuration(parts.join(''));
        if (ms !== undefined) expect(parseDuration(formatDuration(ms))).toBe(ms);
        else expect(parts.join('')).toBe('');
      }),
    );
  });
});
