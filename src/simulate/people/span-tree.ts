import { randomSequence } from './random.ts';

/** Consecutive persons: `first`, `first + 1`, …, `count` of them. */
export interface PersonRange {
  readonly first: number;
  readonly count: number;
}

/**
 * An organisation of any size in constant memory. Persons are numbered in breadth-first order from the root, 0; person
 * k has `spans[k mod spans.length]` direct reports, who are numbered on without a gap, until there are enough people.
 * With the prefix sums of the pattern, anybody's manager and reports are arithmetic.
 */
export class SpanTree {
  readonly people: number;
  /** `#sums[k]`: reports of the first k persons of the pattern. */
  readonly #sums: readonly number[];
  /** First person of each depth. */
  #levels: readonly number[] | undefined;

  /**
   * @param people from 1 up
   * @throws RangeError unless every person of the tree has a manager who comes before
   */
  constructor(people: number, spans: readonly number[]) {
    if (!Number.isSafeInteger(people) || people < 1) {
      throw new RangeError(`Expected \`people\` to be a whole number from 1 up, got \`${people}\``);
    }
    this.people = people;
    this.#sums = prefixSums(spans);
  }

  reportsOf(person: number): PersonRange {
    const first = this.#firstReport(person);
    const next = this.#firstReport(person + 1);
    return { first, count: Math.max(0, Math.min(next, this.people) - first) };
  }

  /** Undefined for the root. */
  managerOf(person: number): number | undefined {
    if (person === 0) return undefined;
    const period = this.#sums.length - 1;
    const reports = this.#sums[period] ?? 1;
    const block = Math.floor((person - 1) / reports);
    return block * period + this.#holderOf((person - 1) % reports);
  }

  /** 0 for the root. */
  depthOf(person: number): number {
    this.#levels ??= this.#levelStarts();
    return countUpTo(this.#levels, person) - 1;
  }

  #firstReport(person: number): number {
    const period = this.#sums.length - 1;
    const blocks = Math.floor(person / period);
    return 1 + blocks * (this.#sums[period] ?? 0) + (this.#sums[person % period] ?? 0);
  }

  #holderOf(report: number): number {
    return countUpTo(this.#sums, report) - 1;
  }

  #levelStarts(): readonly number[] {
    const starts: number[] = [];
    for (let start = 0; start < this.people; start = this.#firstReport(start)) starts.push(start);
    return starts;
  }
}

/** How many of the ascending numbers are not above `limit`. */
function countUpTo(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

function prefixSums(spans: readonly number[]): readonly number[] {
  const sums = [0];
  let sum = 0;
  for (const [person, span] of spans.entries()) {
    sum += span;
    // Everybody after the root must be someone's report before their own reports are numbered.
    if (sum <= person) {
      throw new RangeError(
        `Expected more than ${person} reports among the first ${person + 1} people, got ${sum}`,
      );
    }
    sums.push(sum);
  }
  if (spans.length === 0) throw new RangeError('Expected at least one span, got none');
  return sums;
}

const PERIOD = 503;
const GROWTH = 2.1;
const LARGE_TEAMS = 2;

/**
 * Mostly nobody, else 3 to 12, now and then over 100. The number of reports stays close to the same multiple of the
 * number of people, early and late, so the depth hardly depends on the seed: 8 to 12 from 5,000 to 100,000 people.
 */
export function spanPattern(seed: number): readonly number[] {
  const random = randomSequence(seed);
  const between = (low: number, high: number) => low + Math.floor(random() * (high - low + 1));
  const first = between(4, 7);
  const spans = [first];
  for (let person = 1, reports = first; person < PERIOD; person++) {
    // Those at the top all have reports.
    const must = person <= first || reports <= person;
    const manages = must || reports + 6 * random() < GROWTH * (person + 1) + 3;
    const span = manages ? between(3, person <= first ? 6 : 12) : 0;
    spans.push(span);
    reports += span;
  }
  for (let team = 0; team < LARGE_TEAMS; team++) {
    spans[between(PERIOD >> 2, PERIOD - 1)] = between(101, 180);
  }
  return spans;
}
