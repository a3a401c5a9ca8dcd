import type { SimulatedDirectory } from './directory.ts';
import type { Fault } from './faults.ts';
import type { Scope } from './protocol/requests.ts';
import type { SimulatedClock } from './serving/clock.ts';

/** A search as `onSearch` sees it, when it arrives. */
export interface ObservedSearch {
  readonly connection: number;
  readonly base: string;
  readonly scope: Scope;
  /** As RFC 4515 writes it, attribute names in lower case. */
  readonly filter: string;
  readonly attributes: readonly string[];
  /** Values that the filter compares `manager` with, as they came. */
  readonly managers: readonly string[];
  readonly sizeLimit: number;
  /** Entries a page; undefined where it is not paged. */
  readonly pageSize: number | undefined;
  /** Whether it continues a paged search. */
  readonly continues: boolean;
}

/** A limit of 0 is none, which is what each is unless given. */
export interface SimulatedServerOptions {
  readonly directory: SimulatedDirectory;
  /** 0 for any that is free (0). */
  readonly port?: number;
  /** Address to listen on (127.0.0.1). */
  readonly host?: string;
  /** Milliseconds by which each answer is late; connections and pipelined requests do not wait for one another (0). */
  readonly latencyMs?: number;
  /** Entries of a search, all of its pages together, before result 4; what the client asks for may be less. */
  readonly sizeLimit?: number;
  /** Entries of one answer before result 4, as 389 Directory Server counts. */
  readonly sizeLimitPerPage?: number;
  /** Larger pages get result 11; of an AD-like server, this many entries. */
  readonly maxPageSize?: number;
  /** Milliseconds that a search may look for entries before result 3. */
  readonly timeLimitMs?: number;
  /** Entries that an unindexed search may look at before result 11. */
  readonly lookThroughLimit?: number;
  /** Milliseconds by which the answer to an unindexed search is late. */
  readonly scanMs?: number;
  /** Of an AD-like server: values of an attribute in one answer, the rest by `;range=`; Windows has 1,500, Samba none. */
  readonly maxValues?: number;
  /** `refused`: offered, then result 11, as OpenLDAP where it is forbidden. `absent`: not offered, and 12 where critical. (offered) */
  readonly paging?: 'offered' | 'refused' | 'ignored' | 'absent';
  /** The one account. Without it every password is wrong and everybody may search. */
  readonly bindDn?: string;
  readonly password?: string;
  /** Whether searches without a bind are served although there is an account (false). */
  readonly allowAnonymous?: boolean;
  readonly faults?: readonly Fault[];
  /** PEM. `implicit` makes it an ldaps:// server, else StartTLS is offered. `ca` asks for client certificates (EXTERNAL). */
  readonly tls?: {
    readonly cert: string | Buffer;
    readonly key: string | Buffer;
    readonly ca?: string | Buffer;
    readonly implicit?: boolean;
  };
  /** Served in any one second; above that, result 51. */
  readonly maxRequestsPerSecond?: number;
  /** Whose manners: which filters have rules, what becomes of large pages, of whoever did not bind. (openldap) */
  readonly vendor?: 'openldap' | 'ad-like';
  readonly clock?: SimulatedClock;
  readonly onSearch?: (search: ObservedSearch) => void;
}
