import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CrawlProgress } from '../../src/app/crawl-app.ts';
import { ProgressDisplay } from '../../src/cli/progress.ts';

const WALKING: CrawlProgress = {
  phase: 'walking',
  employees: 1_000,
  waiting: 400,
  inProgress: 100,
  failed: 0,
  searches: 50,
  workers: 8,
  busy: 7,
  expected: 1_000,
  outageMs: null,
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The live lines of a terminal so wide, one for each state. */
function lines(states: readonly CrawlProgress[], errColumns = 200): readonly string[] {
  const written: string[] = [];
  let at = 0;
  const io = {
    ...{ env: {}, out: () => {}, err: (text: string) => void written.push(text) },
    ...{ outIsTerminal: true, errIsTerminal: true, outColumns: errColumns, errColumns },
  };
  const read = () => states[Math.min(at++, states.length - 1)] as CrawlProgress;
  using _display = new ProgressDisplay(io, 'bar', read);
  for (const _ of states) vi.advanceTimersByTime(200);
  // Each begins at the left edge and clears what was there.
  return written.map((text) => text.replace(/^\r/, '').replace('\x1b[K', '')).filter(Boolean);
}

describe('the progress line', () => {
  test('fits in 80 columns, the most important first', () => {
    const large = { employees: 1_234_567, waiting: 345_678, inProgress: 1_600, failed: 12_345 };
    const [line = ''] = lines(
      [{ ...WALKING, ...large, expected: 1_300_000, searches: 98_765 }],
      80,
    );
    expect(line.length).toBeLessThan(80);
    expect(line).toMatch(/^1,234,567 employees \([\d,]+\/s\) · 68 % · /);
    expect(line).not.toMatch(/·\s*$|searches\/$/);
  });

  test('holds everything where there is room', () => {
    const [line = ''] = lines([{ ...WALKING, failed: 2 }]);
    expect(line).toMatch(
      /^1,000 employees \(.*\/s\) · 50 % · .* left · 400 waiting · 2 failed · [\d,]+ searches\/s · 1 idle$/,
    );
  });

  test.each([
    ['by the branches that are done, not by who was found', {}, '50 %'],
    ['never full while a branch waits', { waiting: 0, inProgress: 1 }, '99 %'],
    [
      'of those that there are, where they are more than before',
      { employees: 4_000, waiting: 1_900 },
      '50 %',
    ],
    ['of those that there were, where they may still come', { expected: 10_000 }, '5 %'],
  ])('tells the percent %s', (_what, more, expected) => {
    expect(lines([{ ...WALKING, ...more }])[0]).toContain(` · ${expected} · `);
  });

  test('tells no percent where nothing tells how many there are', () => {
    expect(lines([{ ...WALKING, expected: 0 }])[0]).not.toMatch(/%|left/);
  });

  test('tells no time left while nothing is completed', () => {
    const stalled = Array.from({ length: 30 }, () => WALKING);
    expect(lines(stalled).at(-1)).toMatch(/ · 50 % · 400 waiting/);
  });

  test.each([
    [{ phase: 'connecting' as const }, 'connecting …'],
    [{ phase: 'publishing' as const }, /^publishing · 1,000 employees \(/],
    [{ outageMs: 12_000 }, 'the directory does not answer; waiting for it since 12.0 s'],
  ])('says what it waits for: %o', (more, expected) => {
    expect(lines([{ ...WALKING, ...more }], 80)[0]).toMatch(expected);
  });
});
