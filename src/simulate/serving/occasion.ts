import { randomSequence } from '../people/random.ts';
import { dnKey } from '../search/dn-key.ts';
import { valueKey } from '../search/schema.ts';
import { canonicalAttribute } from '../search/schema-names.ts';
import type { FaultRequest, RequestKind } from './effects.ts';

/** When a fault strikes: on the requests for which all that is given holds; always when nothing is given. */
export interface Occasion {
  /** `any` is every request, but not `connect`. */
  readonly kind?: RequestKind | 'any';
  /** Base DN of the search, in any spelling. */
  readonly base?: string;
  /** A value that the filter compares with, in any spelling … */
  readonly manager?: string;
  /** … of this attribute (manager). */
  readonly attribute?: string;
  /** Page of a paged search, from 1. */
  readonly page?: number;
  readonly connection?: number;
  /** Milliseconds since the faults were set: from, and before. */
  readonly fromMs?: number;
  readonly untilMs?: number;
  /** Of the requests for which the above holds, counted from 1: only this one, */
  readonly nth?: number;
  /** only from this one on, */
  readonly from?: number;
  /** only every so manieth, */
  readonly every?: number;
  /** only with this probability (0 to 1), decided by `seed`, */
  readonly probability?: number;
  readonly seed?: number;
  /** and at most so often. */
  readonly times?: number;
}

/** An occasion and how often it has come. */
export class OccasionWatch {
  readonly #when: Occasion;
  readonly #random: () => number;
  #seen = 0;
  #struck = 0;

  constructor(when: Occasion) {
    this.#when = when;
    this.#random = randomSequence(when.seed ?? 1);
  }

  /** Whether the fault strikes this request; counts it. */
  strikes(request: FaultRequest): boolean {
    if (!this.#concerns(request)) return false;
    this.#seen++;
    if (!this.#isItsTurn()) return false;
    this.#struck++;
    return true;
  }

  #concerns(request: FaultRequest): boolean {
    const { kind, base, page, connection, fromMs = 0, untilMs = Infinity } = this.#when;
    return (
      isOfKind(request.kind, kind) &&
      (base === undefined || request.base === dnKey(base)) &&
      (page === undefined || request.page === page) &&
      (connection === undefined || request.connection === connection) &&
      request.elapsedMs >= fromMs &&
      request.elapsedMs < untilMs &&
      this.#namesManager(request)
    );
  }

  #namesManager({ assertions = [] }: FaultRequest): boolean {
    const { manager, attribute = 'manager' } = this.#when;
    if (manager === undefined) return true;
    const name = canonicalAttribute(attribute);
    const key = valueKey(name, manager);
    return assertions.some((said) => said.attribute === name && valueKey(name, said.value) === key);
  }

  #isItsTurn(): boolean {
    const { nth, from, every, probability, times } = this.#when;
    return (
      (nth === undefined || this.#seen === nth) &&
      (from === undefined || this.#seen >= from) &&
      (every === undefined || this.#seen % every === 0) &&
      (probability === undefined || this.#random() < probability) &&
      (times === undefined || this.#struck < times)
    );
  }
}

function isOfKind(kind: RequestKind, wanted: RequestKind | 'any' | undefined): boolean {
  if (wanted === 'any') return kind !== 'connect';
  return wanted === undefined || kind === wanted;
}
