import { charged } from '../domain/charge.ts';
import type { BranchFailure, ExpansionPage, Frontier, ReleaseCost } from '../domain/ports.ts';
import type { Tried } from './verdict.ts';

/** Questions of one kind, and what becomes of them. */
export interface Inquiries<Q, A> {
  readonly questions: readonly Q[];
  /** Most questions to a search, from 1 up. */
  readonly atOnce: number;
  /** The answers in the order of the questions. Rejects with a `SearchFailure` where one of them cannot be told. */
  ask(questions: readonly Q[], slot: number, signal: AbortSignal): Promise<readonly A[]>;
  settle(question: Q, answer: A): Promise<void>;
  giveUp(question: Q, failure: BranchFailure): Promise<void>;
}

/** A question on its way, and how it fared. */
export interface Asked<Q> extends Tried {
  readonly question: Q;
}

type Answered<Q, A> = readonly { readonly question: Q; readonly answer: A }[];

/**
 * Questions walked like branches, so that time-outs, busy servers and outages are met in one way. What a restart finds is
 * in the store: a question without an answer is a question still.
 */
export class Inquiry<Q, A> implements Frontier<Asked<Q>, Answered<Q, A>> {
  readonly #inquiries: Inquiries<Q, A>;
  readonly #fresh: Asked<Q>[];
  /** Groups given back, each to be taken at most at its own size. */
  readonly #returned: (readonly Asked<Q>[])[] = [];

  constructor(inquiries: Inquiries<Q, A>) {
    this.#inquiries = inquiries;
    this.#fresh = inquiries.questions.map((question) => {
      return { question, attempts: 0, refusals: 0, outages: 0 };
    });
  }

  async waiting(): Promise<number> {
    return this.#returned.reduce((sum, group) => sum + group.length, this.#fresh.length);
  }

  async take(max: number): Promise<readonly Asked<Q>[]> {
    const group = this.#returned.pop();
    if (group === undefined) return this.#fresh.splice(-max);
    if (group.length > max) this.#returned.push(group.slice(max));
    return group.slice(0, max);
  }

  async *expand(
    asked: readonly Asked<Q>[],
    slot: number,
    signal: AbortSignal,
  ): AsyncGenerator<ExpansionPage<Answered<Q, A>>, void> {
    const questions = asked.map(({ question }) => question);
    const answers = await this.#inquiries.ask(questions, slot, signal);
    const page = questions.map((question, i) => ({ question, answer: answers[i] as A }));
    yield { page, last: true };
  }

  async commit(page: Answered<Q, A>): Promise<void> {
    for (const { question, answer } of page) await this.#inquiries.settle(question, answer);
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
}

/** Where a search answers one question. */
export interface SingleInquiries<Q, A> extends Omit<Inquiries<Q, A>, 'atOnce' | 'ask'> {
  ask(question: Q, slot: number, signal: AbortSignal): Promise<A>;
}

export function singly<Q, A>(inquiries: SingleInquiries<Q, A>): Inquiries<Q, A> {
  return {
    ...inquiries,
    atOnce: 1,
    ask: (questions, slot, signal) =>
      Promise.all(questions.map((question) => inquiries.ask(question, slot, signal))),
  };
}
