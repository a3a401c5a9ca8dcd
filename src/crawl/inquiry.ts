import { charged } from '../domain/charge.ts';
import type { BranchFailure, ExpansionPage, Frontier, ReleaseCost } from '../domain/ports.ts';
import type { Tried } from './verdict.ts';

/** Questions of one kind, and what becomes of them. */
export interface Inquiries<Q, A> {
  readonly questions: readonly Q[];
  /** Rejects with a `SearchFailure` where it cannot be told. */
  ask(question: Q, slot: number, signal: AbortSignal): Promise<A>;
  settle(question: Q, answer: A): Promise<void>;
  giveUp(question: Q, failure: BranchFailure): Promise<void>;
}

/** A question on its way, and how it fared. */
export interface Asked<Q> extends Tried {
  readonly question: Q;
}

interface Answered<Q, A> {
  readonly question: Q;
  readonly answer: A;
}

/**
 * Questions walked like branches, so that time-outs, busy servers and outages are met in one way. What a restart finds is
 * in the store: a question without an answer is a question still.
 */
export class Inquiry<Q, A> implements Frontier<Asked<Q>, Answered<Q, A>> {
  readonly #inquiries: Inquiries<Q, A>;
  readonly #waiting: Asked<Q>[];

  constructor(inquiries: Inquiries<Q, A>) {
    this.#inquiries = inquiries;
    this.#waiting = inquiries.questions.map((question) => {
      return { question, attempts: 0, refusals: 0, outages: 0 };
    });
  }

  async waiting(): Promise<number> {
    return this.#waiting.length;
  }

  async take(max: number): Promise<readonly Asked<Q>[]> {
    return this.#waiting.splice(-max);
  }

  async *expand(
    [asked]: readonly Asked<Q>[],
    slot: number,
    signal: AbortSignal,
  ): AsyncGenerator<ExpansionPage<Answered<Q, A>>, void> {
    if (asked === undefined) return;
    const { question } = asked;
    const answer = await this.#inquiries.ask(question, slot, signal);
    yield { page: { question, answer }, last: true };
  }

  async commit({ question, answer }: Answered<Q, A>): Promise<void> {
    await this.#inquiries.settle(question, answer);
  }

  async release(asked: readonly Asked<Q>[], _groupOf: number, cost: ReleaseCost): Promise<void> {
    for (const each of asked) this.#waiting.push(charged(each, cost));
  }

  async fail({ question }: Asked<Q>, failure: BranchFailure): Promise<void> {
    await this.#inquiries.giveUp(question, failure);
  }
}
