import { SearchFailure } from '../../domain/errors.ts';
import type { ExpansionPage } from '../../domain/ports.ts';
import type { AnsweredPage, Asker } from '../asker.ts';
import type { SearchSpec } from '../connection/connection.ts';
import { type PagedEnd, PageTooLarge } from '../connection/paged-search.ts';
import type { Mapper } from '../mapping.ts';
import type { RawEntry } from '../messages/entry.ts';
import { isPassing, ResultCode, searchFailure } from '../result-codes.ts';
import { MAX_VALUE_BYTES } from '../text.ts';
import { KeptPeople, type Places } from './kept-people.ts';
import type { Paging } from './paging.ts';
import type { Sample } from './sample.ts';
import { cutShort } from './stops.ts';

/** What all searches of a crawl have in common. */
export interface Reading {
  readonly asker: Asker;
  readonly mapper: Mapper;
  /** Whether we have signed in. */
  readonly bound: boolean;
  readonly paging: Paging;
  /** Whether those who come were searched for by their manager, and so must show one. */
  readonly byManager: boolean;
  /** Where the page of a slot is kept until the next one is asked for. */
  readonly places: Places;
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

/** A page size that the server may serve where it refused the usual one. */
interface Trial {
  readonly size: number;
  /** Entries that came before the refusal. */
  readonly entries: number;
  /** How many sizes have been refused. */
  readonly before: number;
}

/** Whom they report to would be lost. */
const HIDDEN_MANAGER =
  'people are found by the manager attribute, but come without it: may the account read it, and does the server call it so?';

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
  #pages: AsyncIterator<AnsweredPage<void>> | undefined;
  /** Of the page that is under way. */
  #people: KeptPeople | undefined;
  /** Of the search in progress. */
  #pageSize = 0;
  #laterPage = false;
  #entries = 0;
  #trial: Trial | undefined;
  #failure: SearchFailure | undefined;
  /** Somebody came without the manager by whom they were found. */
  #isHidden = false;

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
    this.#people = this.#nobody();
    for (;;) {
      try {
        const step = await (this.#pages ?? this.#begin()).next();
        if (step.done) return DONE;
        if (this.#isRefused(step.value)) continue;
        return { done: false, value: this.#taken(step.value) };
      } catch (error) {
        if (!(error instanceof PageTooLarge)) throw error;
        this.#shrink(error);
      }
    }
  }

  #nobody(): KeptPeople {
    const { mapper, places } = this.#reading;
    return new KeptPeople(mapper, places.of(this.#asked.slot));
  }

  #begin() {
    const { asker, paging } = this.#reading;
    const { slot, signal, pageSizeAtMost } = this.#asked;
    this.#pageSize = Math.min(paging.size, pageSizeAtMost, this.#trial?.size ?? paging.size);
    this.#laterPage = false;
    this.#entries = 0;
    this.#pages = asker.pages(this.#spec, this.#manner(), slot, signal);
    return this.#pages;
  }

  #manner() {
    const { lone, sample } = this.#asked;
    const { byManager, mapper } = this.#reading;
    const map = (entry: RawEntry) => {
      sample?.add(entry);
      if (!byManager || mapper.showsManager(entry)) this.#people?.add(entry);
    };
    const pageSize = this.#pageSize;
    const canShrink = pageSize > 1 || (pageSize === 0 && !lone);
    const kept = { bytesOf: keptBytes, max: PAGE_BYTES };
    return { pageSize, map, ...(canShrink ? { kept } : {}) };
  }

  /** Whether the same is to be asked in other pages, or without any. */
  #isRefused({ entries, end }: AnsweredPage<unknown>): boolean {
    this.#entries += entries.length;
    const code = end?.result.code;
    if (this.#trial !== undefined) this.#learn(this.#trial, code);
    if (code === undefined || this.#laterPage || this.#pageSize === 0) return false;
    const before = this.#trial?.before ?? 0;
    const refused = { code, size: this.#pageSize, entries: this.#entries, before };
    const size = this.#reading.paging.instead(refused);
    if (size === undefined) return false;
    this.#trial = { size, entries: this.#entries, before: before + 1 };
    this.#again();
    return true;
  }

  /** The size by which more comes than by the refused one is the size for all. */
  #learn({ size, entries }: Trial, code: number | undefined): void {
    const { paging } = this.#reading;
    if (this.#entries > entries || code === ResultCode.success) paging.shrink(size);
    else if (code !== undefined && entries > 0) paging.giveUp();
    else if (size === 0 && code === ResultCode.adminLimitExceeded) paging.giveUpAdministrative();
  }

  #shrink(cause: PageTooLarge): void {
    if (this.#pageSize === 0) throw new SearchFailure('split', 'limit', cause.message, { cause });
    this.#reading.paging.shrink(Math.ceil(this.#pageSize / 2));
    this.#again();
  }

  /** From page one, on a new connection. */
  #again(): void {
    this.#reading.asker.drop(this.#asked.slot);
    this.#asked.sample?.clear();
    this.#people = this.#nobody();
    this.#pages = undefined;
  }

  #taken({ entries, references, end }: AnsweredPage<void>) {
    const { asker } = this.#reading;
    const shown = this.#people ?? [];
    if (shown.length < entries.length) this.#isHidden = true;
    this.#failure = end && this.#failureOf(end, entries.length);
    this.#laterPage = true;
    if (this.#failure !== undefined && !leavesIntact(this.#failure)) asker.drop(this.#asked.slot);
    const uris = [...references, ...(end?.result.referrals ?? [])];
    // A page would say that we were served.
    if (this.#failure !== undefined && shown.length + uris.length === 0) throw this.#failure;
    const last = end !== undefined && this.#failure === undefined;
    return { page: { employees: shown, references: uris, work: asker.takeWork() }, last };
  }

  /** Why the search is not complete although it ended; undefined: it is. */
  #failureOf(end: PagedEnd, entries: number): SearchFailure | undefined {
    const { code, diagnostic } = end.result;
    const { bound } = this.#reading;
    if (code !== ResultCode.success) {
      return searchFailure(code, diagnostic, { laterPage: this.#laterPage, bound });
    }
    if (this.#isHidden) return new SearchFailure('fail', 'unreadable', HIDDEN_MANAGER);
    return cutShort(end, entries, this.#pageSize);
  }
}

/** A limit ends a search as orderly as success does, and there may be hundreds in a row. */
function leavesIntact({ resultCode, reason, remedy }: SearchFailure): boolean {
  return isPassing(resultCode) || (reason === 'limit' && remedy === 'fail');
}

/** About what an entry takes in memory when it has been read. */
function keptBytes({ dnLength, layout }: RawEntry): number {
  let { bytes } = layout;
  // What is longer is cut.
  if (layout.longest > MAX_VALUE_BYTES) {
    bytes = 0;
    for (let n = 0; n < layout.values; n += 1) {
      bytes += Math.min(layout.end(n) - layout.start(n), MAX_VALUE_BYTES);
    }
  }
  return dnLength + bytes;
}
