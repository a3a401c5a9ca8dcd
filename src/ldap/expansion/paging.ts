import { ResultCode } from '../result-codes.ts';

/** A page that the server did not serve as it was asked for. */
export interface Refused {
  readonly code: number;
  /** Entries that were asked for. */
  readonly size: number;
  /** Entries that came all the same. */
  readonly entries: number;
  /** How often the same search was refused before. */
  readonly before: number;
}

/** Entries to a page below which a server rather does not page. */
const SMALLEST_PAGE = 10;
const SHRINK = 5;

/**
 * How many entries to ask for in a page, learned from the answers of a server for the rest of the crawl. It may refuse
 * large pages (OpenLDAP's size.pr: 11), count its size limit page by page (389 Directory Server: 4), or refuse to page
 * whatever it advertises (OpenLDAP's size.prtotal=disabled: 11; others: 12 or 53).
 */
export class Paging {
  readonly #wished: number;
  #size: number;
  /** Whether the size limit is known to count all pages together: smaller ones do not help then. */
  #countsAll = false;
  /** Whether an administrative limit that let nobody come is known to be no matter of pages: 389's look-through limit. */
  #isLookThrough = false;

  /** @param size entries to a page, 0: no paging */
  constructor(size: number) {
    this.#wished = size;
    this.#size = size;
  }

  /** Another server serves now: its limits are its own. */
  forget(): void {
    this.#size = this.#wished;
    this.#countsAll = false;
    this.#isLookThrough = false;
  }

  get size(): number {
    return this.#size;
  }

  /** The size to ask for instead, 0: none; undefined: pages are not what is wrong. */
  instead({ code, size, entries, before }: Refused): number | undefined {
    switch (code) {
      case ResultCode.unavailableCriticalExtension:
        return 0;
      case ResultCode.unwillingToPerform:
        // It may be the moment: one refusal tells nothing about sizes.
        return entries > 0 ? undefined : before === 0 ? size : smaller(size);
      case ResultCode.adminLimitExceeded:
        if (this.#isLookThrough && entries === 0) return undefined;
        return entries === 0 ? smaller(size) : this.#fewer(entries);
      case ResultCode.sizeLimitExceeded:
        return entries === 0 ? smaller(size) : this.#fewer(entries);
      default:
        return undefined;
    }
  }

  /** From now on no page is larger. */
  shrink(size: number): void {
    this.#size = Math.min(this.#size, size);
  }

  /** A smaller page brought no more: the limit counts all pages together. */
  giveUp(): void {
    this.#countsAll = true;
  }

  /** Without pages the same limit was met at once. */
  giveUpAdministrative(): void {
    this.#isLookThrough = true;
  }

  /** As many as came may be one more than a page may have. */
  #fewer(entries: number): number | undefined {
    return this.#countsAll || entries < 2 ? undefined : entries >> 1;
  }
}

function smaller(size: number): number {
  const shrunk = Math.floor(size / SHRINK);
  return shrunk < SMALLEST_PAGE ? 0 : shrunk;
}
