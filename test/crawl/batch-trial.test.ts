import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Trial } from '../../src/crawl/batch-trial.ts';

const [RUNG, RIVAL] = [4, 3];
const FACTOR = 1.5;

/** After these times, observed in turns. */
function trialOf(times: readonly number[], rivals: readonly number[]): Trial {
  const trial = new Trial(RUNG, RIVAL, FACTOR);
  for (const [i, time] of times.entries()) {
    trial.observe(RIVAL, rivals[i] as number);
    trial.observe(RUNG, time);
  }
  return trial;
}

const times = (count: number) =>
  fc.array(fc.double({ min: 0.1, max: 10, noNaN: true }), length(count));
const length = (count: number) => ({ minLength: count, maxLength: count });
const same = (count: number, time: number) => Array.from({ length: count }, () => time);

describe('two sizes of a batch', () => {
  it('take turns by what came back: a worker that asks again before an answer gets the same', () => {
    const trial = trialOf([], []);
    const turns = [RIVAL, RIVAL, RUNG, RUNG].map((rung) => {
      const before = trial.turn;
      trial.observe(rung, 1);
      return before;
    });
    expect([...turns, trial.turn]).toEqual([RIVAL, RUNG, RUNG, RUNG, RIVAL]);
  });

  it.each([
    ['better', [1, 2, 3, 4, 5], [11, 12, 13, 14, 15]],
    ['worse', [31, 32, 33, 34, 35], [11, 12, 13, 14, 15]],
  ])('are told apart by five of each where every one is %s, never by four', (_, mine, rivals) => {
    expect(trialOf(mine.slice(1), rivals).ratio).toBeUndefined();
    expect(trialOf(mine, rivals).ratio).toBeDefined();
  });

  it('are not told apart by five where one of them is an outlier, by nine they are, at the same ratio', () => {
    expect(trialOf([1, 1, 1, 1, 9_000], same(5, 1)).ratio).toBeUndefined();
    expect(trialOf([1, 1, 9_000, 1, 1, 1, 1, 1, 1], same(9, 1)).ratio).toBe(1);
  });

  it('spare the searches of the one that stays, or has just won', () => {
    const before = trialOf([1, 2, 3, 4, 5], [11, 12, 13, 14, 15]);
    for (const [rival, mine] of [
      [RUNG, [0.1, 0.2, 0.3, 0.4, 0.5]],
      [RIVAL, [1, 2, 3, 4, 5]],
    ] as const) {
      const next = new Trial(9, rival, FACTOR, before);
      for (const time of mine) {
        expect([next.turn, next.ratio]).toEqual([9, undefined]);
        next.observe(9, time);
      }
      expect(next.ratio).toBeLessThan(1);
    }
  });

  it('are believed to be what is likelier after 25 of each', () => {
    const mine = same(25, 1).map((_, i) => (i % 2 === 0 ? 1 : 2));
    expect(trialOf(mine.slice(1), same(24, 1)).ratio).toBeUndefined();
    expect(trialOf(mine, same(25, 1)).ratio).toBe(1);
  });

  it('keep no more than 25 of the one while a limit of the server keeps the other from its turn', () => {
    const trial = trialOf([], []);
    for (let i = 0; i < 100; i += 1) trial.observe(RIVAL, i < 25 ? 1 : 9_000);
    for (let i = 0; i < 25; i += 1) trial.observe(RUNG, 1);
    expect(trial.ratio).toBe(1);
  });

  it('have the median of all ratios, which is on the side that the ranks are on', () => {
    fc.assert(
      fc.property(times(25), times(25), (mine, rivals) => {
        const all = mine.flatMap((time) => rivals.map((rival) => time / rival));
        const worse = all.filter((each) => each > FACTOR).length;
        const { ratio = 0 } = trialOf(mine, rivals);
        expect(all).toContain(ratio);
        expect(ratio > FACTOR).toBe(worse > all.length / 2);
      }),
    );
  });
});
