import type { RawEntry } from '../messages/entry.ts';
import { Fingerprint } from '../messages/fingerprint.ts';
import type { LdapConnection, SearchEnd, SearchLimits, SearchSpec } from './connection.ts';
import { ConnectionError } from './connection-error.ts';

/** How a search ended, over all its pages. */
export interface PagedEnd extends SearchEnd {
  /**
   * Pages came empty, and all together brought fewer entries than the server had told that there are: Samba runs dry so
   * when it is asked for an attribute by its OID.
   */
  readonly ranDry: boolean;
}

/** One answer of the server within a search. */
export interface Page<T = RawEntry> {
  readonly entries: readonly T[];
  /** URIs of search references. */
  readonly references: readonly string[];
  /** Size of the answers that made this page. */
  readonly bytes: number;
  /** No page follows. It may still be incomplete: the result code of the end decides. */
  readonly last: boolean;
  /** With the last page: how the search ended, over all its pages. */
  readonly end?: PagedEnd;
}

/** Deadlines and the cap on bytes hold for each page by itself. */
export interface PagedSearchOptions extends SearchLimits {
  /** Entries to a page; 0: do not page. */
  readonly pageSize: number;
  /** Whether a server that cannot page shall refuse (12) rather than ignore the control. */
  readonly critical?: boolean;
  /** Bounds what is kept of a page. */
  readonly kept?: { readonly bytesOf: (entry: RawEntry) => number; readonly max: number };
}

/** More would have been kept of a page than is allowed: smaller pages are to be asked for. */
export class PageTooLarge extends Error {
  override readonly name = 'PageTooLarge';

  constructor(maxBytes: number) {
    super(`a page of the server goes over ${maxBytes} bytes`);
  }
}

/** How often in a row a server may answer the same cookie and no entry. */
const MAX_SAME_EMPTY = 10;
/** How often in a row a server may answer no entry: some scan under a time limit for long. */
const MAX_EMPTY = 1_000;
/** How many pages may be an earlier one over again, cookie and entries. */
const MAX_REPEATED = 3;

/**
 * A search, page by page (RFC 2696); each page is asked for when the consumer asks for it. The cookie
 * alone decides whether a page follows: an empty page with a cookie is not the end. Every search
 * yields a last page, also one that ends with an error: what arrived before the error is in it.
 * Returns the end over all pages, its cookie `undefined` where the last answer had no paging control:
 * the server may have ignored the page size, or cut the result short.
 *
 * `map` gets each entry as it arrives: what it keeps of it is all that a page holds in memory.
 *
 * A base search is never paged (Active Directory answers 12).
 * @throws {ConnectionError} `protocol` where the server's pages go round in a circle; the connection
 * is closed then
 * @throws {PageTooLarge} no page is made of what had come; the connection is closed then
 */
export async function* pagedSearch<T = RawEntry>(
  connection: Pick<LdapConnection, 'search' | 'close'>,
  spec: Omit<SearchSpec, 'page'>,
  options: PagedSearchOptions,
  map: (entry: RawEntry) => T,
): AsyncGenerator<Page<T>, PagedEnd, undefined> {
  const paged = options.pageSize > 0 && spec.scope !== 'base';
  const total = new Totals();
  const progress = new Progress();
  let cookie: Buffer = Buffer.alloc(0);
  for (;;) {
    const request = paged ? { ...spec, page: pageOf(options, cookie) } : spec;
    const entries: T[] = [];
    const print = new Fingerprint();
    const keep = keeper(options);
    const end = await connection.search(request, options, (entry) => {
      keep(entry);
      if (paged) entry.addDnTo(print);
      entries.push(map(entry));
    });
    const sum = total.add(end);
    const { references, bytes } = end;
    const last = end.result.code !== 0 || end.cookie === undefined || end.cookie.length === 0;
    if (last || !paged) {
      yield { entries, references, bytes, last: true, end: sum };
      return sum;
    }
    cookie = end.cookie;
    if (progress.isCircle(cookie, entries.length, print)) throw circle(connection);
    yield { entries, references, bytes, last: false };
  }
}

/** Counts what is kept of one page. */
function keeper({ kept }: PagedSearchOptions): (entry: RawEntry) => void {
  if (kept === undefined) return () => {};
  let bytes = 0;
  return (entry) => {
    bytes += kept.bytesOf(entry);
    if (bytes > kept.max) throw new PageTooLarge(kept.max);
  };
}

function pageOf({ pageSize, critical = false }: PagedSearchOptions, cookie: Buffer) {
  return { size: pageSize, cookie, critical };
}

function circle(connection: Pick<LdapConnection, 'close'>): ConnectionError {
  connection.close();
  return new ConnectionError('protocol', 'The pages of the server go round in a circle');
}

class Totals {
  #entries = 0;
  #bytes = 0;
  #estimate = 0;
  #hasEmptyPage = false;
  readonly #references: string[] = [];

  /** The given end, with the counts of all pages so far. */
  add(end: SearchEnd): PagedEnd {
    this.#entries += end.entries;
    this.#bytes += end.bytes;
    this.#estimate = Math.max(this.#estimate, end.estimate);
    if (end.entries === 0 && end.cookie !== undefined && end.cookie.length > 0) {
      this.#hasEmptyPage = true;
    }
    const ranDry = this.#hasEmptyPage && this.#estimate > this.#entries;
    for (const uri of end.references) this.#references.push(uri);
    const sums = { entries: this.#entries, bytes: this.#bytes, references: this.#references };
    return { ...end, ...sums, ranDry };
  }
}

/**
 * Tells progress from going round in a circle. The cookie alone does not tell: 389 Directory Server
 * sends the same one with every page. The same cookie with the same entries does, and the same entry
 * on two pages is allowed, so a few repetitions are let pass.
 */
class Progress {
  readonly #seen = new Set<string>();
  #lastCookie: Buffer = Buffer.alloc(0);
  #empty = 0;
  #sameEmpty = 0;
  #repeated = 0;

  isCircle(cookie: Buffer, entries: number, print: Fingerprint): boolean {
    const same = cookie.equals(this.#lastCookie);
    this.#lastCookie = cookie;
    return entries === 0 ? this.#afterEmpty(same) : this.#afterEntries(cookie, print);
  }

  #afterEmpty(sameCookie: boolean): boolean {
    this.#empty += 1;
    this.#sameEmpty = sameCookie ? this.#sameEmpty + 1 : 0;
    return this.#sameEmpty > MAX_SAME_EMPTY || this.#empty > MAX_EMPTY;
  }

  #afterEntries(cookie: Buffer, print: Fingerprint): boolean {
    this.#empty = 0;
    this.#sameEmpty = 0;
    print.add(cookie, 0, cookie.length);
    const mark = print.mark;
    if (this.#seen.has(mark)) this.#repeated += 1;
    this.#seen.add(mark);
    return this.#repeated > MAX_REPEATED;
  }
}
