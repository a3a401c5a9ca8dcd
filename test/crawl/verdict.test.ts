import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSuspect, type Tried, type Verdict, verdict } from '../../src/crawl/verdict.ts';
import type { Remedy } from '../../src/domain/errors.ts';

const retry = { tries: 3, refusals: 4, delayMs: (attempts: number) => attempts * 100 };

type Share = [Tried, ...Tried[]];

/** A share of branches by how often each was tried, refused or in flight when an outage began. */
function share(what: keyof Tried, ...counts: readonly number[]): Share {
  const tried = { attempts: 0, refusals: 0, outages: 0 };
  return counts.map((count) => ({ ...tried, [what]: count })) as unknown as Share;
}

function said(v: Verdict<unknown>): string {
  if (v.kind === 'again') return `again in ${v.delayMs} for ${v.cost}`;
  if (v.kind === 'wait') return `wait ${v.alone ? 'alone ' : ''}for ${v.cost}`;
  return v.kind;
}

describe('the verdict on a failed search', () => {
  it.each([
    // remedy, what was counted of each branch before, verdict
    ['split', 'attempts', [0], 'again in 100 for attempt'],
    ['split', 'attempts', [1], 'again in 200 for attempt'],
    ['split', 'attempts', [2], 'failed'],
    ['split', 'attempts', [0, 0], 'halve'],
    ['split', 'attempts', [2, 2, 2], 'halve'],
    ['split', 'refusals', [3], 'again in 100 for attempt'],
    ['split', 'outages', [9], 'again in 100 for attempt'],
    ['fail', 'attempts', [0], 'failed'],
    ['fail', 'attempts', [2], 'failed'],
    ['fail', 'attempts', [0, 0], 'halve'],
    ['retry', 'refusals', [0], 'again in 100 for refusal'],
    ['retry', 'refusals', [2], 'again in 300 for refusal'],
    ['retry', 'refusals', [3], 'failed'],
    ['retry', 'refusals', [0, 1, 0], 'again in 200 for refusal'],
    ['retry', 'refusals', [0, 3], 'halve'],
    ['retry', 'attempts', [2], 'again in 100 for refusal'],
    ['outage', 'attempts', [2], 'wait for outage'],
    ['outage', 'outages', [0, 0], 'wait for outage'],
    ['outage', 'outages', [1], 'wait for outage'],
    ['outage', 'outages', [2, 2], 'wait alone for outage'],
    ['outage', 'outages', [2], 'wait alone for outage'],
    ['outage', 'outages', [4], 'wait alone for outage'],
    ['outage', 'outages', [5], 'failed'],
    ['outage', 'outages', [5, 5], 'wait alone for outage'],
  ] as const)('%s with %s %j: %s', (remedy, what, counts, expected) => {
    const failure = { remedy, inFlight: true };
    expect(said(verdict(failure, share(what, ...counts), retry, true))).toBe(expected);
  });

  it('costs nobody anything while a busy server serves nobody', () => {
    const busy = { remedy: 'retry', inFlight: true } as const;
    const sentence = verdict(busy, share('refusals', 99), retry, false);
    expect(said(sentence)).toBe('again in 100 for nothing');
  });

  it('suspects nobody whose search was never sent', () => {
    const unsent = { remedy: 'outage', inFlight: false } as const;
    expect(said(verdict(unsent, share('outages', 2), retry, true))).toBe('wait for nothing');
    expect(said(verdict(unsent, share('outages', 9), retry, true))).toBe('wait for nothing');
  });

  it('fails at once with one try only, but halves first', () => {
    const once = { ...retry, tries: 1, refusals: 1 };
    const failed = (remedy: Remedy, ...counts: number[]) =>
      verdict({ remedy, inFlight: true }, share('attempts', ...counts), once, true).kind;
    expect(failed('split', 0)).toBe('failed');
    expect(failed('retry', 0)).toBe('failed');
    expect(failed('retry', 0, 0)).toBe('halve');
  });

  it('only ever condemns a branch that stands alone, in an outage only a suspect', () => {
    const remedies = fc.constantFrom<Remedy>('retry', 'split', 'fail', 'outage');
    const count = fc.nat(7);
    const branch = fc.record({ attempts: count, refusals: count, outages: count });
    const shares = fc.array(branch, { minLength: 1, maxLength: 9 });
    const tries = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(remedies, shares, tries, fc.boolean(), fc.boolean(), (remedy, all, n, ...on) => {
        const [inFlight, served] = on;
        const limits = { ...retry, tries: n };
        const sentence = verdict({ remedy, inFlight }, all as Share, limits, served);
        if (sentence.kind === 'failed') {
          expect(all).toHaveLength(1);
          if (remedy === 'outage') expect(all.every(isSuspect) && inFlight).toBe(true);
        }
        if (remedy !== 'outage') expect(sentence.kind).not.toBe('wait');
      }),
    );
  });
});
