import { SearchFailure } from '../../domain/errors.ts';
import type { Filter } from '../messages/filters.ts';
import { ResultCode } from '../result-codes.ts';
import { type Excluding, Exclusion } from './exclusion.ts';
import {
  type Division,
  divide,
  filtersOf,
  HALVES,
  type Part,
  type Piece,
  piecesOf,
  QUARTERS,
  WHOLE,
} from './parts.ts';
import { proven } from './proof.ts';
import { Sample } from './sample.ts';
import { SecondLook } from './second-look.ts';
import { isCut, isLimit, isSilence } from './stops.ts';

/** How the reports of the branch are asked for. */
export interface Searching<P> extends Excluding {
  /** Entries to a page at present; 0: the server does not page. */
  readonly pageSize: number;
  /** Attributes by which the entries may be divided, the best first; in lower case. */
  readonly attributes: readonly string[];
  /** One search for those whom all the filters match, page by page. Each entry that arrives goes to `sample` first. */
  pages(request: {
    readonly filters: readonly Filter[];
    readonly pageSizeAtMost: number;
    readonly sample: Sample;
  }): AsyncIterable<P>;
  /** The next request shall leave on a new connection. */
  renew(): void;
  /** Rejects with a `SearchFailure` where the manager is not there any more by the name that was asked for. */
  assertThere(): Promise<void>;
  /** A last page with nobody on it. */
  end(): P;
}

/** Why the search for a piece ended before its end. */
interface Stop {
  readonly failure: SearchFailure;
  /** Pages that came before. */
  readonly pages: number;
  /** Whether the connection had carried nothing else before this search. */
  readonly fresh: boolean;
}

/** The answer was nobody, and the server had not understood the question: it is to be asked otherwise. */
const MISUNDERSTOOD = Symbol('misunderstood');

/** Entries to a page below which pages do not shrink. */
const SMALLEST_PAGE = 10;
const SHRINK = 4;
/** How often in a row it may be cut before a part gets complete: what helps has helped by then. */
const MOST_IN_VAIN = 16;
/** Answers under a limit in a row that bring nobody new before it is given up: a part that brings nobody is no progress. */
const MOST_FRUITLESS = 16;
/** What may be held of an answer without pages. */
const MOST_UNPAGED = 2_000;
/** A silence counts for several: each costs a whole time-out. */
const WEIGHT_OF_SILENCE = 4;

/**
 * A single branch, however large it is, whatever the server's limits and whatever cuts the way. What came before a limit is
 * left out of the next search; where that gets too much, and where something cuts the answers each time, it is read in
 * parts, each of which may be read in parts again. What is complete stays so while this object lives, and no attempt is lost
 * as long as there is progress: somebody new, a smaller page, a part. It ends, for a part is asked for by a longer prefix than
 * its whole, or leaves out more.
 */
export class LoneBranch {
  /** Still to be read, the next one last. */
  #pieces: Piece[] = [];
  /** Those that got no further this time. */
  #stuck: Piece[] = [];
  readonly #exclusion = new Exclusion();
  /** Where it is not read in one go. */
  #look: SecondLook | undefined;
  #pageSizeAtMost = Number.POSITIVE_INFINITY;
  /** Entries that a paged search brought before its limit; undefined: no other way has been tried. */
  #paged: number | undefined;
  /** Whether the connection has carried nothing yet. */
  #fresh = true;
  #inVain = 0;
  #fruitless = 0;
  #begun = false;

  /**
   * Everything that is not complete yet, page by page; `last` is kept for the very last one. Throws a `SearchFailure`
   * where there is no progress any more; called again, it tries what is left.
   * @param again it was asked about in vain before: what cuts it may do so each time
   */
  async *read<P extends { readonly last: boolean }>(
    search: Searching<P>,
    again = true,
  ): AsyncGenerator<P, void> {
    if (!this.#begun) this.#pieces.push({ part: WHOLE, seen: new Sample(search.attributes) });
    this.#begun = true;
    this.#pieces.push(...this.#stuck.splice(0));
    if (again) search.renew();
    this.#fresh = again;
    this.#inVain = 0;
    this.#fruitless = 0;
    let failure: SearchFailure | undefined;
    for (let piece = this.#pieces.at(-1); piece !== undefined; piece = this.#pieces.at(-1)) {
      const came = new Sample(search.attributes);
      const stop = yield* this.#readPiece(piece, search, came);
      if (stop === MISUNDERSTOOD) continue;
      if (stop === undefined) this.#complete(piece, came);
      else if (!(await this.#goOn(piece, stop, search, came, again))) failure = stop.failure;
    }
    if (failure !== undefined) throw failure;
    if (this.#look === undefined) return;
    yield* this.#look.read(search);
    await search.assertThere();
    yield search.end();
  }

  #complete({ seen }: Piece, came: Sample): void {
    this.#look?.note(came);
    if (seen.absorb(came) > 0) this.#fruitless = 0;
    this.#pieces.pop();
    this.#inVain = 0;
  }

  async *#readPiece<P extends { readonly last: boolean }>(
    { part, seen }: Piece,
    search: Searching<P>,
    came: Sample,
  ): AsyncGenerator<P, Stop | typeof MISUNDERSTOOD | undefined> {
    const isLast =
      this.#pieces.length === 1 && this.#stuck.length === 0 && this.#look === undefined;
    const left = this.#exclusion.leftOut(seen, filtersOf(part), search);
    const filters = [...filtersOf(part), ...this.#exclusion.filtersOf(left)];
    const pageSizeAtMost = this.#pageSizeAtMost;
    const fresh = this.#fresh;
    let pages = 0;
    this.#fresh = false;
    try {
      for await (const page of search.pages({ filters, pageSizeAtMost, sample: came })) {
        const isNobody = page.last && came.size === 0;
        const trusted = !isNobody || (await this.#exclusion.prove(left, seen, search));
        yield { ...page, last: page.last && isLast && trusted };
        if (!trusted) return MISUNDERSTOOD;
        pages += 1;
      }
      return undefined;
    } catch (error) {
      if (!(error instanceof SearchFailure)) throw error;
      return { failure: error, pages, fresh };
    } finally {
      if (came.size > 0) this.#exclusion.accept(left);
      this.#look?.use(this.#exclusion.termsOf(left.slice(0, 1)));
    }
  }

  /** Makes the next try another one. False: nothing else is left to try, and the piece is put by. */
  async #goOn<P>(
    piece: Piece,
    stop: Stop,
    search: Searching<P>,
    came: Sample,
    again: boolean,
  ): Promise<boolean> {
    if (isLimit(stop.failure)) return this.#pastLimit(piece, stop, search, came);
    if (!again || !isCut(stop.failure)) throw stop.failure;
    this.#fresh = true;
    return this.#pastCut(piece, stop, search, came);
  }

  async #pastLimit<P>(
    piece: Piece,
    { failure, pages }: Stop,
    search: Searching<P>,
    came: Sample,
  ): Promise<boolean> {
    const { part, seen } = piece;
    const isNew = seen.absorb(came) > 0;
    this.#lookAfter(came)?.note(came);
    const filters = filtersOf(part);
    const canGoOn = isNew && (await this.#exclusion.canLeaveOut(seen, filters, came.size, search));
    this.#fruitless = isNew ? 0 : this.#fruitless + 1;
    if (this.#fruitless >= MOST_FRUITLESS) throw failure;
    this.#choosePaging(failure, search.pageSize, came.size);
    const full = came.size > 0 ? pages - 1 : pages;
    const isSlow = came.size === 0 || failure.resultCode === ResultCode.timeLimitExceeded;
    const shrinks =
      isSlow && this.#shrinkPages({ failure, pages: full }, search.pageSize, came.size);
    return shrinks || canGoOn || this.#divide(piece, search, seen, HALVES);
  }

  /** A limit that counts all pages costs a request for each; without pages it may be the same, or a lower one. */
  #choosePaging({ resultCode }: SearchFailure, pageSize: number, entries: number): void {
    if (resultCode !== ResultCode.sizeLimitExceeded || pageSize === 0) return;
    if (this.#paged === undefined && entries >= pageSize && entries <= MOST_UNPAGED) {
      this.#paged = entries;
      this.#pageSizeAtMost = 0;
    } else if (this.#pageSizeAtMost === 0 && entries < (this.#paged ?? 0)) {
      this.#pageSizeAtMost = Number.POSITIVE_INFINITY;
    }
  }

  async #pastCut<P>(
    piece: Piece,
    stop: Stop,
    search: Searching<P>,
    came: Sample,
  ): Promise<boolean> {
    // What others had used of the connection was missing to this one.
    if (!stop.fresh) return true;
    this.#inVain += isSilence(stop.failure) ? WEIGHT_OF_SILENCE : 1;
    if (this.#inVain >= MOST_IN_VAIN) throw stop.failure;
    if (this.#shrinkPages(stop, search.pageSize, came.size)) return true;
    return this.#divide(piece, search, came, QUARTERS);
  }

  #shrinkPages(
    { pages, failure }: Omit<Stop, 'fresh'>,
    pageSize: number,
    entries: number,
  ): boolean {
    const size = Math.min(pageSize, this.#pageSizeAtMost);
    // A server that says nothing at all is not helped by a smaller question, and each one costs a time-out.
    if (pages > 0 || size <= SMALLEST_PAGE || (entries === 0 && isSilence(failure))) return false;
    const smaller = entries === 0 ? SMALLEST_PAGE : Math.floor(size / SHRINK);
    this.#pageSizeAtMost = Math.max(SMALLEST_PAGE, smaller);
    return true;
  }

  /** It is not read in one go any more. */
  #lookAfter(sample: Sample): SecondLook | undefined {
    if (sample.size > 0) this.#look ??= new SecondLook(sample);
    return this.#look;
  }

  /** In place of the piece, pieces of it, each with those of its people who were seen. */
  async #divide<P>(
    piece: Piece,
    search: Searching<P>,
    sample: Sample,
    division: Division,
  ): Promise<boolean> {
    const look = this.#lookAfter(sample);
    // It stays until there are others in its place: what is asked for that may fail by itself.
    const parts =
      sample.size === 0
        ? undefined
        : await partsOf(piece.part, sample, search, { ...division, reserved: look?.attribute });
    this.#pieces.pop();
    if (parts === undefined) this.#stuck.push(piece);
    else this.#pieces.push(...piecesOf(parts, piece.seen));
    for (const { terms } of parts ?? []) look?.use(terms.slice(0, 1));
    return parts !== undefined;
  }
}

async function partsOf<P>(
  part: Part,
  sample: Sample,
  { trial, fits }: Searching<P>,
  division: Division,
): Promise<readonly Part[] | undefined> {
  const prove = (terms: Parameters<typeof proven>[0]) => proven(terms, sample.witnesses, trial);
  const parts = await divide(part, sample, prove, division);
  return parts?.every((each) => fits(filtersOf(each))) ? parts : undefined;
}
