import type { SimulatedDirectory, SimulatedEntry } from '../directory.ts';
import type { Filter } from '../protocol/filter.ts';
import { type Schema, type Test, testOf } from './filter-test.ts';
import { valueKey } from './schema.ts';

/** Entries by computation instead of by scanning: exactly those of `entries` that pass `test` match the filter. */
export interface IndexPlan {
  readonly entries: Iterable<SimulatedEntry>;
  /** Undefined where every entry is known to match. */
  readonly test: Test | undefined;
}

/** Undefined where the filter can only be answered by looking at every entry. */
export function indexPlan(
  filter: Filter,
  directory: SimulatedDirectory,
  schema: Schema,
): IndexPlan | undefined {
  switch (filter.kind) {
    case 'equal':
    case 'approx':
      return lookup(filter.attribute, filter.value, directory);
    case 'or':
      return union(filter.of, directory, schema);
    case 'and':
      return intersection(filter.of, directory, schema);
    default:
      return undefined;
  }
}

function lookup(
  attribute: string,
  value: Buffer,
  directory: SimulatedDirectory,
): IndexPlan | undefined {
  const key = valueKey(attribute, value);
  const entries = key === undefined ? [] : directory.lookup(attribute, key);
  return entries && { entries, test: undefined };
}

function union(
  filters: readonly Filter[],
  directory: SimulatedDirectory,
  schema: Schema,
): IndexPlan | undefined {
  const plans: IndexPlan[] = [];
  for (const filter of filters) {
    const plan = indexPlan(filter, directory, schema);
    if (plan === undefined) return undefined;
    plans.push(plan);
  }
  return { entries: merged(plans), test: undefined };
}

/** An entry that several parts find comes once; what is remembered for it grows with the answer only. */
function* merged(plans: readonly IndexPlan[]): Iterable<SimulatedEntry> {
  const seen = new Set<number>();
  for (const { entries, test } of plans) {
    for (const entry of entries) {
      if (seen.has(entry.id) || (test !== undefined && test(entry) !== true)) continue;
      seen.add(entry.id);
      yield entry;
    }
  }
}

function intersection(
  filters: readonly Filter[],
  directory: SimulatedDirectory,
  schema: Schema,
): IndexPlan | undefined {
  for (const [at, filter] of filters.entries()) {
    const plan = indexPlan(filter, directory, schema);
    if (plan === undefined) continue;
    const others = filters.filter((_, index) => index !== at);
    return {
      entries: plan.entries,
      test: allOf(plan.test, testOf({ kind: 'and', of: others }, schema)),
    };
  }
  return undefined;
}

function allOf(first: Test | undefined, second: Test): Test {
  return first === undefined ? second : (entry) => first(entry) === true && second(entry) === true;
}
