// What a published run must have made of a directory, rule by rule. Each rule tells whom it was broken for.
import { KINDS, type Kind, type State } from './state.ts';
import type { Truth } from './truth.ts';

/** A run that has been published, by itself or by a release. */
export interface Case {
  readonly before: State;
  readonly after: State;
  /** From the start of the run, over its interruptions, to its last request. */
  readonly truth: Truth;
  readonly roots: readonly string[];
  /** Whether it read everything; it took over what the run before had read where it only retried what had failed. */
  readonly whole: boolean;
  /** Everyone who was published at any time before, and since when. */
  readonly known: ReadonlyMap<string, string>;
}

type Rule = (each: Case) => Iterable<string>;
type Rules = Readonly<Record<string, Rule>>;

/** By what is wrong with those whom the rule gives. What becomes of whoever was published before: */
const OF_THE_MISSING: Rules = {
  'left, though there all the time': ({ after, truth }) =>
    after.changes.left.intersection(truth.alwaysThere),
  // Who names a manager that is deleted, and whose DN is then another one's, may be without a chain until the next run.
  'linked all the time, and gone': ({ before, after, truth }) => {
    const gone = published(before).difference(published(after));
    return gone.intersection(truth.alwaysLinked).difference(truth.belowTwoOfOneName);
  },
  'never linked, and not detached': ({ before, after, truth, whole }) => {
    if (!whole || after.failed.size > 0) return [];
    const unlinked = truth.alwaysThere.difference(truth.everLinked);
    return published(before).intersection(unlinked).difference(after.changes.detached);
  },
  'never there, and not left': (each) =>
    each.whole ? surelyGone(each).difference(each.after.changes.left) : [],
  'detached, though never there': ({ after, truth }) =>
    after.changes.detached.difference(truth.everThere),
};

/** What must not happen while a branch failed: its reports may be anywhere. */
const WHILE_A_BRANCH_FAILED: Rules = {
  'there all the time, and gone, though a branch failed': ({ before, after, truth, roots }) => {
    if (after.failed.size === 0) return [];
    const dropped = published(before).difference(published(after));
    // Whoever was below somebody dropped, and is kept, would have no chain; whoever had none was kept for want of an answer.
    const unlinked = below(dropped, before).union(chainless(before, roots));
    return dropped.intersection(truth.alwaysThere).difference(unlinked);
  },
};

const OF_THOSE_WHO_ARE_THERE: Rules = {
  'linked steadily, and not published': ({ after, truth, whole }) =>
    whole ? truth.steadilyLinked(after.failed).difference(published(after)) : [],
  'never linked, and published': ({ before, after, truth, whole }) => {
    if (!whole) return [];
    const kept = after.failed.size > 0 ? published(before) : new Set<string>();
    return published(after).difference(kept).difference(truth.everLinked);
  },
  // Whoever could not be told is kept, with those below them, though those above them may be gone. So is whose value has named
  // two people, of whom one was seen.
  'without a chain to a root': (each) => {
    const { after, roots } = each;
    const doubtful = below(after.failed, after).union(each.truth.belowTwoOfOneName);
    return chainless(after, roots).difference(doubtful).difference(belowFailed(each));
  },
  'not first seen when they were': ({ after, known }) =>
    [...after.people.values()]
      .filter(({ id, first_seen_at }) => first_seen_at !== (known.get(id) ?? after.run?.started_at))
      .map(({ id }) => id),
};

const OF_THE_DETACHED: Rules = {
  'detached before, linked all the time, and not back': ({ before, after, truth, whole }) =>
    !whole || after.failed.size > 0
      ? []
      : before.detached.intersection(truth.alwaysLinked).difference(published(after)),
  'detached, and not listed so': ({ before, after, truth, whole }) => {
    const listed = whole ? before.detached.intersection(truth.alwaysThere) : new Set<string>();
    const still = listed.difference(truth.everLinked).union(after.changes.detached);
    return still.difference(after.detached);
  },
  'listed as detached, for no reason': ({ after, known }) => {
    const never = [...after.detached].filter((id) => !known.has(id));
    return [...never, ...after.detached.intersection(published(after))];
  },
  'listed as detached, though never there': ({ after, truth, whole }) =>
    whole && after.failed.size === 0 ? after.detached.difference(truth.everThere) : [],
};

/** Rules that were broken, each with those for whom it was. */
export function broken(each: Case): readonly string[] {
  const judged = {
    ...{ ...OF_THE_MISSING, ...WHILE_A_BRANCH_FAILED },
    ...{ ...OF_THOSE_WHO_ARE_THERE, ...OF_THE_DETACHED },
  };
  const rules = Object.entries(judged).map(([name, rule]) => [name, [...rule(each)]] as const);
  const kinds = KINDS.map((kind) => {
    const told = each.after.changes[kind];
    const wrong = [...told.symmetricDifference(differing(kind, each))];
    const sure = kind === 'moved' ? wrong.filter((id) => !onlyManagersChanged(id, each)) : wrong;
    return [`told wrongly of who ${kind}`, sure] as const;
  });
  const counts = KINDS.filter((kind) => each.after.run?.[kind] !== each.after.changes[kind].size);
  return [...rules, ...kinds, ['counted wrongly', counts] as const]
    .filter(([, ids]) => ids.length > 0)
    .map(([name, ids]) => `${name}: ${ids.toSorted().join(' ')}`);
}

function published({ people }: State): ReadonlySet<string> {
  return new Set(people.keys());
}

/** Published, and in the directory at no instant of the run; not those whom whoever could not be told needs for a chain. */
function surelyGone(each: Case): ReadonlySet<string> {
  const { before, after, truth } = each;
  const needed = new Set<string>();
  for (const failed of after.failed) {
    let id = before.people.get(failed)?.manager_id;
    for (; id && !needed.has(id); id = before.people.get(id)?.manager_id) needed.add(id);
  }
  const gone = published(before).difference(truth.everThere);
  return gone.difference(belowFailed(each)).difference(needed);
}

/** Whoever might be below a branch that failed, by any line of the state before, and whoever is one. */
function belowFailed({ before, after }: Case): ReadonlySet<string> {
  return below(after.failed, before).union(after.failed);
}

function below(people: ReadonlySet<string>, { managers }: State): ReadonlySet<string> {
  const all = new Set<string>();
  for (let size = -1; size < all.size; ) {
    size = all.size;
    for (const [id, theirs] of managers) {
      if (!theirs.isDisjointFrom(people) || !theirs.isDisjointFrom(all)) all.add(id);
    }
  }
  return all;
}

function chainless(state: State, roots: readonly string[]): ReadonlySet<string> {
  return new Set([...state.people.keys()].filter((id) => !hasChain(id, state, roots)));
}

function hasChain(id: string, { people }: State, roots: readonly string[]): boolean {
  let person = people.get(id);
  for (let steps = 0; person !== undefined && steps <= people.size; steps += 1) {
    if (roots.includes(person.id)) return person.depth === 0 && person.manager_id === null;
    const manager = people.get(person.manager_id ?? '');
    if (manager?.depth !== (person.depth ?? 0) - 1) return false;
    person = manager;
  }
  return false;
}

/** Who differs so between the two states. */
function differing(kind: Kind, { before, after, known, truth }: Case): ReadonlySet<string> {
  const [was, is] = [published(before), published(after)];
  const stayed = [...is.intersection(was)];
  switch (kind) {
    case 'joined':
      return was.size === 0
        ? new Set()
        : new Set([...is.difference(was)].filter((id) => !known.has(id)));
    case 'returned':
      return new Set([...is.difference(was)].filter((id) => known.has(id)));
    case 'left':
      return was.difference(is).difference(after.changes.detached);
    case 'detached':
      return was.difference(is).intersection(truth.everThere).difference(after.changes.left);
    case 'moved':
      return new Set(stayed.filter((id) => !same(before.managers.get(id), after.managers.get(id))));
    case 'changed':
      return new Set(stayed.filter((id) => contentOf(id, before) !== contentOf(id, after)));
    default:
      return kind satisfies never;
  }
}

/**
 * Whether nothing tells the managers from those before but that some left or returned: whose values stayed, and may be called
 * a move, or not.
 */
function onlyManagersChanged(id: string, { before, after }: Case): boolean {
  const was = before.managers.get(id) ?? new Set<string>();
  const is = after.managers.get(id) ?? new Set<string>();
  if (same(was, is)) return false;
  return (
    same(was.intersection(published(after)), is) || same(was, is.difference(after.changes.returned))
  );
}

function same(a: ReadonlySet<string> = new Set(), b: ReadonlySet<string> = new Set()): boolean {
  return a.symmetricDifference(b).size === 0;
}

function contentOf(id: string, { people }: State): string {
  const person = people.get(id);
  return JSON.stringify([person?.dn, person?.title]);
}
