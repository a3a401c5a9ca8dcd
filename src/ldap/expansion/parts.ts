import { type Filter, not, or } from '../messages/filters.ts';
import type { Sample, Seen } from './sample.ts';
import { type Axis, filterOf, holds, keyOf, type Term, termsOf } from './terms.ts';

/** Some of the reports of a branch: those whom all filters match, and one of the terms where there are any. */
export interface Part {
  readonly filters: readonly Filter[];
  readonly terms: readonly Term[];
  /** Index of the attribute by which it is divided; undefined: not decided. */
  readonly attribute: number | undefined;
  /** Whether by how its values end. */
  readonly fromEnd: boolean;
  /** What a value of that attribute begins (ends) with. */
  readonly prefix: string;
  /** Terms beneath the prefix (by `keyOf`) that others have, or that the server does not understand. */
  readonly used: ReadonlySet<string>;
  /** All terms by which it has come about, those that it leaves out included: none of them divides it again. */
  readonly tried: ReadonlySet<string>;
  /** Ways (by `wayOf`) that can divide it no further. */
  readonly spent: ReadonlySet<string>;
}

/** All reports. */
export const WHOLE: Part = {
  filters: [],
  terms: [],
  attribute: undefined,
  fromEnd: false,
  prefix: '',
  used: new Set(),
  tried: new Set(),
  spent: new Set(),
};

/** How finely a part is divided. */
export interface Division {
  /** Into how many parts of about the same size those who were seen are divided, besides the one for all others. */
  readonly shares: number;
  /** How many (0–1) of those who were seen are in these at least; the others stay with those who were not seen. */
  readonly covered: number;
  /** In which order values are told apart. */
  readonly directions: readonly Pick<Part, 'fromEnd'>[];
  /** An attribute that is taken last. */
  readonly reserved?: number | undefined;
}

/** A part that is not complete yet. */
export interface Piece {
  readonly part: Part;
  /** Those of it who came before a limit of the server. */
  readonly seen: Sample;
}

/** Nothing of what came is known to be complete: parts shall be small enough to pass. */
export const QUARTERS: Division = { shares: 4, covered: 1, directions: [{ fromEnd: false }] };
/**
 * What came is complete, and left out of the parts: as few as can be, since each costs a search to learn that it ends. Who
 * came first often has the lowest numbers: by how they end, those who are missing are like those who came.
 */
export const HALVES: Division = {
  shares: 1,
  covered: 0.5,
  directions: [{ fromEnd: true }, { fromEnd: false }],
};

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
  division: Division = QUARTERS,
): Promise<readonly Part[] | undefined> {
  if (part.terms.length > 1) {
    return sharesOf(part, part.terms, sample, Math.max(2, division.shares));
  }
  for (const start of startsOf(narrowed(part), sample, division)) {
    const values = valuesOf(start, sample);
    const all = termsOf(axisOf(start, sample), values, start.prefix, start.used);
    const terms = covering(all, values, division.covered);
    const trusted = terms.length > 0 ? await prove(terms) : [];
    if (trusted.length === 0) continue;
    const beneath = { ...start, used: WHOLE.used };
    return [restOf(start, terms, trusted), ...sharesOf(beneath, trusted, sample, division.shares)];
  }
  return undefined;
}

type Start = Part & { readonly attribute: number };

/** A part of one term is divided by what comes after it. */
function narrowed(part: Part): Part {
  const [term] = part.terms;
  const { attribute } = part;
  if (term === undefined || attribute === undefined) return part;
  const filters = filtersOf(part);
  if (term.exact) {
    const spent = new Set(part.spent).add(wayOf({ attribute, fromEnd: true }));
    return { ...WHOLE, filters, spent: spent.add(wayOf({ attribute, fromEnd: false })) };
  }
  const tried = new Set(part.tried).add(keyOf(term));
  return { ...part, filters, terms: [], prefix: term.text, tried };
}

/**
 * Where to divide: beneath the prefix; then by the same attribute anew, for servers take values for alike that look
 * different; then by each attribute that all who were seen have, those that tell most of them apart first.
 */
function startsOf(part: Part, sample: Sample, division: Division): readonly Start[] {
  const { attribute, tried } = part;
  const here = attribute === undefined ? [] : [{ ...part, attribute }];
  const anew = here.map((start) => ({ ...start, prefix: '', used: tried }));
  // On some servers a negated term leaves out who has no such attribute.
  return [...here, ...anew, ...othersOf(part, sample, division)].filter((start) =>
    sample.hadAlways(start.attribute),
  );
}

function othersOf(
  { filters, attribute, fromEnd: turned, spent: before }: Part,
  sample: Sample,
  { directions, reserved }: Division,
): readonly Start[] {
  const spent = new Set(before);
  if (attribute !== undefined) spent.add(wayOf({ attribute, fromEnd: turned }));
  return sample.attributes
    .flatMap((_, other) =>
      directions.map(({ fromEnd }) => ({ ...WHOLE, filters, attribute: other, fromEnd, spent })),
    )
    .filter((start) => !spent.has(wayOf(start)))
    .map((start) => ({ start, variety: sample.varietyOf(start.attribute) }))
    .sort((a, b) => b.variety - a.variety)
    .map(({ start }) => start)
    .sort((a, b) => Number(a.attribute === reserved) - Number(b.attribute === reserved));
}

function wayOf({ attribute, fromEnd }: Pick<Start, 'attribute' | 'fromEnd'>): string {
  return `${attribute}${fromEnd ? '$' : '*'}`;
}

function axisOf({ attribute, fromEnd }: Start, sample: Sample): Axis {
  return { attribute: sample.attributes[attribute] ?? '', fromEnd };
}

function valuesOf({ attribute }: Pick<Part, 'attribute'>, sample: Sample): readonly string[] {
  if (attribute === undefined) return [];
  return sample.remembered.flatMap(({ values }) => values[attribute] ?? []);
}

/** The first terms that so many of the values begin with, at least one. */
function covering(
  terms: readonly Term[],
  values: readonly string[],
  covered: number,
): readonly Term[] {
  if (covered === 1) return terms;
  const counts = terms.map((term) => values.filter((value) => holds(term, value)).length);
  const wanted = covered * counts.reduce((sum, count) => sum + count, 0);
  let got = 0;
  const enough = counts.findIndex((count) => {
    got += count;
    return got >= wanted;
  });
  return terms.slice(0, enough + 1);
}

/** The parts, each with those of its people who were seen. */
export function piecesOf(parts: readonly Part[], seen: Sample): readonly Piece[] {
  const shares = parts.filter(({ terms }) => terms.length > 0);
  return parts.map((part) => {
    const belongs =
      part.terms.length > 0
        ? (each: Seen) => mayHold(part, each)
        : (each: Seen) => !shares.some((share) => mayHold(share, each));
    return { part, seen: seen.only(belongs) };
  });
}

/** Whether somebody who was seen is among `part`, which came of a division of a part of theirs: as far as can be told. */
function mayHold({ terms, attribute }: Part, { values }: Seen): boolean {
  if (attribute === undefined || terms.length === 0) return true;
  const held = values[attribute] ?? [];
  return terms.some((term) => held.some((value) => holds(term, value)));
}

/** Whoever has a value for which none of the terms that the server understands holds. */
function restOf(start: Start, terms: readonly Term[], trusted: readonly Term[]): Part {
  const filters = [...start.filters, not(or(trusted.map(filterOf)))];
  const keys = terms.map(keyOf);
  const used = new Set([...start.used, ...keys]);
  return { ...start, filters, used, tried: new Set([...start.tried, ...keys]) };
}

/** Two parts at least where there are two terms: some for as many as were seen in a share of them, or for one term. */
function sharesOf(
  part: Part,
  terms: readonly Term[],
  sample: Sample,
  count: number,
): readonly Part[] {
  const values = valuesOf(part, sample);
  const weights = terms.map((term) => 1 + values.filter((value) => holds(term, value)).length);
  const most = weights.reduce((sum, weight) => sum + weight, 0) / count;
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
