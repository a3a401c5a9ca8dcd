// What was true of a directory over a span of time: the judge of what a run has made of it.
import { type Entries, keyOf } from './world.ts';

/** Whom everyone's manager values name, by id; self left out. */
export type Links = ReadonlyMap<string, ReadonlySet<string>>;

export function linksOf(people: Entries): Links {
  return everLinks([people]);
}

/** As a crawl may see them that meets each entry at another instant: whoever ever had a DN stands behind its values. */
function everLinks(instants: readonly Entries[]): Links {
  const entries = instants.flatMap((people) => [...people.values()]);
  const byKey = Map.groupBy(entries, ({ dn }) => keyOf(dn));
  const links = new Map<string, Set<string>>();
  for (const { id, managers } of entries) {
    const named = managers.flatMap((value) => byKey.get(keyOf(value)) ?? []);
    const known = links.get(id) ?? new Set();
    for (const manager of named) if (manager.id !== id) known.add(manager.id);
    links.set(id, known);
  }
  return links;
}

/** Those of whom a way leads to a root, roots included. */
export function linkedTo(roots: readonly string[], links: Links): ReadonlySet<string> {
  const linked = new Set(roots);
  for (let before = 0; before < linked.size; ) {
    before = linked.size;
    for (const [id, managers] of links) {
      if (!managers.isDisjointFrom(linked)) linked.add(id);
    }
  }
  return linked;
}

/** Everything between two instants, both included. */
export class Truth {
  /** In the directory at every instant. */
  readonly alwaysThere: ReadonlySet<string>;
  /** At some instant. */
  readonly everThere: ReadonlySet<string>;
  /** Linked to a root at every instant. */
  readonly alwaysLinked: ReadonlySet<string>;
  /** Whoever is not here could not seem linked to anybody, whenever each of those between was asked. */
  readonly everLinked: ReadonlySet<string>;
  /** Whose manager, or somebody above, goes by a DN that was another one's, too. */
  readonly belowTwoOfOneName: ReadonlySet<string>;
  /** Whether nothing happened. */
  readonly quiet: boolean;
  readonly #roots: readonly string[];
  readonly #steady: Links;

  constructor(instants: readonly Entries[], roots: readonly string[]) {
    const links = instants.map(linksOf);
    this.#roots = roots;
    this.alwaysThere = intersection(instants.map((people) => new Set(people.keys())));
    this.everThere = union(instants.map((people) => new Set(people.keys())));
    this.alwaysLinked = intersection(links.map((each) => linkedTo(roots, each)));
    this.everLinked = linkedTo(roots, everLinks(instants));
    this.belowTwoOfOneName = linkedTo(twoOfOneName(instants), everLinks(instants));
    this.quiet = instants.every((people) => people === instants[0]);
    this.#steady = steadyLinks(instants);
  }

  /** Whether one chain to a root stood all the time, word by word, and passes by nobody of `failed`. */
  steadilyLinked(failed: ReadonlySet<string>): ReadonlySet<string> {
    const usable = [...this.#steady].map(([id, managers]) => {
      return [id, managers.difference(failed)] as const;
    });
    return linkedTo(this.#roots, new Map(usable));
  }
}

/** Whose DN was, at any instant, that of somebody else. */
function twoOfOneName(instants: readonly Entries[]): readonly string[] {
  const entries = instants.flatMap((people) => [...people.values()]);
  const ids = [...Map.groupBy(entries, ({ dn }) => keyOf(dn)).values()].map((sharing) => {
    return new Set(sharing.map(({ id }) => id));
  });
  return ids.filter(({ size }) => size > 1).flatMap((sharing) => [...sharing]);
}

/** Links that have the same value, to an entry of the same DN, at every instant. */
function steadyLinks(instants: readonly Entries[]): Links {
  const each = instants.map((people) => {
    const links = linksOf(people);
    const spelt = [...links].map(([id, managers]) => {
      return [id, new Set([...managers].map((manager) => spellingOf(people, manager)))] as const;
    });
    return new Map(spelt);
  });
  const ids = [...(each[0]?.keys() ?? [])];
  return new Map(
    ids.map((id) => {
      const steady = intersection(each.map((links) => links.get(id) ?? new Set()));
      return [id, new Set([...steady].map((spelling) => spelling.split(' ', 1)[0] as string))];
    }),
  );
}

function spellingOf(people: Entries, id: string): string {
  return `${id} ${people.get(id)?.dn}`;
}

function intersection(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return sets.reduce((sum, each) => sum.intersection(each));
}

function union(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  return sets.reduce((sum, each) => sum.union(each));
}
