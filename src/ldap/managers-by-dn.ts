import { SearchFailure } from '../domain/errors.ts';
import { DN_LINK } from '../domain/link.ts';
import type { ManagerAnswer } from '../domain/ports.ts';
import type { Asker } from './asker.ts';
import type { SearchSpec } from './connection/connection.ts';
import { unlikeOthers } from './likeness.ts';
import type { Mapper } from './mapping.ts';
import type { RawEntry } from './messages/entry.ts';
import { and, anyEqual, type Filter, filterBytes } from './messages/filters.ts';
import { searchFailure } from './result-codes.ts';
import { vendorDefaults } from './vendors.ts';

export interface ManagersByDnOptions {
  readonly base: string;
  /** Who is walked. */
  readonly filter: Filter;
  /** `dn`, or the attribute of the manager whose value the manager attribute holds. */
  readonly managerValue: string;
  readonly mapper: Mapper;
  /** Of the `SourceProfile`. */
  readonly vendor: string;
  /** Whether we have signed in. */
  readonly bound: boolean;
}

/** Of one request: half of what OpenLDAP takes of whoever has not signed in (sockbuf_max_incoming, slapd.conf(5)). */
const MOST_BYTES = 131_072;
const NOBODY: readonly RawEntry[] = [];

/**
 * The employees whom manager values name, many in one search. Whoever comes is there, as a base search at the value would
 * say. Nothing is concluded from who does not come: the entry may be hidden, outside the base, or of no employee, which a
 * base search tells apart and no filter does.
 */
export class ManagersByDn {
  readonly #asker: Asker;
  readonly #options: ManagersByDnOptions;
  /** Undefined: each value is to be asked about alone. */
  #attribute: string | undefined;

  constructor(asker: Asker, options: ManagersByDnOptions) {
    const { managerValue, vendor } = options;
    this.#asker = asker;
    this.#options = options;
    this.#attribute = managerValue === DN_LINK ? vendorDefaults(vendor).dnAttribute : undefined;
  }

  /** See the port `Directory`. */
  async ask(
    values: readonly string[],
    slot: number,
    signal: AbortSignal,
  ): Promise<readonly (ManagerAnswer | undefined)[]> {
    const named = unlikeOthers(values, (value) => value);
    const entries = await this.#read([...named.values()], slot, signal);
    const found = unlikeOthers(
      entries.filter(({ dnValid }) => dnValid),
      ({ dn }) => dn,
    );
    const answers = new Map<string, ManagerAnswer>();
    for (const [likeness, entry] of found) {
      const value = named.get(likeness);
      if (value !== undefined) answers.set(value, this.#answerOf(entry));
    }
    return values.map((value) => answers.get(value));
  }

  #answerOf(entry: RawEntry): ManagerAnswer {
    const { id, dn } = this.#options.mapper.employee(entry);
    return { kind: 'employee', id, dn };
  }

  async #read(values: readonly string[], slot: number, signal: AbortSignal) {
    const spec = this.#specOf(values);
    if (spec === undefined) return NOBODY;
    try {
      return await this.#told(spec, slot, signal);
    } catch (error) {
      // A server that is busy or away is asked the same again. Anything else may be wrong with this kind of search alone.
      const again = !(error instanceof SearchFailure) || ['retry', 'outage'].includes(error.remedy);
      if (again) throw error;
      this.#attribute = undefined;
      return NOBODY;
    }
  }

  /** Undefined where the values are better asked about one by one. */
  #specOf(values: readonly string[]): SearchSpec | undefined {
    const { base, filter, mapper } = this.#options;
    const attribute = this.#attribute;
    if (attribute === undefined || values.length < 2) return undefined;
    const both = and([filter, anyEqual(attribute, values)]);
    if (filterBytes(both) > MOST_BYTES) return undefined;
    return { base, scope: 'sub', filter: both, attributes: mapper.attributes };
  }

  async #told(spec: SearchSpec, slot: number, signal: AbortSignal): Promise<readonly RawEntry[]> {
    const { code, diagnostic, entries } = await this.#asker.collect(spec, slot, signal);
    if (code === 0) return entries;
    throw searchFailure(code, diagnostic, { bound: this.#options.bound });
  }
}
