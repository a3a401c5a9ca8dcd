import { AndFilter, type Filter, NotFilter, OrFilter, PresenceFilter } from 'ldapts';
import { assertAttributeName } from '../../domain/attribute-name.ts';
import { assertWellFormed, encode, utf8 } from './encode.ts';
import {
  AnyEqualFilter,
  AssertionFilter,
  type AssertionKind,
  type Substrings,
  SubstringsFilter,
} from './filter-objects.ts';

/**
 * An attribute compared with one value, whose bytes reach the server as they are: nothing in a value
 * can be taken for syntax.
 * @throws {TypeError} no attribute name, or a string with a lone surrogate
 */
export function assertion(kind: AssertionKind, attribute: string, value: string | Buffer): Filter {
  assertAttributeName(attribute);
  return new AssertionFilter(kind, attribute, typeof value === 'string' ? utf8(value) : value);
}

/** `(attribute=value)`, see `assertion`. */
export function equality(attribute: string, value: string | Buffer): Filter {
  return assertion('equality', attribute, value);
}

/** @throws {TypeError} no attribute name */
export function present(attribute: string): Filter {
  assertAttributeName(attribute);
  return new PresenceFilter({ attribute });
}

/** @throws {TypeError} no attribute name, or no parts, or an empty part */
export function substrings(attribute: string, parts: Substrings): Filter {
  assertAttributeName(attribute);
  const given = [parts.initial, ...parts.any, parts.final].filter((part) => part !== undefined);
  if (given.length === 0 || given.some((part) => part.length === 0)) {
    throw new TypeError('Expected at least one part of a value, none of them empty');
  }
  return new SubstringsFilter(attribute, parts);
}

/** @throws {RangeError} no filters: servers disagree on what `(&)` matches (RFC 4526) */
export function and(filters: readonly Filter[]): Filter {
  return joined(filters, (list) => new AndFilter({ filters: list }));
}

/** @throws {RangeError} no filters: servers disagree on what `(|)` matches (RFC 4526) */
export function or(filters: readonly Filter[]): Filter {
  return joined(filters, (list) => new OrFilter({ filters: list }));
}

/**
 * Whether the attribute has one of these values.
 * @throws {RangeError} no values
 * @throws {TypeError} no attribute name, or a value with a lone surrogate
 */
export function anyEqual(attribute: string, values: readonly string[]): Filter {
  const [first] = values;
  if (first === undefined) throw new RangeError('Expected at least one value');
  if (values.length === 1) return equality(attribute, first);
  assertAttributeName(attribute);
  values.forEach(assertWellFormed);
  return new AnyEqualFilter(attribute, values);
}

export function not(filter: Filter): Filter {
  return new NotFilter({ filter });
}

function joined(filters: readonly Filter[], join: (list: Filter[]) => Filter): Filter {
  const [first] = filters;
  if (first === undefined) throw new RangeError('Expected at least one filter');
  return filters.length === 1 ? first : join([...filters]);
}

/** The size of a filter in a request, in bytes. */
export function filterBytes(filter: Filter): number {
  return encode((writer) => filter.write(writer)).length;
}

export type { Filter } from 'ldapts';
export { FilterSyntaxError, parseFilter } from './filter-parser.ts';
