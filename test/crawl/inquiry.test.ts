import { describe, expect, it } from 'vitest';
import { type Inquiries, Inquiry, singly } from '../../src/crawl/inquiry.ts';
import { walk } from '../../src/crawl/walk.ts';
import { SearchFailure } from '../../src/domain/errors.ts';
import { systemClock } from '../../src/pace/clock.ts';

const NEVER = new AbortController().signal;

type Refuse = (asked: readonly number[]) => SearchFailure | undefined;

/** Questions 0 … count - 1, and what became of them. */
class Numbers implements Inquiries<number, string> {
  readonly questions: readonly number[];
  readonly ways: Inquiries<number, string>['ways'];
  readonly searches: (readonly number[])[] = [];
  readonly settled = new Map<number, string>();
  readonly givenUp: number[] = [];
  readonly #refuse: Refuse;

  constructor(count: number, atOnce: number, refuse: Refuse = () => undefined) {
    this.questions = Array.from({ length: count }, (_, n) => n);
    this.ways = [{ atOnce, ask: (asked) => this.ask(asked) }];
    this.#refuse = refuse;
  }

  async ask(asked: readonly number[]) {
    this.searches.push(asked);
    const refused = this.#refuse(asked);
    if (refused !== undefined) throw refused;
    return asked.map((n) => `answer ${n}`);
  }

  async settle(question: number, answer: string) {
    this.settled.set(question, answer);
  }

  async giveUp(question: number) {
    this.givenUp.push(question);
  }
}

async function inquire<I extends Inquiries<number, string>>(numbers: I, workers = 1): Promise<I> {
  const inquiry = new Inquiry(numbers);
  await walk({
    frontier: inquiry,
    expander: {
      expand: (asked, slot, signal) => inquiry.expand(asked, slot, signal),
      probe: async () => true,
    },
    share: (waiting) => Math.ceil(waiting / workers),
    workers,
    retry: { tries: 2, refusals: 2, delayMs: () => 0 },
    patienceMs: 60_000,
    clock: systemClock,
    signal: NEVER,
    outageOver: async () => {},
    onFailure: 'continue',
  });
  return numbers;
}

const limit = () => new SearchFailure('split', 'limit', 'too many', { resultCode: 4 });
const denied = () => new SearchFailure('fail', 'denied', 'no', { resultCode: 50 });

describe('questions', () => {
  it('are put so many to a search, and each gets its own answer', async () => {
    const { searches, settled } = await inquire(new Numbers(7, 3));
    expect(searches.map((asked) => asked.length).toSorted()).toEqual([1, 3, 3]);
    expect([...settled].every(([n, answer]) => answer === `answer ${n}`)).toBe(true);
    expect(settled.size).toBe(7);
  });

  it('that overrun a limit are halved, and never put together again', async () => {
    const overrun = (asked: readonly number[]) => (asked.length > 2 ? limit() : undefined);
    const { searches, settled } = await inquire(new Numbers(8, 8, overrun));
    expect(searches.map((asked) => asked.length)).toEqual([8, 4, 2, 2, 4, 2, 2]);
    expect(settled.size).toBe(8);
  });

  it.each([1, 4])('cost one culprit only the culprit, with %i workers', async (workers) => {
    const culprit = (asked: readonly number[]) => (asked.includes(5) ? denied() : undefined);
    const { searches, settled, givenUp } = await inquire(new Numbers(16, 16, culprit), workers);
    expect(givenUp).toEqual([5]);
    expect(settled.size).toBe(15);
    expect(searches.length).toBeLessThanOrEqual(12);
  });

  it('that need a search each get it', async () => {
    const searches: number[] = [];
    const way = singly(async (question: number) => {
      searches.push(question);
      return `answer ${question}`;
    });
    expect(way.atOnce).toBe(1);
    expect(await way.ask([2], 0, NEVER)).toEqual(['answer 2']);
    expect(searches).toEqual([2]);
  });
});

/** Questions that one search answers when they are even, and a search of its own when they are odd. */
class OddAlone extends Numbers {
  override readonly ways: Inquiries<number, string>['ways'] = [
    {
      atOnce: 4,
      ask: async (asked) =>
        (await this.ask(asked)).map((answer, i) => ((asked[i] ?? 0) % 2 ? undefined : answer)),
    },
    singly(async (n: number) => (await this.ask([n]))[0] as string),
  ];
}

describe('questions that one way of asking leaves open', () => {
  it('are put in the next one, each as often as it takes there', async () => {
    const { searches, settled } = await inquire(new OddAlone(8, 4));
    expect(searches.filter(({ length }) => length > 1)).toHaveLength(2);
    expect(searches.filter(({ length }) => length === 1)).toHaveLength(4);
    expect(settled.size).toBe(8);
  });

  it('come before those that nobody has asked', async () => {
    const { searches } = await inquire(new OddAlone(8, 4));
    expect(searches.map(({ length }) => length)).toEqual([4, 1, 1, 4, 1, 1]);
  });

  it('fail alone, and cost the others nothing', async () => {
    const culprit = (asked: readonly number[]) => (asked.join() === '5' ? denied() : undefined);
    const { settled, givenUp } = await inquire(new OddAlone(8, 4, culprit), 3);
    expect(givenUp).toEqual([5]);
    expect(settled.size).toBe(7);
  });

  it('are kept answer by answer: a stop costs nothing but what was under way', async () => {
    const stop = (asked: readonly number[]) => {
      if (asked.join() === '5') throw new Error('killed');
      return undefined;
    };
    const numbers = new OddAlone(4 + 4, 4, stop);
    await expect(inquire(numbers)).rejects.toThrow('killed');
    expect([...numbers.settled.keys()].toSorted()).toEqual([4, 6, 7]);
  });
});
