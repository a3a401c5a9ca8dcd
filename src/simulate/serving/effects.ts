import type { Result } from '../protocol/answers.ts';
import type { Assertion } from '../protocol/filter.ts';

/** `connect` is the arrival of a connection, before any byte of it. */
export type RequestKind = 'connect' | 'bind' | 'search' | 'extended' | 'write';

/** What a fault may look at to decide whether it strikes. */
export interface FaultRequest {
  readonly kind: RequestKind;
  /** Counted from 1 over the server's life. */
  readonly connection: number;
  /** Milliseconds since the faults were set. */
  readonly elapsedMs: number;
  /** Normalised base of a search, undefined where it is no DN. */
  readonly base?: string | undefined;
  readonly assertions?: readonly Assertion[];
  /** Which page of a paged search is asked for, from 1; 0 where it is not paged. */
  readonly page?: number;
}

/** FIN, RST, or an answer that never comes. */
export type HangUp = 'fin' | 'rst' | 'silence';

/** What happens to the bytes of a connection from now on. */
export interface Transport {
  /** Bytes to a write. */
  readonly sliceBytes?: number;
  readonly bytesPerSecond?: number;
  readonly cutAfterBytes?: number;
  readonly cutAfterMessages?: number;
  readonly cutBy?: 'fin' | 'rst';
}

/** What the faults make of one request. Entries are counted within one answer: a page of a paged search. */
export interface Effects {
  /** This result, after so many entries or all that there are. */
  readonly result?: Result;
  readonly resultAfterEntries?: number;
  readonly hangUp?: HangUp;
  readonly hangUpAfterEntries?: number;
  /** Result code of a Notice of Disconnection, sent before the connection ends. */
  readonly noticeCode?: number;
  /** So many bytes that are no LDAP, ahead of the answer. */
  readonly garbageBytes?: number;
  readonly transport?: Transport;
  /** Continuation references (RFC 4511 §4.5.3), after so many entries. */
  readonly references?: readonly string[];
  readonly referencesAfterEntries?: number;
  /** All entries in one answer without a control, as by a server that does not know paging. */
  readonly ignorePaging?: boolean;
  /** The page, then success without a control: the rest is lost silently. */
  readonly omitPagingControl?: boolean;
  readonly emptyPage?: boolean;
  readonly repeatCookie?: boolean;
  readonly extraEntries?: number;
  readonly duplicateEntry?: boolean;
  readonly forgetCookie?: boolean;
  /** StartTLS succeeds, then nothing is ever said again. */
  readonly stallTls?: boolean;
}
