import { equality, type Filter, not, or } from '../messages/filters.ts';
import { proven, type Trial, tautology } from './proof.ts';
import type { Sample, Seen } from './sample.ts';
import { filterOf, type Term } from './terms.ts';

/** Attributes that hold the DN of their entry: RFC 5020 §2, [MS-ADA1] §2.177. */
const DN_ATTRIBUTES: readonly string[] = ['entryDN', 'distinguishedName'];
/** Entries that one search leaves out at most. */
const MOST_LEFT_OUT = 2_000;
/**
 * Up to so many it is not worth while to divide; nor up to twice as many as an answer brings, since no answer would be
 * full. More costs the server dearly: it compares each entry that it looks at with all of them.
 */
const ALWAYS_LEFT_OUT = 500;
const PROVEN_AT_ONCE = 500;

/** What an exclusion needs of the search that it belongs to. */
export interface Excluding {
  /** The attribute by which the server finds entries by their DN; undefined: none. */
  dnAttribute(witnesses: readonly string[]): Promise<string | undefined>;
  readonly trial: Trial;
  /** Whether servers take a request with these filters. */
  fits(filters: readonly Filter[]): boolean;
}

/**
 * Leaves out of a search who came before. It goes by their DNs alone: no two entries of a server have the same one, and
 * by any other attribute somebody who was never seen would be left out together with those who were.
 */
export class Exclusion {
  #attribute: string | undefined;
  readonly #understood = new WeakSet<Seen>();
  readonly #notUnderstood = new WeakSet<Seen>();

  /**
   * Whether all of them can be left out, in addition to the filters, so that the next answer brings others.
   * @param atOnce entries that an answer brings
   */
  async canLeaveOut(
    sample: Sample,
    filters: readonly Filter[],
    atOnce: number,
    { dnAttribute, fits }: Excluding,
  ): Promise<boolean> {
    this.#attribute ??= await dnAttribute(sample.witnesses);
    const left = this.#usable(sample);
    const most = Math.min(MOST_LEFT_OUT, Math.max(ALWAYS_LEFT_OUT, 2 * atOnce));
    if (left.length === 0 || left.length > most) return false;
    return fits([...filters, ...this.filtersOf(left)]);
  }

  /** Those of the sample who are left out, as many as a request takes. */
  leftOut(
    sample: Sample,
    filters: readonly Filter[],
    { fits }: Pick<Excluding, 'fits'>,
  ): readonly Seen[] {
    let left = this.#usable(sample).slice(0, MOST_LEFT_OUT);
    while (left.length > 0 && !fits([...filters, ...this.filtersOf(left)])) {
      left = left.slice(0, left.length >> 1);
    }
    return left;
  }

  filtersOf(left: readonly Seen[]): readonly Filter[] {
    return left.length === 0 ? [] : [not(or(this.termsOf(left).map(filterOf)))];
  }

  /** An entry came although they were left out: the negation of each was true of it, so the server understands them. */
  accept(left: readonly Seen[]): void {
    for (const seen of left) this.#understood.add(seen);
  }

  /**
   * Whether the server understands that they are left out. An answer of nobody is no answer where it does not (RFC 4511
   * §4.5.1.7); those are never left out again.
   */
  async prove(left: readonly Seen[], sample: Sample, { trial, fits }: Excluding): Promise<boolean> {
    let unproven = left.filter((seen) => !this.#understood.has(seen));
    const before = unproven.length;
    let understood = 0;
    while (unproven.length > 0) {
      const some = this.#provable(unproven, fits);
      unproven = unproven.slice(some.length);
      const trusted = new Set(await proven(this.termsOf(some), sample.witnesses, trial));
      const dns = new Set([...trusted].map(({ text }) => text));
      for (const seen of some) {
        (dns.has(seen.dn) ? this.#understood : this.#notUnderstood).add(seen);
      }
      understood += trusted.size;
    }
    return understood === before;
  }

  #provable(unproven: readonly Seen[], fits: Excluding['fits']): readonly Seen[] {
    let some = unproven.slice(0, PROVEN_AT_ONCE);
    while (some.length > 1 && !fits([tautology(this.termsOf(some))])) {
      some = some.slice(0, some.length >> 1);
    }
    return some;
  }

  #usable(sample: Sample): readonly Seen[] {
    if (this.#attribute === undefined) return [];
    return sample.remembered.filter((seen) => seen.named && !this.#notUnderstood.has(seen));
  }

  /** What leaves them out. */
  termsOf(left: readonly Seen[]): readonly Term[] {
    const attribute = this.#attribute ?? '';
    return left.map(({ dn }) => ({ attribute, text: dn, exact: true }));
  }
}

/** The first of the attributes by which the server finds one of the witnesses. */
export async function dnAttributeOf(
  witnesses: readonly string[],
  trial: Trial,
): Promise<string | undefined> {
  for (const dn of witnesses) {
    for (const attribute of DN_ATTRIBUTES) {
      if (await trial(dn, equality(attribute, dn))) return attribute;
    }
  }
  return undefined;
}
