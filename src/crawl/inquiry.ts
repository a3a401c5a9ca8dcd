import { charged } from '../domain/charge.ts';
import type { BranchFailure, ExpansionPage, Frontier, ReleaseCost } from '../domain/ports.ts';
import type { Tried } from './verdict.ts';

/** One way of asking. */
export interface Way<Q, A> {
  /** Most questions to a search, from 1 up. */
  readonly atOnce: number;
  /**
   * In the order of the questions; undefined: it cannot be told in this way, the question is put in the next one. Rejects
   * with a `SearchFailure` where the question is not to be put in any other way.
   */
  ask(
    questions: readonly Q[],
    slot: number,
    signal: AbortSignal,
  ): Promise<readonly (A | undefined)[]>;
}

/** Questions of one kind, and what becomes of them. */
export interface Inquiries<Q, A> {
  readonly questions: readonly Q[];
  /** The cheapest first; the last one answers every question. */
  readonly ways: readonly [Way<Q, A>, ...Way<Q, A>[]];
  settle(question: Q, answer: A): Promise<void>;
  giveUp(question: Q, failure: BranchFailure): Promise<void>;
}

/** A question on its way, and how it fared. */
export interface Asked<Q> extends Tried {
  readonly question: Q;
  /** Index of the way in which it is put. */
  readonly way: number;
}

type Answered<Q, A> = readonly { readonly asked: Asked<Q>; readonly answer: A | undefined }[];

/**
 * Questions walked like branches, so that time-outs, busy servers and outages are met in one way. What a restart finds is
 * in the store: a question without an answer is a question still. Each answer is kept as soon as it is known, and whoever has
 * begun a question ends it before the next: a search that was answered is not made again.
 */
export class Inquiry<Q, A> implements Frontier<Asked<Q>, Answered<Q, A>> {
  readonly #inquiries: Inquiries<Q, A>;
  /** By way: those who wait for it. */
  readonly #fresh: Asked<Q>[][];
  /** Groups given back, each to be taken at most at its own size. */
  readonly #returned: (readonly Asked<Q>[])[] = [];

  constructor(inquiries: Inquiries<Q, A>) {
    this.#inquiries = inquiries;
    this.#fresh = inquiries.ways.map(() => []);
    for (const question of inquiries.questions) this.#put(question, 0);
  }

  async waiting(): Promise<number> {
    return [...this.#returned, ...this.#fresh].reduce((sum, group) => sum + group.length, 0);
  }

  async take(max: number): Promise<readonly Asked<Q>[]> {
    const group = this.#returned.pop();
    if (group !== undefined) {
      if (group.length > max) this.#returned.push(group.slice(max));
      return group.slice(0, max);
    }
    const way = this.#fresh.findLastIndex(({ length }) => length > 0);
    const { atOnce = 0 } = this.#inquiries.ways[way] ?? {};
    return this.#fresh[way]?.splice(-Math.min(max, atOnce)) ?? [];
  }

  async *expand(
    asked: readonly Asked<Q>[],
    slot: number,
    signal: AbortSignal,
  ): AsyncGenerator<ExpansionPage<Answered<Q, A>>, void> {
    const questions = asked.map(({ question }) => question);
    const way = this.#inquiries.ways[asked[0]?.way ?? 0] ?? this.#inquiries.ways[0];
    const answers = await way.ask(questions, slot, signal);
    yield { page: asked.map((each, i) => ({ asked: each, answer: answers[i] })), last: true };
  }

  async commit(page: Answered<Q, A>): Promise<void> {
    for (const { asked, answer } of page) {
      if (answer === undefined) this.#put(asked.question, asked.way + 1);
      else await this.#inquiries.settle(asked.question, answer);
    }
  }

  async release(asked: readonly Asked<Q>[], groupOf: number, cost: ReleaseCost): Promise<void> {
    const given = asked.map((each) => charged(each, cost));
    for (let i = 0; i < given.length; i += groupOf) {
      this.#returned.push(given.slice(i, i + groupOf));
    }
  }

  async fail({ question }: Asked<Q>, failure: BranchFailure): Promise<void> {
    await this.#inquiries.giveUp(question, failure);
  }

  #put(question: Q, way: number): void {
    const waiting = this.#fresh[way];
    if (waiting === undefined) throw new Error('the last way of asking left a question open');
    waiting.push({ question, way, attempts: 0, refusals: 0, outages: 0 });
  }
}

/** A search for each question. */
export function singly<Q, A>(
  ask: (question: Q, slot: number, signal: AbortSignal) => Promise<A>,
): Way<Q, A> {
  return {
    atOnce: 1,
    ask: (questions, slot, signal) =>
      Promise.all(questions.map((question) => ask(question, slot, signal))),
  };
}
