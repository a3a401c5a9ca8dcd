// The bare tree of an organisation: who has which parent. Person 0 is the root.
import { type Random, randomOf } from './random.ts';

export type Shape = {
  /** By person: the parent, -1 for the root. */
  readonly parents: Int32Array;
  /** By person: steps from the root. */
  readonly depths: Uint8Array;
  /** By person: number of children. */
  readonly spans: Uint32Array;
};

const SPAN = { least: 3, most: 12 };

/** Everyone below this depth reports to somebody above it. */
const MAX_DEPTH = 11;

/** One line of managers goes down at least this far, however small the organisation. */
const MIN_DEPTH = 8;

/** A manager's people who are still to be placed. */
type Part = { readonly person: number; readonly below: number; readonly spine: boolean };

/** A tree of `people` with spans of 3 to 12, a few over 100, from 10,000 people on one over 1,500, and depth 8 to 11. */
export function shapeOf(people: number, seed: number): Shape {
  const random = randomOf(seed, 1);
  const wide = wideSpans(people, random);
  const tree = new Tree(people);
  growCore(tree, people - wide.reduce((sum, span) => sum + span, 0), random);
  for (const span of wide) tree.addMany(wideManager(tree, random), span);
  return tree;
}

function wideSpans(people: number, random: Random): readonly number[] {
  const over100 = people < 600 ? 0 : Math.min(60, 1 + Math.floor(people / 4_000));
  const spans = Array.from({ length: over100 }, () => random.between(101, 190));
  return people < 10_000 ? spans : [...spans, random.between(1_501, 1_700)];
}

/** Some manager in the middle of the tree who is not wide already. */
function wideManager(tree: Tree, random: Random): number {
  for (;;) {
    const person = random.between(1, tree.size - 1);
    const span = tree.spans[person] ?? 0;
    const depth = tree.depths[person] ?? 0;
    if (depth >= 2 && depth <= 6 && span >= SPAN.least && span <= SPAN.most) return person;
  }
}

class Tree implements Shape {
  readonly parents: Int32Array;
  readonly depths: Uint8Array;
  readonly spans: Uint32Array;
  size = 1;

  constructor(people: number) {
    this.parents = new Int32Array(people).fill(-1);
    this.depths = new Uint8Array(people);
    this.spans = new Uint32Array(people);
  }

  add(parent: number): number {
    const person = this.size;
    this.parents[person] = parent;
    this.depths[person] = (this.depths[parent] ?? 0) + 1;
    this.spans[parent] = (this.spans[parent] ?? 0) + 1;
    this.size += 1;
    return person;
  }

  addMany(parent: number, count: number): void {
    for (let i = 0; i < count; i += 1) this.add(parent);
  }
}

function growCore(tree: Tree, people: number, random: Random): void {
  const branching = Math.max(1.6, (people / 8) ** (1 / 8));
  let level: readonly Part[] = [{ person: 0, below: people - 1, spine: true }];
  while (level.length > 0) level = level.flatMap((part) => grow(tree, part, branching, random));
}

/** Places one manager's direct reports and returns those of them who are managers themselves. */
function grow(tree: Tree, part: Part, branching: number, random: Random): readonly Part[] {
  const depth = tree.depths[part.person] ?? 0;
  const stretch = part.spine && depth < MIN_DEPTH - 1 && part.below >= 2 * SPAN.least;
  if (depth === MAX_DEPTH - 1 || (part.below <= SPAN.most && !stretch)) {
    tree.addMany(part.person, part.below);
    return [];
  }
  const tight = part.below <= SPAN.most;
  const most = Math.min(SPAN.most, part.below - SPAN.least);
  const span = tight ? SPAN.least : random.between(SPAN.least, most);
  const managers = tight ? 1 : managersOf(span, part.below - span, branching, random);
  const shares = distribute(part.below - span, managers, part.spine, random);
  const reports = Array.from({ length: span }, () => tree.add(part.person));
  return shares.map((below, i) => ({
    person: reports[i] ?? 0,
    below,
    spine: part.spine && i === 0,
  }));
}

function managersOf(span: number, below: number, branching: number, random: Random): number {
  const wanted = Math.round((branching * random.between(60, 140)) / 100);
  return Math.max(1, Math.min(wanted, span, Math.floor(below / SPAN.least)));
}

/** Shares out `below` people, at least 3 to each; the spine gets what its remaining depth needs. */
function distribute(below: number, managers: number, spine: boolean, random: Random): number[] {
  const weights = Array.from({ length: managers }, () => random.between(50, 150));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const spare = below - managers * SPAN.least;
  const shares = weights.map((weight) => SPAN.least + Math.floor((spare * weight) / total));
  const placed = shares.reduce((sum, share) => sum + share, 0);
  shares[0] = (shares[0] ?? 0) + below - placed;
  return spine ? favourFirst(shares) : shares;
}

function favourFirst(shares: readonly number[]): number[] {
  const needed = MIN_DEPTH * SPAN.least;
  const taken = shares.slice(1).map((share) => Math.max(SPAN.least, share - needed));
  const given = shares.reduce((a, b) => a + b, 0) - taken.reduce((a, b) => a + b, 0);
  return [given, ...taken];
}
