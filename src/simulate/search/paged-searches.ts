import type { SimulatedEntry } from '../directory.ts';
import { CODE, type Result } from '../protocol/answers.ts';
import type { Matches } from './matches.ts';

/** How far one search has come, over all of its pages. */
export interface Cursor {
  readonly matches: Matches;
  sent: number;
  /** The page being sent, from 1. */
  page: number;
  last: SimulatedEntry | undefined;
}

export function newCursor(matches: Matches): Cursor {
  return { matches, sent: 0, page: 1, last: undefined };
}

interface Suspended {
  readonly cookie: number;
  readonly fingerprint: string;
  readonly cursor: Cursor;
}

const COOKIE_BYTES = 8;

/**
 * The paged search of one connection. As OpenLDAP has it: a cookie is good on its own connection only, and a paged
 * search that begins puts an end to the one before.
 */
export class PagedSearches {
  readonly #issue: () => number;
  #suspended: Suspended | undefined;
  #latest = 0;

  /** @param issue numbers that only grow, over all connections of a server */
  constructor(issue: () => number) {
    this.#issue = issue;
  }

  /** Page that a request with this cookie would bring. */
  pageAfter(cookie: Buffer): number {
    return cookie.length === 0 ? 1 : (this.#suspended?.cursor.page ?? 0) + 1;
  }

  forget(): void {
    this.#suspended = undefined;
  }

  /** Takes the search up again, or says why not. */
  resume(cookie: Buffer, fingerprint: string): Cursor | Result {
    if (cookie.length !== COOKIE_BYTES) {
      return { code: CODE.protocolError, message: 'paged results cookie is invalid' };
    }
    const suspended = this.#suspended;
    const number = Number(cookie.readBigUInt64BE());
    if (suspended?.cookie !== number) {
      const code = number > this.#latest ? CODE.protocolError : CODE.unwillingToPerform;
      return { code, message: 'paged results cookie is invalid or old' };
    }
    if (suspended.fingerprint !== fingerprint) {
      return {
        code: CODE.unwillingToPerform,
        message: 'paged search continued with another question',
      };
    }
    this.#suspended = undefined;
    suspended.cursor.page++;
    return suspended.cursor;
  }

  /** Lays a search aside until its cookie comes back. */
  suspend(fingerprint: string, cursor: Cursor): Buffer {
    this.#latest = this.#issue();
    return this.#keep({ cookie: this.#latest, fingerprint, cursor });
  }

  /** The same under the cookie that the client already has. */
  suspendUnder(cookie: Buffer, fingerprint: string, cursor: Cursor): Buffer {
    return this.#keep({ cookie: Number(cookie.readBigUInt64BE()), fingerprint, cursor });
  }

  #keep(suspended: Suspended): Buffer {
    this.#suspended = suspended;
    const cookie = Buffer.alloc(COOKIE_BYTES);
    cookie.writeBigUInt64BE(BigInt(suspended.cookie));
    return cookie;
  }
}
