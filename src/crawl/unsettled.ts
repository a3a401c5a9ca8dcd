import type { Frontier, RunStore, SettledManager, UnknownManager } from '../domain/ports.ts';
import type { Tried } from './verdict.ts';

/** A manager value that is to be asked about. */
export type Doubt = UnknownManager & Tried;

/**
 * Manager values whose person only the server knows, walked like branches, so that time-outs, busy servers and outages
 * are met in one way. What a restart finds is in the store: a value without an answer is unknown still.
 */
export class Unsettled implements Frontier<Doubt, SettledManager> {
  readonly #settle: RunStore['settleManager'];
  readonly #doubts: Doubt[];

  constructor(unknown: readonly UnknownManager[], settle: RunStore['settleManager']) {
    this.#doubts = unknown.map((each) => ({ ...each, attempts: 0, refusals: 0, outages: 0 }));
    this.#settle = settle;
  }

  async waiting(): Promise<number> {
    return this.#doubts.length;
  }

  async take(max: number): Promise<readonly Doubt[]> {
    return this.#doubts.splice(-max);
  }

  async commit(settled: SettledManager): Promise<void> {
    await this.#settle(settled);
  }

  async release(doubts: readonly Doubt[], _groupOf: number, cost: keyof typeof COUNTED_AS) {
    const counter = COUNTED_AS[cost];
    for (const doubt of doubts) {
      this.#doubts.push(
        counter === undefined ? doubt : { ...doubt, [counter]: doubt[counter] + 1 },
      );
    }
  }

  /** A value that cannot be asked about stays as it was: nothing may be concluded from silence. */
  async fail({ key, value }: Doubt): Promise<void> {
    await this.commit({ key, value, answer: { kind: 'unreadable' } });
  }
}

const COUNTED_AS = {
  nothing: undefined,
  attempt: 'attempts',
  refusal: 'refusals',
  outage: 'outages',
} as const;
