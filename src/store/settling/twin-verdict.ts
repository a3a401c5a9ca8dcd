import type { TwinAnswer } from '../../domain/ports.ts';

/** An entry that was seen with an id which was seen elsewhere, too. */
export interface Candidate {
  /** The DN, normalised. */
  readonly key: string;
  /** What the server says is there now; unknown where it cannot be told. */
  readonly answer: TwinAnswer | 'unknown';
  /** Whether the published state knows the person by the DN. */
  readonly goesByDn: boolean;
}

export interface Verdict<C> {
  /** Who has the id; undefined: none of them. */
  readonly keeper: C | undefined;
  /** Entries that are no more: there is one person less than was thought. */
  readonly gone: readonly C[];
  /** Those who hold the id as well as the keeper does. */
  readonly duplicates: readonly C[];
}

/**
 * Who of several entries that were seen with one id is the person with that id. Whoever went by DN last night does so
 * again, and whoever had the id keeps it, else the lowest DN: nobody flips from night to night, and the order in which
 * they came does not matter.
 * @param owner DN key at which the published state has the id; undefined: it has nobody with it
 */
export function verdictOn<C extends Candidate>(
  candidates: readonly C[],
  owner: string | undefined,
): Verdict<C> {
  const sorted = candidates.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const holding = sorted.filter(({ answer }) => answer === 'holds' || answer === 'unknown');
  const gone = sorted.filter(({ answer }) => answer === 'gone');
  const keeper = holderOf(holding, owner) ?? hiddenAt(sorted, owner);
  if (keeper === undefined && gone.length === sorted.length) return lost(sorted, owner);
  const certain = holding.filter(({ answer }) => answer === 'holds');
  const duplicates = certain.length > 1 ? certain.filter((each) => each !== keeper) : [];
  return { keeper, gone, duplicates };
}

function holderOf<C extends Candidate>(holding: readonly C[], owner: string | undefined) {
  const byId = holding.filter(({ goesByDn }) => !goesByDn);
  const eligible = byId.length > 0 || owner !== undefined ? byId : holding;
  return eligible.find(({ key }) => key === owner) ?? eligible[0];
}

/** An id that is not shown any more is still whose it was. */
function hiddenAt<C extends Candidate>(sorted: readonly C[], owner: string | undefined) {
  return sorted.find(({ key, answer }) => key === owner && answer === 'without');
}

/** None of them is there: the person is elsewhere, or nowhere. */
function lost<C extends Candidate>(sorted: readonly C[], owner: string | undefined): Verdict<C> {
  const keeper = sorted.find(({ key }) => key === owner) ?? sorted[0];
  return { keeper, gone: sorted.filter((each) => each !== keeper), duplicates: [] };
}
