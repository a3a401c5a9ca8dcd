import type { Employee } from '../../domain/employee.ts';
import { SearchFailure } from '../../domain/errors.ts';
import type { ExpansionPage } from '../../domain/ports.ts';
import type { AnsweredPage, Asker } from '../asker.ts';
import type { SearchEnd, SearchSpec } from '../connection/connection.ts';
import { PageTooLarge } from '../connection/paged-search.ts';
import type { Mapper } from '../mapping.ts';
import type { RawEntry } from '../messages/entry.ts';
import { isPassing, ResultCode, searchFailure } from '../result-codes.ts';
import { keptBytes } from '../text.ts';
import type { Sample } from './sample.ts';

/** What all searches of a crawl have in common. */
export interface Reading {
  readonly asker: Asker;
  readonly mapper: Mapper;
  /** Whether we have signed in. */
  readonly bound: boolean;
  /** Entries to a page, 0: no paging. Shrinks for all where a page is too large or the server does not page. */
  pageSize: number;
}

/** How one search is asked. */
export interface Asked {
  readonly slot: number;
  readonly signal: AbortSignal;
  readonly pageSizeAtMost: number;
  /** Whether it asks about a single branch. Unpaged, it may be as large as it likes: nothing smaller could be asked for. */
  readonly lone: boolean;
  /** Is shown each entry that arrives. */
  readonly sample?: Sample;
}

/** What is kept of a page, at most; more is asked for in smaller pages. */
const PAGE_BYTES = 8 * 1024 * 1024;
const DONE = { done: true, value: undefined } as const;

/**
 * The pages of one search, asked again from page one where its pages have to be others: entries may come twice then.
 * What came before an error comes as a page, then the `SearchFailure`. Not a generator: that would keep each page until
 * the next one is here, and pages are what takes the memory of a crawl.
 */
export class SearchPages implements AsyncIterableIterator<ExpansionPage, undefined> {
  readonly #reading: Reading;
  readonly #spec: SearchSpec;
  readonly #asked: Asked;
  #pages: AsyncIterator<AnsweredPage<Employee>> | undefined;
  /** Of the search in progress. */
  #pageSize = 0;
  #laterPage = false;
  #failure: SearchFailure | undefined;

  constructor(reading: Reading, spec: SearchSpec, asked: Asked) {
    this.#reading = reading;
    this.#spec = spec;
    this.#asked = asked;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ExpansionPage, undefined>> {
    if (this.#failure !== undefined) throw this.#failure;
    for (;;) {
      try {
        const step = await (this.#pages ?? this.#begin()).next();
        if (step.done) return DONE;
        if (this.#pagingRefused(step.value)) continue;
        return { done: false, value: this.#taken(step.value) };
      } catch (error) {
        if (!(error instanceof PageTooLarge)) throw error;
        this.#shrink(error);
      }
    }
  }

  #begin() {
    const { asker, pageSize } = this.#reading;
    const { slot, signal, pageSizeAtMost } = this.#asked;
    this.#pageSize = Math.min(pageSize, pageSizeAtMost);
    this.#laterPage = false;
    this.#pages = asker.pages(this.#spec, this.#manner(), slot, signal);
    return this.#pages;
  }

  #manner() {
    const { lone, sample } = this.#asked;
    const map = (entry: RawEntry) => {
      sample?.add(entry);
      return this.#reading.mapper.employee(entry);
    };
    const pageSize = this.#pageSize;
    const canShrink = pageSize > 1 || (pageSize === 0 && !lone);
    const kept = { bytesOf: keptBytes, max: PAGE_BYTES };
    return { pageSize, map, ...(canShrink ? { kept } : {}) };
  }

  /** Then the same is asked without the control, now and from then on. */
  #pagingRefused({ end }: AnsweredPage<unknown>): boolean {
    const refused = end?.result.code === ResultCode.unavailableCriticalExtension;
    if (this.#pageSize === 0 || !refused) return false;
    this.#reading.pageSize = 0;
    this.#again();
    return true;
  }

  #shrink(cause: PageTooLarge): void {
    if (this.#pageSize === 0) throw new SearchFailure('split', 'limit', cause.message, { cause });
    const half = Math.ceil(this.#pageSize / 2);
    this.#reading.pageSize = Math.min(this.#reading.pageSize, half);
    this.#again();
  }

  /** From page one, on a new connection. */
  #again(): void {
    this.#reading.asker.drop(this.#asked.slot);
    this.#pages = undefined;
  }

  #taken({ entries, references, end }: AnsweredPage<Employee>) {
    const { asker } = this.#reading;
    this.#failure = end && this.#failureOf(end, entries.length);
    this.#laterPage = true;
    if (this.#failure !== undefined && !isPassing(this.#failure.resultCode)) {
      asker.drop(this.#asked.slot);
    }
    // A page would say that we were served.
    if (this.#failure !== undefined && entries.length === 0) throw this.#failure;
    const last = end !== undefined && this.#failure === undefined;
    return { page: { employees: entries, references, work: asker.takeWork() }, last };
  }

  /** Why the search is not complete although it ended; undefined: it is. */
  #failureOf(end: SearchEnd, entries: number): SearchFailure | undefined {
    const { code, diagnostic } = end.result;
    const { bound } = this.#reading;
    if (code !== ResultCode.success) {
      return searchFailure(code, diagnostic, { laterPage: this.#laterPage, bound });
    }
    // A full page and no paging control in the answer: the server ignored ours, and may have cut the result.
    const suspect = this.#pageSize > 0 && end.cookie === undefined && entries === this.#pageSize;
    if (!suspect) return undefined;
    return new SearchFailure('fail', 'limit', 'the server ignored the page size');
  }
}
