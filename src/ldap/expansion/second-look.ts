import { SearchFailure } from '../../domain/errors.ts';
import { equality, type Filter, not, or } from '../messages/filters.ts';
import { divide, filtersOf, HALVES, type Piece, piecesOf, WHOLE } from './parts.ts';
import { proven, type Trial } from './proof.ts';
import { Sample } from './sample.ts';
import { isCut, isLimit } from './stops.ts';
import type { Term } from './terms.ts';

/** What a second look needs of the search that it belongs to. */
export interface Looking<P> {
  pages(request: {
    readonly filters: readonly Filter[];
    readonly pageSizeAtMost: number;
    readonly sample: Sample;
  }): AsyncIterable<P>;
  readonly trial: Trial;
  fits(filters: readonly Filter[]): boolean;
  renew(): void;
}

export const HIDDEN =
  'the account is shown less of some people than of others, so that not all can be asked for under the limits of the server';

/** Values that one search leaves out at most. */
const MOST_LEFT_OUT = 2_000;
const FEWEST_LEFT_OUT = 20;
/** Newcomers who are looked at more closely. */
const MOST_SUSPECTS = 3;

/**
 * After a branch was read by leaving out who came, or in parts: is there anybody by another attribute? To somebody whose
 * attribute the account may not see, a term and its negation are both Undefined (RFC 4511 §4.5.1.7), so no part holds them,
 * and no filter by that attribute can tell. That is found out wherever the other attribute is shown and tells them apart.
 */
export class SecondLook {
  /** Index of the attribute, among those of the samples. */
  readonly attribute: number;
  readonly #seen: Sample;
  /** Terms by which the branch was read, one for each attribute. */
  readonly #terms = new Map<string, Term>();
  #isPossible = true;
  #most = MOST_LEFT_OUT;

  /** @param sample of those who came first */
  constructor(sample: Sample) {
    // The best one is what the branch is divided by.
    const [best = 0, next = best] = sample.ranking();
    this.attribute = next;
    this.#seen = new Sample([sample.attributes[next] ?? ''], Number.POSITIVE_INFINITY);
  }

  /** They are known. */
  note(came: Sample): void {
    if (came.hasForgotten) this.#isPossible = false;
    if (this.#isPossible) this.#seen.absorb(came.by(this.attribute));
  }

  /** The branch is read by such terms. */
  use(terms: readonly Term[]): void {
    for (const term of terms) this.#terms.set(term.attribute, term);
  }

  /**
   * Those who were not seen, if there are any, page by page, none of them the last.
   * @throws {SearchFailure} they are not shown what the branch was read by
   */
  async *read<P extends { readonly last: boolean }>(search: Looking<P>): AsyncGenerator<P, void> {
    if (!this.#isPossible || !this.#seen.hadAlways(0)) return;
    const pieces: Piece[] = [{ part: WHOLE, seen: this.#seen }];
    for (let piece = pieces.pop(); piece !== undefined; piece = pieces.pop()) {
      const parts = await this.#partsOf(piece, search);
      if (parts !== undefined) pieces.push(...parts);
      else if (!(yield* this.#ask(piece, search))) pieces.push(piece);
    }
  }

  /** Undefined: one request holds it, or it cannot be divided. */
  async #partsOf(
    { part, seen }: Piece,
    { fits }: Pick<Looking<unknown>, 'fits'>,
  ): Promise<readonly Piece[] | undefined> {
    if (seen.size <= this.#most && fits(this.#question({ part, seen }))) return undefined;
    const parts = await divide(part, seen, async (terms) => terms, HALVES);
    return parts && piecesOf(parts, seen);
  }

  /** False: the question is to be a smaller one. */
  async *#ask<P extends { readonly last: boolean }>(
    piece: Piece,
    search: Looking<P>,
  ): AsyncGenerator<P, boolean> {
    const came = new Sample(this.#seen.attributes);
    const filters = this.#question(piece);
    const pageSizeAtMost = Number.POSITIVE_INFINITY;
    try {
      for await (const page of search.pages({ filters, pageSizeAtMost, sample: came })) {
        yield { ...page, last: false };
      }
    } catch (error) {
      if (!(error instanceof SearchFailure && (isLimit(error) || isCut(error)))) throw error;
      if (isCut(error) && this.#shrink(piece.seen.size, search)) return false;
    }
    await this.#assertShown(came, search.trial);
    return true;
  }

  /** Something cuts the way before an answer is there. False: it does so however little is asked. */
  #shrink(size: number, { renew }: Pick<Looking<unknown>, 'renew'>): boolean {
    renew();
    this.#most = Math.min(this.#most, size) >> 1;
    return this.#most >= FEWEST_LEFT_OUT;
  }

  /** Everybody of the part but those whose value is known. */
  #question({ part, seen }: Piece): readonly Filter[] {
    return [...filtersOf(part), ...this.#others(seen)];
  }

  #others(seen: Sample): readonly Filter[] {
    const values = new Set(seen.remembered.flatMap((each) => each.values[0] ?? []));
    const [attribute = ''] = seen.attributes;
    return values.size === 0
      ? []
      : [not(or([...values].map((value) => equality(attribute, value))))];
  }

  /** Somebody new may just have joined. */
  async #assertShown(came: Sample, trial: Trial): Promise<void> {
    const newcomers = came.remembered.filter(({ dn, named }) => named && !this.#seen.has(dn));
    const terms = [...this.#terms.values()];
    for (const { dn } of newcomers.slice(0, MOST_SUSPECTS)) {
      const understood = await proven(terms, [dn], trial);
      const isHidden = understood.length < terms.length && (await trial(dn, undefined));
      if (isHidden) throw new SearchFailure('fail', 'limit', HIDDEN);
    }
  }
}
