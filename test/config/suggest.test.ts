import { describe, expect, test } from 'vitest';
import { nearest } from '../../src/config/suggest.ts';

const NAMES = ['workers', 'rate', 'pageSize', 'base', 'batch'];

describe('the nearest name', () => {
  test.each([
    ['wrokers', 'workers'],
    ['PAGESIZE', 'pageSize'],
    ['rat', 'rate'],
    ['bas', 'base'],
    ['bach', 'batch'],
    ['raet', 'rate'],
  ])('%s means %s', (word, meant) => {
    expect(nearest(word, NAMES)).toBe(meant);
  });

  test.each(['', 'x', 'threads', 'url'])('`%s` means none of them', (word) => {
    expect(nearest(word, NAMES)).toBeUndefined();
  });
});
