import { dnKey } from '../domain/dn.ts';
import { SearchFailure } from '../domain/errors.ts';
import { DN_LINK, linkKeyOf } from '../domain/link.ts';
import type { SweptPerson } from '../domain/ports.ts';
import type { AnsweredPage, Asker } from './asker.ts';
import { PageTooLarge } from './connection/paged-search.ts';
import { cutShort } from './expansion/stops.ts';
import { type Mapper, valuesNamed } from './mapping.ts';
import type { RawEntry } from './messages/entry.ts';
import type { Filter } from './messages/filters.ts';
import { isPassing, ResultCode, searchFailure } from './result-codes.ts';

export interface SweepOptions {
  readonly base: string;
  /** Who is walked. */
  readonly filter: Filter;
  readonly mapper: Mapper;
  readonly idAttribute: string;
  readonly managerAttribute: string;
  /** `dn`, or the attribute of the manager whose value the manager attribute holds. */
  readonly managerValue: string;
  /** Entries to a page of a crawl; 0: no paging. */
  readonly pageSize: number;
  /** Whether we have signed in. */
  readonly bound: boolean;
}

/** So little is asked of each that a page may be larger than those of a crawl. It is what Active Directory allows. */
const PAGE_SIZE = 1_000;
/** From this page size on a larger one is tried: a person who asked for less had a reason. */
const USUAL_PAGE_SIZE = 500;
const SHRINK = 4;
/** Below that, pages do not shrink. */
const SMALLEST_PAGE = 50;
/** Of an answer that is not paged, most of all. */
const KEPT_BYTES = 8 * 1024 * 1024;

/** What a page size, or paging at all, may have been the cause of. */
const LIMITS: ReadonlySet<number | null> = new Set([
  ResultCode.sizeLimitExceeded,
  ResultCode.adminLimitExceeded,
  ResultCode.unavailableCriticalExtension,
  ResultCode.unwillingToPerform,
]);

/**
 * Everyone whom the filter matches, in one search over the base, with no more of each than tells who it is. Nothing is
 * split where a limit is met: a sweep is cheap, or it is not made.
 */
export class Sweep {
  readonly #asker: Asker;
  readonly #options: SweepOptions;
  readonly #attributes: readonly string[];
  readonly #keyOf: (value: string) => string;

  constructor(asker: Asker, options: SweepOptions) {
    const { idAttribute, managerAttribute, managerValue } = options;
    this.#asker = asker;
    this.#options = options;
    this.#attributes = [
      ...new Set([
        idAttribute,
        managerAttribute,
        ...(managerValue === DN_LINK ? [] : [managerValue]),
      ]),
    ];
    this.#keyOf = linkKeyOf(managerValue);
  }

  /** See the port `Directory`. */
  async *people(slot: number, signal: AbortSignal): AsyncGenerator<readonly SweptPerson[], void> {
    const sizes = pageSizes(this.#options.pageSize);
    for (const [at, pageSize] of sizes.entries()) {
      const cut = yield* this.#read(pageSize, slot, signal);
      if (cut === undefined) return;
      const mayHelp = cut.firstPage && LIMITS.has(cut.failure.resultCode);
      if (!mayHelp || at === sizes.length - 1) throw cut.failure;
    }
  }

  async *#read(pageSize: number, slot: number, signal: AbortSignal) {
    const pages = this.#pages(pageSize, slot, signal);
    let found = 0;
    for (let firstPage = true; ; firstPage = false) {
      const page = await next(pages);
      if (page === undefined) throw new Error('a search ended without its last page');
      const { entries, end } = page;
      const failure = end && this.#failureOf(page, pageSize, firstPage);
      if (failure !== undefined) {
        if (!isPassing(failure.resultCode)) this.#asker.drop(slot);
        return { failure, firstPage };
      }
      found += entries.length;
      if (entries.length > 0) yield entries;
      if (end === undefined) continue;
      if (found === 0) throw shownNobody();
      return undefined;
    }
  }

  #pages(pageSize: number, slot: number, signal: AbortSignal) {
    const { base, filter } = this.#options;
    const spec = { base, scope: 'sub', filter, attributes: this.#attributes } as const;
    const map = (entry: RawEntry) => this.#person(entry);
    const kept = { bytesOf: ({ dnBytes }: RawEntry) => 2 * dnBytes.length, max: KEPT_BYTES };
    return this.#asker.pages(spec, { pageSize, map, kept }, slot, signal);
  }

  /** Why the search is not complete although it ended; undefined: it is. */
  #failureOf(
    { entries, end }: AnsweredPage<unknown>,
    pageSize: number,
    firstPage: boolean,
  ): SearchFailure | undefined {
    if (end === undefined) return undefined;
    const { code, diagnostic } = end.result;
    const { bound } = this.#options;
    if (code !== ResultCode.success) {
      return searchFailure(code, diagnostic, { laterPage: !firstPage, bound });
    }
    return cutShort(end, entries.length, pageSize);
  }

  #person(entry: RawEntry): SweptPerson {
    const { dn, attributes } = entry;
    const { mapper, managerAttribute, managerValue } = this.#options;
    const keysOf = (name: string) =>
      valuesNamed(attributes, name).map((value) => this.#keyOf(value.toString()));
    const own = managerValue === DN_LINK ? [dnKey(dn)] : keysOf(managerValue);
    return {
      id: mapper.idOf(entry) ?? dnKey(dn),
      dn,
      hasManager: keysOf(managerAttribute).some((key) => !own.includes(key)),
    };
  }
}

/** The sizes to try, the best first; 0: no paging. */
function pageSizes(pageSize: number): readonly number[] {
  if (pageSize === 0) return [0];
  const sizes: number[] = [];
  let size = pageSize < USUAL_PAGE_SIZE ? pageSize : Math.max(pageSize, PAGE_SIZE);
  for (; size >= SMALLEST_PAGE || sizes.length === 0; size = Math.floor(size / SHRINK)) {
    sizes.push(size);
  }
  return [...sizes, 0];
}

async function next<T>(pages: AsyncIterator<T, undefined>): Promise<T | undefined> {
  try {
    return (await pages.next()).value;
  } catch (cause) {
    if (!(cause instanceof PageTooLarge)) throw cause;
    throw new SearchFailure('fail', 'limit', cause.message, { cause });
  }
}

/** Somebody is there, or the crawl had not begun: this is no permission, or no answer. */
function shownNobody(): SearchFailure {
  return new SearchFailure('fail', 'unreadable', 'the server shows nobody to one large search');
}
