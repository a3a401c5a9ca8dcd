import type { SimulatedEntry } from '../directory.ts';
import type { Filter, SubstringParts } from '../protocol/filter.ts';
import { folded, type MatchingRules, valueKey } from './schema.ts';

/** True, false, or undefined for Undefined: the three values of RFC 4511 §4.5.1.7. Only true is a match. */
export type Test = (entry: SimulatedEntry) => boolean | undefined;

export interface Schema extends MatchingRules {
  knows(attribute: string): boolean;
}

const undefinedTest: Test = () => undefined;

/** Everything about the filter that does not depend on the entry is worked out once. */
export function testOf(filter: Filter, schema: Schema): Test {
  switch (filter.kind) {
    case 'and':
      return conjunction(filter.of.map((part) => testOf(part, schema)));
    case 'or':
      return oneOf(filter.of, schema) ?? disjunction(filter.of.map((part) => testOf(part, schema)));
    case 'not':
      return negation(testOf(filter.of, schema));
    case 'extensible':
      return undefinedTest;
    default:
      return schema.knows(filter.attribute) ? itemTest(filter, schema) : undefinedTest;
  }
}

type Item = Exclude<Filter, { readonly kind: 'and' | 'or' | 'not' | 'extensible' }>;

function itemTest(filter: Item, schema: Schema): Test {
  const { attribute } = filter;
  switch (filter.kind) {
    case 'present':
      return (entry) => entry.values(attribute).length > 0;
    case 'substrings':
      return schema.hasSubstrings(attribute)
        ? substringTest(attribute, filter.parts)
        : undefinedTest;
    case 'equal':
    case 'approx':
      return comparison(attribute, filter.value, (held, asked) => held === asked);
    case 'atLeast':
      return schema.orders(attribute)
        ? comparison(attribute, filter.value, (held, asked) => held >= asked)
        : undefinedTest;
    case 'atMost':
      return schema.orders(attribute)
        ? comparison(attribute, filter.value, (held, asked) => held <= asked)
        : undefinedTest;
    default:
      return filter satisfies never;
  }
}

function comparison(
  attribute: string,
  value: Buffer,
  holds: (held: string, asked: string) => boolean,
): Test {
  const asked = valueKey(attribute, value);
  if (asked === undefined) return undefinedTest;
  return (entry) => {
    for (const held of entry.values(attribute)) {
      const key = valueKey(attribute, held);
      if (key !== undefined && holds(key, asked)) return true;
    }
    return false;
  };
}

function substringTest(attribute: string, parts: SubstringParts): Test {
  const initial = folded(parts.initial ?? '');
  const final = folded(parts.final ?? '');
  const any = parts.any.map(folded);
  return (entry) =>
    entry.values(attribute).some((value) => {
      const text = folded(value.toString()).trim();
      if (!text.startsWith(initial) || !text.endsWith(final)) return false;
      return hasInOrder(
        text.slice(initial.length, text.length - final.length),
        any,
        text.length - initial.length - final.length,
      );
    });
}

/** Many values of one attribute, compared at once: an exclusion has thousands. Undefined where that is not what it is. */
function oneOf(filters: readonly Filter[], schema: Schema): Test | undefined {
  const [first] = filters;
  if (first?.kind !== 'equal' || !schema.knows(first.attribute)) return undefined;
  const { attribute } = first;
  const asked = new Set<string | undefined>();
  for (const filter of filters) {
    if (filter.kind !== 'equal' || filter.attribute !== attribute) return undefined;
    asked.add(valueKey(attribute, filter.value));
  }
  const otherwise = asked.delete(undefined) ? undefined : false;
  return (entry) =>
    entry.values(attribute).some((value) => asked.has(valueKey(attribute, value))) || otherwise;
}

function hasInOrder(text: string, parts: readonly string[], room: number): boolean {
  if (room < 0) return false;
  let from = 0;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    if (at === -1) return false;
    from = at + part.length;
  }
  return true;
}

function conjunction(tests: readonly Test[]): Test {
  return (entry) => {
    let result: boolean | undefined = true;
    for (const test of tests) {
      const part = test(entry);
      if (part === false) return false;
      if (part === undefined) result = undefined;
    }
    return result;
  };
}

function disjunction(tests: readonly Test[]): Test {
  return (entry) => {
    let result: boolean | undefined = false;
    for (const test of tests) {
      const part = test(entry);
      if (part === true) return true;
      if (part === undefined) result = undefined;
    }
    return result;
  };
}

function negation(test: Test): Test {
  return (entry) => {
    const result = test(entry);
    return result === undefined ? undefined : !result;
  };
}
