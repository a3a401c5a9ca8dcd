import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Verdict, verdict } from '../../src/crawl/verdict.ts';
import type { Remedy } from '../../src/domain/errors.ts';

const retry = { tries: 3, delayMs: (attempts: number) => attempts * 100 };
const branches = (...attempts: readonly number[]) => attempts.map((each) => ({ attempts: each }));
const said = (v: Verdict<unknown>) => (v.kind === 'again' ? `again in ${v.delayMs}` : v.kind);

describe('the verdict on a failed search', () => {
  it.each([
    // remedy, attempts of each branch, verdict
    ['retry', [0], 'again in 100'],
    ['retry', [1], 'again in 200'],
    ['retry', [2], 'failed'],
    ['retry', [0, 0, 0], 'again in 100'],
    ['retry', [0, 1, 0], 'again in 200'],
    ['retry', [2, 2], 'halve'],
    ['retry', [0, 2], 'halve'],
    ['split', [0], 'again in 100'],
    ['split', [1], 'again in 200'],
    ['split', [2], 'failed'],
    ['split', [0, 0], 'halve'],
    ['split', [2, 2, 2], 'halve'],
    ['fail', [0], 'failed'],
    ['fail', [2], 'failed'],
    ['fail', [0, 0], 'halve'],
    ['outage', [0], 'wait'],
    ['outage', [2], 'wait'],
    ['outage', [0, 2], 'wait'],
  ] as const)('%s with attempts %j: %s', (remedy, attempts, expected) => {
    expect(said(verdict({ remedy }, branches(...attempts), retry))).toBe(expected);
  });

  it('fails at once with one try only, but halves first', () => {
    const once = { ...retry, tries: 1 };
    expect(said(verdict({ remedy: 'split' }, branches(0), once))).toBe('failed');
    expect(said(verdict({ remedy: 'retry' }, branches(0, 0), once))).toBe('halve');
  });

  it('only ever condemns a branch that stands alone, and never in an outage', () => {
    const remedies = fc.constantFrom<Remedy>('retry', 'split', 'fail', 'outage');
    const shares = fc.array(fc.nat(5), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(remedies, shares, fc.integer({ min: 1, max: 5 }), (remedy, share, tries) => {
        const sentence = verdict({ remedy }, branches(...share), { ...retry, tries });
        if (sentence.kind === 'failed') expect(share).toHaveLength(1);
        expect(sentence.kind === 'wait').toBe(remedy === 'outage');
      }),
    );
  });
});
