import { type Filter, not, or } from '../messages/filters.ts';
import type { Sample } from './sample.ts';
import { filterOf, holds, keyOf, type Term, termsOf } from './terms.ts';

/** Some of the reports of a branch: those whom all filters match, and one of the terms where there are any. */
export interface Part {
  readonly filters: readonly Filter[];
  readonly terms: readonly Term[];
  /** Index of the attribute by which it is divided; undefined: not decided. */
  readonly attribute: number | undefined;
  /** What a value of that attribute begins with. */
  readonly prefix: string;
  /** Terms beneath the prefix (by `keyOf`) that others have, or that the server does not understand. */
  readonly used: ReadonlySet<string>;
  /** All terms by which it has come about, those that it leaves out included: none of them divides it again. */
  readonly tried: ReadonlySet<string>;
  /** Attributes that can divide it no further. */
  readonly spent: ReadonlySet<number>;
}

/** All reports. */
export const WHOLE: Part = {
  filters: [],
  terms: [],
  attribute: undefined,
  prefix: '',
  used: new Set(),
  tried: new Set(),
  spent: new Set(),
};

/** Into how many parts of about the same size those who were seen are divided. */
const SHARES = 4;

export function filtersOf({ filters, terms }: Part): readonly Filter[] {
  return terms.length === 0 ? filters : [...filters, or(terms.map(filterOf))];
}

/** Which of the terms the server understands. */
export type Prover = (terms: readonly Term[]) => Promise<readonly Term[]>;

/**
 * Parts that together hold everyone whom `part` holds, seen or not: some for the ways in which the values of those who
 * were seen go on, and one for whoever has no such value. That holds by logic alone, whatever the server makes of case,
 * spaces and accents, provided that no term is Undefined to it (RFC 4511 §4.5.1.7), which would be neither the term nor
 * its negation. Returns undefined where those who were seen can no longer be told apart.
 */
export async function divide(
  part: Part,
  sample: Sample,
  prove: Prover,
): Promise<readonly Part[] | undefined> {
  if (part.terms.length > 1) return sharesOf(part, part.terms, sample);
  for (const start of startsOf(narrowed(part), sample)) {
    const values = valuesOf(start, sample);
    const terms = termsOf(attributeOf(start, sample), values, start.prefix, start.used);
    const trusted = terms.length > 0 ? await prove(terms) : [];
    if (trusted.length === 0) continue;
    const beneath = { ...start, used: WHOLE.used };
    return [restOf(start, terms, trusted), ...sharesOf(beneath, trusted, sample)];
  }
  return undefined;
}

type Start = Part & { readonly attribute: number };

/** A part of one term is divided by what comes after it. */
function narrowed(part: Part): Part {
  const [term] = part.terms;
  const { attribute, spent } = part;
  if (term === undefined || attribute === undefined) return part;
  const filters = filtersOf(part);
  if (term.exact) return { ...WHOLE, filters, spent: new Set(spent).add(attribute) };
  const tried = new Set(part.tried).add(keyOf(term));
  return { ...part, filters, terms: [], prefix: term.text, tried };
}

/**
 * Where to divide: beneath the prefix; then by the same attribute anew, for servers take values for alike that look
 * different; then by each attribute that all who were seen have, those that tell most of them apart first.
 */
function startsOf(part: Part, sample: Sample): readonly Start[] {
  const { attribute, tried } = part;
  const here = attribute === undefined ? [] : [{ ...part, attribute }];
  const anew = here.map((start) => ({ ...start, prefix: '', used: tried }));
  // On some servers a negated term leaves out who has no such attribute.
  return [...here, ...anew, ...othersOf(part, sample)].filter((start) =>
    sample.hadAlways(start.attribute),
  );
}

function othersOf({ filters, attribute, spent: before }: Part, sample: Sample): readonly Start[] {
  const spent = new Set(before);
  if (attribute !== undefined) spent.add(attribute);
  return sample.attributes
    .map((_, other) => ({ ...WHOLE, filters, attribute: other, spent }))
    .filter(({ attribute: other }) => !spent.has(other))
    .map((start) => ({ start, variety: varietyOf(start, sample) }))
    .sort((a, b) => b.variety - a.variety)
    .map(({ start }) => start);
}

/** How many values there are, less for people with several: they would be in several parts. */
function varietyOf(start: Start, sample: Sample): number {
  const values = valuesOf(start, sample);
  return new Set(values).size - 2 * (values.length - sample.remembered.length);
}

function attributeOf({ attribute }: Start, sample: Sample): string {
  return sample.attributes[attribute] ?? '';
}

function valuesOf({ attribute }: Pick<Part, 'attribute'>, sample: Sample): readonly string[] {
  if (attribute === undefined) return [];
  return sample.remembered.flatMap((seen) => seen[attribute] ?? []);
}

/** Whoever has a value for which none of the terms that the server understands holds. */
function restOf(start: Start, terms: readonly Term[], trusted: readonly Term[]): Part {
  const filters = [...start.filters, not(or(trusted.map(filterOf)))];
  const keys = terms.map(keyOf);
  const used = new Set([...start.used, ...keys]);
  return { ...start, filters, used, tried: new Set([...start.tried, ...keys]) };
}

/** Two parts at least where there are two terms: some for as many as were seen in a share of them, or for one term. */
function sharesOf(part: Part, terms: readonly Term[], sample: Sample): readonly Part[] {
  const values = valuesOf(part, sample);
  const weights = terms.map((term) => 1 + values.filter((value) => holds(term, value)).length);
  const most = weights.reduce((sum, weight) => sum + weight, 0) / SHARES;
  const shares: Term[][] = [];
  let room = 0;
  for (const [n, term] of terms.entries()) {
    const weight = weights[n] ?? 0;
    if (weight > room || shares.length === 0) {
      shares.push([]);
      room = most;
    }
    shares.at(-1)?.push(term);
    room -= weight;
  }
  return shares.map((share) => ({ ...part, terms: share }));
}
