// Who names whom as manager, with all that goes wrong in real directories.
import { type Random, randomOf } from './random.ts';
import { type Shape, shapeOf } from './shape.ts';

/** What a manager value of the LDIF names. */
export type Target =
  | { readonly kind: 'person'; readonly person: number }
  | { readonly kind: 'dangling'; readonly number: number }
  | { readonly kind: 'foreign'; readonly number: number }
  | { readonly kind: 'group' }
  | { readonly kind: 'unit' };

export type Plan = {
  /** Numbers from 0; 0 is the root. */
  readonly people: number;
  /** What the manager attribute of a person holds, in the order of the LDIF. */
  targets(person: number): readonly Target[];
  /** How often each oddity was put in. */
  readonly oddities: Readonly<Record<Oddity, number>>;
};

export type Oddity =
  | 'selfManaged'
  | 'reachableCycle'
  | 'unreachableCycle'
  | 'secondManager'
  | 'tiedManagers'
  | 'thirdManager'
  | 'danglingBesideReal'
  | 'danglingOnly'
  | 'foreignManager'
  | 'groupAsManager'
  | 'unitAsManager'
  | 'unreachableManager'
  | 'noManager';

/** Below this an odd organisation would consist of oddities only. */
export const LEAST_ODD_PEOPLE = 100;

/** `mayBeNamed` tells which people may be second managers (see `identity.ts`: ties must not hang on an escape). */
export function planOf(
  people: number,
  seed: number,
  odd: boolean,
  mayBeNamed: (person: number) => boolean,
): Plan {
  if (!odd) return new Draft(shapeOf(people, seed), people);
  if (people < LEAST_ODD_PEOPLE) {
    throw new RangeError(`Expected \`people\` to be ${LEAST_ODD_PEOPLE} or more, got ${people}`);
  }
  const outside = 20 + Math.floor(people / 1_000);
  const draft = new Draft(shapeOf(people - outside, seed), people);
  const random = randomOf(seed, 2);
  addOutside(draft, people - outside);
  addRootLines(draft, random, mayBeNamed);
  addCycles(draft, random, mayBeNamed);
  addSecondManagers(draft, random, mayBeNamed);
  addNobodies(draft, random, people - outside);
  return draft;
}

class Draft implements Plan {
  readonly people: number;
  readonly shape: Shape;
  readonly oddities: Record<Oddity, number> = {
    selfManaged: 0,
    reachableCycle: 0,
    unreachableCycle: 0,
    secondManager: 0,
    tiedManagers: 0,
    thirdManager: 0,
    danglingBesideReal: 0,
    danglingOnly: 0,
    foreignManager: 0,
    groupAsManager: 0,
    unitAsManager: 0,
    unreachableManager: 0,
    noManager: 0,
  };
  readonly #more = new Map<number, Target[]>();

  constructor(shape: Shape, people: number) {
    this.shape = shape;
    this.people = people;
  }

  targets(person: number): readonly Target[] {
    const parent = this.shape.parents[person] ?? -1;
    const more = this.#more.get(person) ?? [];
    if (parent < 0) return more;
    const first: Target = { kind: 'person', person: parent };
    return person % 2 === 0 ? [first, ...more] : [...more, first];
  }

  /** Adds a value, unless the person has it already (a directory refuses equal values). */
  add(person: number, target: Target, oddity: Oddity): boolean {
    const same = (other: Target) => JSON.stringify(other) === JSON.stringify(target);
    if (this.targets(person).some(same)) return false;
    const more = this.#more.get(person) ?? [];
    more.push(target);
    this.#more.set(person, more);
    this.oddities[oddity] += 1;
    return true;
  }

  /** Some person of the tree whom `wanted` accepts. */
  find(random: Random, wanted: (person: number) => boolean): number {
    for (let tries = 0; tries < 100_000; tries += 1) {
      const person = random.between(1, this.shape.parents.length - 1);
      if (wanted(person)) return person;
    }
    throw new Error('nobody in this organisation is as wanted');
  }

  depth(person: number): number {
    return this.shape.depths[person] ?? 0;
  }

  parent(person: number): number {
    return this.shape.parents[person] ?? -1;
  }
}

const person = (number: number): Target => ({ kind: 'person', person: number });

/** Twenty and more people whom no line leads to from the root; they take the numbers from `first` up. */
function addOutside(draft: Draft, first: number): void {
  const managerOf = (who: number, manager: number, oddity: Oddity) =>
    draft.add(first + who, person(first + manager), oddity);
  for (const [who, manager] of [
    [0, 1],
    [1, 2],
    [2, 0],
  ] as const) {
    managerOf(who, manager, 'unreachableCycle');
  }
  for (const who of [3, 4, 5]) managerOf(who, 0, 'unreachableManager');
  for (const who of [6, 7]) managerOf(who, 3, 'unreachableManager');
  managerOf(8, 8, 'selfManaged');
  for (const who of [9, 10]) managerOf(who, 8, 'unreachableManager');
  for (const who of [11, 12]) draft.add(first + who, { kind: 'group' }, 'groupAsManager');
  draft.add(first + 13, { kind: 'unit' }, 'unitAsManager');
  draft.add(first + 14, { kind: 'foreign', number: 1 }, 'foreignManager');
  draft.oddities.noManager += 2; // 15 and 16 name nobody
  managerOf(17, 15, 'unreachableManager');
  for (let who = first + 18; who < draft.people; who += 1) {
    draft.add(who, { kind: 'dangling', number: who % 7 }, 'danglingOnly'); // some share one dangling value
  }
}

/** A CEO who manages himself, and on paper reports to somebody far below. */
function addRootLines(draft: Draft, random: Random, mayBeNamed: (person: number) => boolean): void {
  draft.add(0, person(0), 'selfManaged');
  const below = draft.find(random, (who) => draft.depth(who) >= 3 && mayBeNamed(who));
  draft.add(0, person(below), 'reachableCycle');
}

function addCycles(draft: Draft, random: Random, mayBeNamed: (person: number) => boolean): void {
  for (let count = 3 + Math.floor(draft.people / 5_000); count > 0; count -= 1) {
    const low = draft.find(random, (who) => draft.depth(who) >= 4 && mayBeNamed(who));
    let high = draft.parent(low);
    while (draft.depth(high) > 1 && random.onceIn(2)) high = draft.parent(high);
    draft.add(high, person(low), 'reachableCycle');
  }
}

function addSecondManagers(
  draft: Draft,
  random: Random,
  mayBeNamed: (person: number) => boolean,
): void {
  const someone = () => draft.find(random, () => true);
  for (let count = Math.ceil(draft.people / 50); count > 0; count -= 1) {
    draft.add(someone(), person(draft.find(random, mayBeNamed)), 'secondManager');
  }
  for (let count = Math.ceil(draft.people / 500); count > 0; count -= 1)
    addTie(draft, random, mayBeNamed);
  for (let count = Math.ceil(draft.people / 1_000); count > 0; count -= 1) {
    const who = someone();
    draft.add(who, person(draft.find(random, mayBeNamed)), 'secondManager');
    draft.add(who, person(draft.find(random, mayBeNamed)), 'thirdManager');
  }
}

/** A second manager at the first one's depth: the lower DN is to win. */
function addTie(draft: Draft, random: Random, mayBeNamed: (person: number) => boolean): void {
  const who = draft.find(random, (one) => draft.depth(one) >= 2 && mayBeNamed(draft.parent(one)));
  const level = draft.depth(who) - 1;
  const isPeer = (other: number) =>
    draft.depth(other) === level && other !== draft.parent(who) && mayBeNamed(other);
  draft.add(who, person(draft.find(random, isPeer)), 'tiedManagers');
}

/** Values beside the real one that name nobody in the organisation. */
function addNobodies(draft: Draft, random: Random, firstOutside: number): void {
  const someone = () => draft.find(random, () => true);
  for (let count = Math.ceil(draft.people / 300); count > 0; count -= 1) {
    const number = random.between(0, draft.people);
    draft.add(someone(), { kind: 'dangling', number }, 'danglingBesideReal');
    if (count % 4 === 0) draft.add(someone(), { kind: 'foreign', number }, 'foreignManager');
    if (count % 5 === 0) selfManage(draft, someone());
  }
  for (const which of [0, 3])
    draft.add(someone(), person(firstOutside + which), 'unreachableManager');
  draft.add(someone(), { kind: 'group' }, 'groupAsManager');
  draft.add(someone(), { kind: 'unit' }, 'unitAsManager');
}

function selfManage(draft: Draft, who: number): void {
  draft.add(who, person(who), 'selfManaged');
}
