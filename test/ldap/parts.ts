// A server in memory that cuts every connection after so many entries, and its three-valued logic.
import { SearchFailure } from '../../src/domain/errors.ts';
import { ConnectionError } from '../../src/ldap/connection/connection-error.ts';
import type { Searching } from '../../src/ldap/expansion/lone-branch.ts';
import { encode } from '../../src/ldap/messages/encode.ts';
import type { Filter } from '../../src/ldap/messages/filters.ts';
import { BerDecoder } from '../../src/simulate/protocol/ber-decoder.ts';
import { type Filter as Decoded, readFilter } from '../../src/simulate/protocol/filter.ts';

export interface Person {
  readonly dn: string;
  readonly attributes: Readonly<Record<string, readonly string[]>>;
}

/** How a server compares. */
export interface Rules {
  /** Whether case counts. */
  readonly exact: boolean;
  /** Attributes that have no substring rule: such a term is Undefined. */
  readonly unmatched: readonly string[];
  /** Attributes that take ASCII only: a term with anything else is Undefined. */
  readonly ascii: readonly string[];
}

type Truth = boolean | undefined;
type Test = (person: Person) => Truth;

/** True, false or undefined for Undefined (RFC 4511 §4.5.1.7), of the filter as its bytes say it. */
export function testOf(filter: Filter, rules: Rules): Test {
  return compiled(readFilter(new BerDecoder(encode((writer) => filter.write(writer)))), rules);
}

function compiled(filter: Decoded, rules: Rules): Test {
  switch (filter.kind) {
    case 'and': {
      const parts = filter.of.map((part) => compiled(part, rules));
      return (person) => all(parts.map((part) => part(person)));
    }
    case 'or': {
      const parts = filter.of.map((part) => compiled(part, rules));
      return (person) => negated(all(parts.map((part) => negated(part(person)))));
    }
    case 'not': {
      const part = compiled(filter.of, rules);
      return (person) => negated(part(person));
    }
    case 'present':
      return () => true;
    case 'equal':
      return comparison(filter.attribute, filter.value.toString(), rules, (a, b) => a === b);
    case 'substrings':
      if (rules.unmatched.includes(filter.attribute)) return () => undefined;
      return filter.parts.final === undefined
        ? comparison(filter.attribute, filter.parts.initial ?? '', rules, (a, b) => a.startsWith(b))
        : comparison(filter.attribute, filter.parts.final, rules, (a, b) => a.endsWith(b));
    default:
      throw new Error(`a filter of kind ${filter.kind}`);
  }
}

function comparison(
  attribute: string,
  asked: string,
  { exact, ascii }: Rules,
  holds: (value: string, asked: string) => boolean,
): Test {
  if (ascii.includes(attribute) && !/^[\x00-\x7f]*$/.test(asked)) return () => undefined;
  const folded = (text: string) => (exact ? text : text.normalize('NFKC').toLowerCase().trim());
  const wanted = folded(asked);
  return ({ attributes }) =>
    (attributes[attribute] ?? []).some((value) => holds(folded(value), wanted));
}

function all(values: readonly Truth[]): Truth {
  if (values.includes(false)) return false;
  return values.includes(undefined) ? undefined : true;
}

function negated(value: Truth): Truth {
  return value === undefined ? undefined : !value;
}

export interface ServedPage {
  readonly people: readonly Person[];
  readonly last: boolean;
}

/** Entries that were asked for so far are counted in `entries`, connections in `connections`. */
export class CuttingServer {
  readonly #people: readonly Person[];
  readonly #rules: Rules;
  readonly #perConnection: number;
  readonly pageSize: number;
  connections = 0;
  entries = 0;
  #left = 0;

  /** @param perConnection entries that come over one connection before it is cut */
  constructor(people: readonly Person[], rules: Rules, perConnection: number, pageSize: number) {
    this.#people = people;
    this.#rules = rules;
    this.#perConnection = perConnection;
    this.pageSize = pageSize;
  }

  searching(attributes: readonly string[]): Searching<ServedPage> {
    return {
      pageSize: this.pageSize,
      attributes,
      pages: (request) => this.#pages(request),
      trial: async (dn, filter) => {
        const person = this.#people.find((each) => each.dn === dn);
        if (person === undefined || filter === undefined) return person !== undefined;
        return testOf(filter, this.#rules)(person) === true;
      },
      dnAttribute: async () => undefined,
      fits: () => true,
      assertThere: async () => {},
      end: () => ({ people: [], last: true }),
      renew: () => this.#renew(),
    };
  }

  #renew(): void {
    this.connections += 1;
    this.#left = this.#perConnection;
  }

  async *#pages(
    request: Parameters<Searching<ServedPage>['pages']>[0],
  ): AsyncGenerator<ServedPage> {
    const { filters, pageSizeAtMost, sample } = request;
    const size = Math.min(this.pageSize || Number.POSITIVE_INFINITY, pageSizeAtMost);
    const tests = filters.map((filter) => testOf(filter, this.#rules));
    const matching = this.#people.filter((person) => tests.every((test) => test(person) === true));
    for (let at = 0; at === 0 || at < matching.length; at += size) {
      const people = matching.slice(at, at + size);
      for (const person of people) {
        if (this.#left === 0) this.#cut();
        this.#left -= 1;
        this.entries += 1;
        sample.add(rawOf(person));
      }
      yield { people, last: at + size >= matching.length };
    }
  }

  #cut(): never {
    this.#renew();
    const cause = new ConnectionError('closed', 'cut');
    throw new SearchFailure('split', 'timeout', 'cut', { cause });
  }
}

export function rawOf({ dn, attributes }: Person) {
  const entries = Object.entries(attributes).map(
    ([name, values]) => [name, values.map((value) => Buffer.from(value))] as const,
  );
  return { dn, dnValid: true, attributes: new Map(entries) };
}
