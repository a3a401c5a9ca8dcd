import { SearchFailure } from '../../domain/errors.ts';
import { ConnectionError } from '../connection/connection-error.ts';
import type { Filter } from '../messages/filters.ts';
import { divide, filtersOf, type Part, WHOLE } from './parts.ts';
import { proven, type Trial } from './proof.ts';
import { Sample } from './sample.ts';

/** How the reports of the branch are asked for. */
export interface Searching<P> {
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
  readonly trial: Trial;
  /** Whether servers take a request with these filters. */
  fits(filters: readonly Filter[]): boolean;
  /** The next request shall leave on a new connection. */
  renew(): void;
}

interface Cut {
  readonly failure: SearchFailure;
  /** Pages that came before. */
  readonly pages: number;
  /** Whether the connection had carried nothing else before this search. */
  readonly fresh: boolean;
}

/** Entries to a page below which pages do not shrink. */
const SMALLEST_PAGE = 10;
const SHRINK = 4;
/** How often in a row it may be cut before a part gets complete: what helps has helped by then. */
const MOST_IN_VAIN = 16;
/** A silence counts for several: each costs a whole time-out. */
const WEIGHT_OF_SILENCE = 4;

/**
 * A branch that something on the way cuts each time before its end: it is read in smaller pages, then in parts, each of
 * which may be read in parts again. What is complete stays so while this object lives, and no attempt is lost as long as
 * there is progress: a smaller page, a part. It ends, for a part is asked for by a longer prefix than its whole, or leaves out
 * more.
 */
export class LoneBranch {
  /** Still to be read, the next one last. */
  #parts: Part[] = [WHOLE];
  /** Parts that got no further this time. */
  #stuck: Part[] = [];
  #pageSizeAtMost = Number.POSITIVE_INFINITY;
  /** Whether the connection has carried nothing yet. */
  #fresh = true;
  #inVain = 0;

  /**
   * Everything that is not complete yet, page by page; `last` is kept for the very last one. Throws a `SearchFailure`
   * where there is no progress any more; called again, it tries what is left.
   */
  async *read<P extends { readonly last: boolean }>(search: Searching<P>): AsyncGenerator<P, void> {
    this.#parts.push(...this.#stuck.splice(0));
    search.renew();
    this.#fresh = true;
    this.#inVain = 0;
    let failure: SearchFailure | undefined;
    for (let part = this.#parts.at(-1); part !== undefined; part = this.#parts.at(-1)) {
      const sample = new Sample(search.attributes);
      const cut = yield* this.#readPart(part, search, sample);
      if (cut === undefined) this.#complete();
      else if (!(await this.#descend(part, cut, search, sample))) failure = cut.failure;
    }
    if (failure !== undefined) throw failure;
  }

  #complete(): void {
    this.#parts.pop();
    this.#inVain = 0;
  }

  async *#readPart<P extends { readonly last: boolean }>(
    part: Part,
    search: Searching<P>,
    sample: Sample,
  ): AsyncGenerator<P, Cut | undefined> {
    const isLast = this.#parts.length === 1 && this.#stuck.length === 0;
    const filters = filtersOf(part);
    const fresh = this.#fresh;
    let pages = 0;
    this.#fresh = false;
    try {
      const pageSizeAtMost = this.#pageSizeAtMost;
      for await (const page of search.pages({ filters, pageSizeAtMost, sample })) {
        yield { ...page, last: page.last && isLast };
        pages += 1;
      }
      return undefined;
    } catch (error) {
      if (!isCut(error)) throw error;
      this.#fresh = true;
      return { failure: error, pages, fresh };
    }
  }

  /** Makes the next try a smaller one. False: nothing smaller is left to try, and the part is put by. */
  async #descend<P>(part: Part, cut: Cut, search: Searching<P>, sample: Sample): Promise<boolean> {
    // What others had used of the connection was missing to this one.
    if (!cut.fresh) return true;
    this.#inVain += isSilence(cut.failure) ? WEIGHT_OF_SILENCE : 1;
    if (this.#inVain >= MOST_IN_VAIN) throw cut.failure;
    if (this.#shrinkPages(cut, search.pageSize, sample.size)) return true;
    const parts = await this.#divide(part, search, sample);
    this.#parts.pop();
    if (parts === undefined) this.#stuck.push(part);
    else this.#parts.push(...parts);
    return parts !== undefined;
  }

  #shrinkPages({ pages, failure }: Cut, pageSize: number, entries: number): boolean {
    const size = Math.min(pageSize, this.#pageSizeAtMost);
    // A server that says nothing at all is not helped by a smaller question, and each one costs a time-out.
    if (pages > 0 || size <= SMALLEST_PAGE || (entries === 0 && isSilence(failure))) return false;
    const smaller = entries === 0 ? SMALLEST_PAGE : Math.floor(size / SHRINK);
    this.#pageSizeAtMost = Math.max(SMALLEST_PAGE, smaller);
    return true;
  }

  async #divide<P>(part: Part, { trial, fits }: Searching<P>, sample: Sample) {
    if (sample.size === 0) return undefined;
    const parts = await divide(part, sample, (terms) => proven(terms, sample.witnesses, trial));
    return parts?.every((each) => fits(filtersOf(each))) ? parts : undefined;
  }
}

/** The connection ended under the search, and the server still answers. */
function isCut(error: unknown): error is SearchFailure {
  if (!(error instanceof SearchFailure) || error.remedy !== 'split') return false;
  return error.cause instanceof ConnectionError && error.cause.kind !== 'protocol';
}

function isSilence({ cause }: SearchFailure): boolean {
  return cause instanceof ConnectionError && cause.kind === 'timeout';
}
