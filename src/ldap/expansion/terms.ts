import { equality, type Filter, substrings } from '../messages/filters.ts';

/** All entries with a value that begins so, or ends so, or that is exactly this. */
export interface Term {
  readonly attribute: string;
  readonly text: string;
  readonly exact: boolean;
  readonly fromEnd?: boolean;
}

/** Characters of a prefix at most: values that are alike for longer are not told apart by it. */
const LONGEST_PREFIX = 200;
/** Terms that come of one division at most, those that most values begin with; the others stay together. */
const MOST_TERMS = 200;

export function filterOf({ attribute, text, exact, fromEnd }: Term): Filter {
  if (exact) return equality(attribute, text);
  const part = Buffer.from(text);
  return substrings(attribute, fromEnd ? { any: [], final: part } : { initial: part, any: [] });
}

/** The same for terms that most servers take for the same, since case seldom counts. */
export function keyOf({ text, exact, fromEnd }: Omit<Term, 'attribute'>): string {
  return `${exact ? '=' : fromEnd ? '$' : '*'}${folded(text)}`;
}

/** Whether most servers would say so. */
export function holds({ text, exact, fromEnd }: Term, value: string): boolean {
  if (exact) return folded(value) === folded(text);
  return fromEnd ? folded(value).endsWith(folded(text)) : startsWith(value, text);
}

/** Where the values that are told apart come from. */
export interface Axis {
  readonly attribute: string;
  /** Whether they are told apart by how they end: what is numbered ends more evenly than it begins. */
  readonly fromEnd: boolean;
}

/**
 * How the values that begin (or end) with `prefix` go on: after what all of them have in common, one term for each
 * character that follows, one for the value that ends there. None of them is among `used` (by `keyOf`): where the server
 * takes for different what looks alike here, a value came although such a term leaves it out, and a longer one is made of it.
 */
export function termsOf(
  axis: Axis,
  values: readonly string[],
  prefix: string,
  used: ReadonlySet<string>,
): readonly Term[] {
  const start = turned(prefix, axis);
  const beneath = values
    .map((value) => turned(value, axis))
    .filter((value) => value !== '' && startsWith(value, start));
  const common = commonLength(beneath);
  if (common > LONGEST_PREFIX) return [];
  const counted = new Map<string, { readonly term: Term; count: number }>();
  for (const value of beneath) {
    const term = newTerm(axis, value, common, used);
    if (term === undefined) continue;
    const group = counted.get(keyOf(term)) ?? { term, count: 0 };
    group.count += 1;
    counted.set(keyOf(term), group);
  }
  const groups = [...counted.values()].sort((a, b) => b.count - a.count);
  return groups.slice(0, MOST_TERMS).map(({ term }) => term);
}

function newTerm(
  axis: Axis,
  value: string,
  common: number,
  used: ReadonlySet<string>,
): Term | undefined {
  let term = termAfter(axis, value, common);
  while (used.has(keyOf(term))) {
    if (term.exact || term.text.length > LONGEST_PREFIX) return undefined;
    term = termAfter(axis, value, term.text.length);
  }
  return term;
}

function termAfter(axis: Axis, value: string, length: number): Term {
  const { attribute, fromEnd } = axis;
  const next = value.codePointAt(length);
  if (next === undefined) return { attribute, text: turned(value, axis), exact: true };
  const text = turned(value.slice(0, length) + String.fromCodePoint(next), axis);
  return { attribute, text, exact: false, fromEnd };
}

/** Character by character, so that it begins where it is told apart; and back. */
function turned(text: string, { fromEnd }: Axis): string {
  return fromEnd ? [...text].reverse().join('') : text;
}

/** How many code units all values have in common, never half a character. */
function commonLength(values: readonly string[]): number {
  const [first = '', ...others] = values.map(folded);
  let length = first.length;
  for (const other of others) {
    let at = 0;
    while (at < length && first[at] === other[at]) at += 1;
    length = at;
  }
  return isHighSurrogate(first.charCodeAt(length - 1)) ? length - 1 : length;
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function startsWith(value: string, prefix: string): boolean {
  return folded(value).startsWith(folded(prefix));
}

/** In lower case where that leaves the length alone, so that what is found in it can be cut from the text itself. */
function folded(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}
