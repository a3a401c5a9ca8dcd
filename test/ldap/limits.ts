// A server in memory that sends so many entries of a search and no more, and people to be found there.
import fc from 'fast-check';
import { SearchFailure } from '../../src/domain/errors.ts';
import type { Searching } from '../../src/ldap/expansion/lone-branch.ts';
import { type Person, type Rules, rawOf, type ServedPage, testOf } from './parts.ts';

/** How such a server limits a search. */
export interface Limited {
  readonly limit: number;
  /** Whether it finds entries by `entrydn`. */
  readonly findsDns: boolean;
}

/** Searches, trials included, are counted in `searches`. */
export class LimitingServer {
  readonly #people: readonly Person[];
  readonly #rules: Rules;
  readonly #limited: Limited;
  searches = 0;

  constructor(people: readonly Person[], rules: Rules, limited: Limited) {
    this.#people = people.map(({ dn, attributes, ...person }) => {
      return { ...person, dn, attributes: { ...attributes, entrydn: [dn] } };
    });
    this.#rules = rules;
    this.#limited = limited;
  }

  searching(attributes: readonly string[]): Searching<ServedPage> {
    return {
      pageSize: 0,
      attributes,
      pages: (request) => this.#pages(request),
      trial: async (dn, filter) => {
        this.searches += 1;
        const person = this.#people.find((each) => each.dn === dn);
        if (person === undefined || filter === undefined) return person !== undefined;
        return testOf(filter, this.#rules)(person) === true;
      },
      dnAttribute: async () => (this.#limited.findsDns ? 'entrydn' : undefined),
      fits: () => true,
      assertThere: async () => {},
      end: () => ({ people: [], last: true }),
      renew: () => {},
    };
  }

  async *#pages({
    filters,
    sample,
  }: Parameters<Searching<ServedPage>['pages']>[0]): AsyncGenerator<ServedPage> {
    this.searches += 1;
    const tests = filters.map((filter) => testOf(filter, this.#rules));
    const matching = this.#people.filter((person) => tests.every((test) => test(person) === true));
    const people = matching.slice(0, this.#limited.limit);
    for (const person of people) sample.add(rawOf(person));
    const last = people.length === matching.length;
    if (last || people.length > 0) yield { people, last };
    if (!last) throw new SearchFailure('fail', 'limit', 'too many', { resultCode: 4 });
  }
}

/** Few letters, so that values are alike; all that filters, folding and UTF-8 could trip over. */
const LETTERS = 'aAb*()\\ \0éßİﬁ'.split('').concat('e\u0301', '\u{1f600}', '\u{1f601}', '�');
export const value = fc.string({ unit: fc.constantFrom(...LETTERS), maxLength: 5 });

/** People with values that are missing, several, and alike; whom nothing but their DN tells apart for certain. */
export const people = fc
  .array(
    fc.record(
      {
        uid: fc.array(value, { minLength: 1, maxLength: 3 }),
        mail: fc.array(value, { minLength: 1, maxLength: 2 }),
        cn: fc.array(value, { minLength: 1, maxLength: 1 }),
      },
      { requiredKeys: [] },
    ),
    { minLength: 1, maxLength: 40 },
  )
  .map((list) =>
    list.map((given, n): Person => {
      const held = Object.entries(given).flatMap(([k, v]) => (v ? [[k, v]] : []));
      return { dn: `${n % 3 ? 'entry' : 'é'}=${n}`, attributes: Object.fromEntries(held) };
    }),
  );

/** What such a server understands; `ascii` with `entrydn` does not understand some DNs. */
export const rules = fc.record({
  exact: fc.boolean(),
  unmatched: fc.subarray(['uid', 'mail', 'cn']),
  ascii: fc.subarray(['uid', 'mail', 'cn', 'entrydn']),
});

/** With a common name that tells each from the others. */
export function numbered(list: readonly Person[]): readonly Person[] {
  return list.map(({ dn, attributes }, n) => {
    return { dn, attributes: { ...attributes, cn: [`${attributes['cn']?.[0] ?? ''}${n}`] } };
  });
}
