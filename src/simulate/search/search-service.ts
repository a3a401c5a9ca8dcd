import type { SimulatedEntry } from '../directory.ts';
import { AD_NOT_BOUND, CODE, type Result } from '../protocol/answers.ts';
import {
  type Control,
  PAGED_RESULTS,
  type PagingRequest,
  type RequestMessage,
  readPaging,
  type SearchRequest,
} from '../protocol/requests.ts';
import type { Effects } from '../serving/effects.ts';
import type { Operation } from '../serving/operation.ts';
import type { Outlet } from '../serving/outlet.ts';
import type { ServerState } from '../serving/server-state.ts';
import { dnKey, parentKey } from './dn-key.ts';
import { guidBytes } from './guid.ts';
import { Matches, matchesOf } from './matches.ts';
import { type Cursor, newCursor, type PagedSearches } from './paged-searches.ts';
import { indexPlan } from './search-plan.ts';
import { type Ending, type Limits, LookedThrough, resultOf, SearchRun } from './search-run.ts';

/** An entry named by its objectGUID instead of its DN ([MS-ADTS] §3.1.1.3.1.2.4). */
const GUID_BASE = /^<GUID=([0-9a-f-]{36})>$/iu;

/** A search request with all that its connection knows about it. */
export interface ServedSearch {
  readonly message: RequestMessage & { readonly request: SearchRequest };
  readonly operation: Operation;
  readonly effects: Effects;
  /** Whether the connection has bound, or need not. */
  readonly isAuthorised: boolean;
}

/** Answers searches on one connection. */
export class SearchService {
  readonly #state: ServerState;
  readonly #outlet: Outlet;
  readonly #paged: PagedSearches;

  constructor(state: ServerState, outlet: Outlet, paged: PagedSearches) {
    this.#state = state;
    this.#outlet = outlet;
    this.#paged = paged;
  }

  /** Undefined where the search has no paged results control, or one that will be ignored. @throws MalformedMessage */
  pagingOf({ controls }: RequestMessage): PagingRequest | undefined {
    const control = controls.find(({ oid }) => oid === PAGED_RESULTS);
    const { paging = 'offered' } = this.#state.options;
    const heeded = control !== undefined && (paging === 'offered' || paging === 'refused');
    return heeded ? readPaging(control) : undefined;
  }

  /** Settles with true when a fault is to have the connection afterwards. */
  async serve(search: ServedSearch): Promise<boolean> {
    const { message, operation, effects } = search;
    const run = new SearchRun(this.#state, this.#outlet, operation, message.request, effects);
    const paging = effects.ignorePaging ? undefined : this.pagingOf(message);
    const begun = this.#begin(search, paging);
    if ('code' in begun) {
      await run.finish(begun, begun.code === CODE.success ? Buffer.alloc(0) : undefined);
      return false;
    }
    if (!(await this.#lookThrough(search))) return false;
    return this.#answer(search, paging, begun, run);
  }

  /** False when nobody waits for the answer any more. */
  async #lookThrough({ message, operation }: ServedSearch): Promise<boolean> {
    const { options, directory, schema, clock } = this.#state;
    const { scope, filter } = message.request;
    const { scanMs = 0 } = options;
    if (scanMs === 0 || scope === 'base' || indexPlan(filter, directory, schema)) return true;
    await clock.sleep(scanMs, operation.signal);
    return operation.isAlive && this.#outlet.isOpen;
  }

  async #answer(
    search: ServedSearch,
    paging: PagingRequest | undefined,
    cursor: Cursor,
    run: SearchRun,
  ): Promise<boolean> {
    const { effects, message } = search;
    if (paging !== undefined && (effects.emptyPage || (effects.repeatCookie && cursor.page > 1))) {
      await run.finish({ code: CODE.success }, this.#stall(search, paging, cursor, run));
      return false;
    }
    if (effects.duplicateEntry && cursor.page > 1) run.repeat(cursor);
    const ending = await run.sendEntries(cursor, this.#limits(message.request, paging, effects));
    if (ending === 'gone') return false;
    if (ending === 'struck') return this.#strike(effects, run);
    await run.finish(resultOf(ending), this.#cookieAfter(ending, search, paging, cursor));
    return false;
  }

  /** A page that brings nothing new, and the cookie that goes with it. */
  #stall(
    { effects, message }: ServedSearch,
    paging: PagingRequest,
    cursor: Cursor,
    run: SearchRun,
  ): Buffer {
    const { fingerprint } = message.request;
    if (!effects.repeatCookie || cursor.page === 1) return this.#paged.suspend(fingerprint, cursor);
    run.repeat(cursor);
    return this.#paged.suspendUnder(paging.cookie, fingerprint, cursor);
  }

  #cookieAfter(
    ending: Ending,
    { message, effects }: ServedSearch,
    paging: PagingRequest | undefined,
    cursor: Cursor,
  ): Buffer | undefined {
    if (paging === undefined || effects.omitPagingControl) return undefined;
    if (ending === 'complete') return Buffer.alloc(0);
    return ending === 'page' ? this.#paged.suspend(message.request.fingerprint, cursor) : undefined;
  }

  async #strike(effects: Effects, run: SearchRun): Promise<boolean> {
    const { result, resultAfterEntries = 0, hangUp, hangUpAfterEntries = 0 } = effects;
    if (
      hangUp !== undefined &&
      (result === undefined || hangUpAfterEntries <= resultAfterEntries)
    ) {
      await run.flush();
      return true;
    }
    if (result !== undefined) await run.finish(result);
    return hangUp !== undefined;
  }

  #begin(search: ServedSearch, paging: PagingRequest | undefined): Cursor | Result {
    const { message, effects } = search;
    const refusal = this.#refusal(search) ?? (paging && this.#pagingRefusal(paging));
    if (refusal !== undefined) return refusal;
    if (paging !== undefined && paging.cookie.length > 0) {
      if (effects.forgetCookie) this.#paged.forget();
      if (paging.size > 0) return this.#paged.resume(paging.cookie, message.request.fingerprint);
      this.#paged.forget();
      return { code: CODE.success };
    }
    if (paging !== undefined) this.#paged.forget();
    const matches = this.#matches(message.request);
    return matches instanceof Matches ? newCursor(matches) : matches;
  }

  #refusal({ message, isAuthorised }: ServedSearch): Result | undefined {
    const { base, scope } = message.request;
    if (!isAuthorised && !(base === '' && scope === 'base')) return this.#unauthorised();
    const unknown = message.controls.find(
      (control) => control.critical && !this.#supports(control),
    );
    if (unknown === undefined) return undefined;
    return {
      code: CODE.unavailableCriticalExtension,
      message: `control ${unknown.oid} not available`,
    };
  }

  #unauthorised(): Result {
    return this.#state.options.vendor === 'ad-like'
      ? { code: CODE.operationsError, message: AD_NOT_BOUND }
      : { code: CODE.insufficientAccess, message: 'bind first' };
  }

  #supports({ oid }: Control): boolean {
    return oid === PAGED_RESULTS && this.#state.options.paging !== 'absent';
  }

  #pagingRefusal({ size }: PagingRequest): Result | undefined {
    const { paging, maxPageSize, vendor } = this.#state.options;
    const forbidden = paging === 'refused';
    if (!forbidden && (size <= limit(maxPageSize) || vendor === 'ad-like')) return undefined;
    const message = forbidden ? 'paged results not allowed' : `page larger than ${maxPageSize}`;
    return { code: CODE.adminLimitExceeded, message };
  }

  #limits(request: SearchRequest, paging: PagingRequest | undefined, effects: Effects): Limits {
    const { vendor, ...options } = this.#state.options;
    const cap = vendor === 'ad-like' ? limit(options.maxPageSize) : Infinity;
    const timeMs = Math.min(limit(options.timeLimitMs), 1000 * limit(request.timeLimit));
    const extra = effects.extraEntries ?? 0;
    return {
      total: Math.min(limit(options.sizeLimit), limit(request.sizeLimit)),
      answer: Math.min(limit(options.sizeLimitPerPage), paging === undefined ? cap : Infinity),
      page: paging === undefined ? Infinity : Math.min(paging.size, cap) + extra,
      deadline: this.#state.clock.now() + timeMs,
    };
  }

  #matches(request: SearchRequest): Matches | Result {
    const { directory, schema, options } = this.#state;
    const base = this.#baseOf(request);
    if ('code' in base) return base;
    const mostExamined = limit(options.lookThroughLimit);
    let examined = 0;
    const examine = () => {
      if (++examined > mostExamined) throw new LookedThrough();
    };
    const known = base === this.#state.rootDse ? { ...schema, knows: () => true } : schema;
    return matchesOf(request, base, directory, known, examine);
  }

  #baseOf({ base, scope }: SearchRequest): SimulatedEntry | Result {
    const byGuid = this.#state.options.vendor === 'ad-like' ? GUID_BASE.exec(base)?.[1] : undefined;
    if (byGuid !== undefined) return this.#byGuid(byGuid);
    const key = dnKey(base);
    if (key === undefined) return { code: CODE.invalidDnSyntax, message: 'invalid DN' };
    if (key === '' && scope === 'base') return this.#state.rootDse;
    const entry = this.#state.directory.find(key);
    if (entry !== undefined) return entry;
    return { code: CODE.noSuchObject, matchedDn: this.#nearestAbove(key) };
  }

  #byGuid(text: string): SimulatedEntry | Result {
    const key = guidBytes(text).toString('latin1');
    const [entry] = this.#state.directory.lookup('objectguid', key) ?? [];
    return entry ?? { code: CODE.noSuchObject };
  }

  #nearestAbove(key: string): string {
    for (let above = parentKey(key); above !== ''; above = parentKey(above)) {
      const entry = this.#state.directory.find(above);
      if (entry !== undefined) return entry.dn;
    }
    return '';
  }
}

/** 0 means none, here as in the protocol. */
function limit(value = 0): number {
  return value === 0 ? Infinity : value;
}
