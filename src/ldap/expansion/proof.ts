import { and, type Filter, not, or } from '../messages/filters.ts';
import { filterOf, type Term } from './terms.ts';

/** Whether the entry at a DN is there, and the filter true of it; without a filter: whether it is there. */
export type Trial = (dn: string, filter: Filter | undefined) => Promise<boolean>;

/**
 * Those of the terms that the server understands. A term that it does not (no such matching rule, a character that the
 * syntax forbids) is neither true nor false to it, and so is what says that either holds: an entry that is there does not
 * match. OpenLDAP answers success with nothing then, also to the negation of all terms.
 * @param witnesses DNs of entries; those that are gone meanwhile are passed over
 */
export async function proven(
  terms: readonly Term[],
  witnesses: readonly string[],
  trial: Trial,
): Promise<readonly Term[]> {
  for (const dn of witnesses) {
    if (await trial(dn, tautology(terms))) return terms;
    if (await trial(dn, undefined)) return halved(terms, dn, trial);
  }
  return [];
}

/** One of them at least is not understood. */
async function halved(terms: readonly Term[], dn: string, trial: Trial): Promise<readonly Term[]> {
  if (terms.length === 1) return [];
  const middle = terms.length >> 1;
  const understood: Term[] = [];
  for (const half of [terms.slice(0, middle), terms.slice(middle)]) {
    const all = await trial(dn, tautology(half));
    understood.push(...(all ? half : await halved(half, dn, trial)));
  }
  return understood;
}

/** True of every entry, unless a term is Undefined (RFC 4511 §4.5.1.7). */
export function tautology(terms: readonly Term[]): Filter {
  return and(
    terms.map((term) => {
      const filter = filterOf(term);
      return or([filter, not(filter)]);
    }),
  );
}
