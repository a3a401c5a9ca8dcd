import { fold } from '../../domain/fold.ts';
import { defineFold } from '../file/folding.ts';
import type { Sqlite } from '../file/sqlite.ts';
import { holdsAt, type Person, selectPerson } from './person.ts';
import { anywhere, beginning, leading, wordsOf } from './words.ts';

/** So many are found, and ranked: to rank everyone who matches would take as long as to read them. */
export const MOST_FOUND = 200;

/** Goes from the index to the people in the state, in the order of the index: it ends as soon as enough are found. */
export function foundPeople(run: number): string {
  return `_search AS s CROSS JOIN _version AS v ON v.vid = s.rowid
  CROSS JOIN _place AS p ON p.pid = v.pid AND p.vid = v.vid AND ${holdsAt(run, 'p')}`;
}

/** Whoever matches every word: first those called so, then those whose name or user name begins so, then the others by rank. */
export function searchPeople(database: Sqlite, run: number, text: string): readonly Person[] {
  const words = wordsOf(text);
  if (words.length === 0) return [];
  defineFold(database);
  const select = selectPerson(database, run, foundPeople(run));
  const found = (query: string, condition = 'TRUE') =>
    database
      .prepare<unknown[], Person>(
        `${select} WHERE s._search MATCH @query AND ${condition} ORDER BY s.rowid LIMIT ${MOST_FOUND}`,
      )
      .all({ query, whole });
  const whole = fold(text).trim().replace(/\s+/gu, ' ');
  const begun = found(beginning(text, 'username', 'name'));
  // Where there is room for all who are called something longer, those who are called exactly so are among them.
  const called =
    begun.length < MOST_FOUND ? begun : found(leading(text, 'username', 'name'), CALLED);
  const others = ranked(found(anywhere(text)), words);
  const people = [
    ...byName(called.filter(isCalled(whole))),
    ...byName(begun.filter(begins(whole))),
    ...others,
  ];
  return [...new Map(people.map((one) => [one.pid, one])).values()].slice(0, MOST_FOUND);
}

/** SQL: the column, folded, is `@whole`. Of ASCII SQLite itself can tell, without a call for each row. */
export function isText(column: string): string {
  return `(${column} = @whole COLLATE NOCASE OR
    length(${column}) <> octet_length(${column}) AND orgwalk_fold(${column}) = @whole)`;
}

const CALLED = `(${isText('v.username')} OR ${isText('v.name')})`;

/** The user name or the name is `whole`, folded. */
function isCalled(whole: string) {
  return ({ username, name }: Person) =>
    fold(username ?? '') === whole || fold(name ?? '') === whole;
}

function begins(whole: string) {
  return ({ username, name }: Person) =>
    fold(username ?? '').startsWith(whole) || fold(name ?? '').startsWith(whole);
}

/** How much a word counts in a column. */
const WEIGHTS = { name: 4, username: 4, email: 2, employee_number: 2, title: 2, department: 1 };
const WEIGHED = Object.entries(WEIGHTS) as readonly (readonly [keyof typeof WEIGHTS, number])[];

function ranked(people: readonly Person[], words: readonly string[]): readonly Person[] {
  const ranks = new Map(people.map((one) => [one, rankOf(one, words)]));
  return byName(people).toSorted((a, b) => (ranks.get(b) ?? 0) - (ranks.get(a) ?? 0));
}

/** A whole word counts twice as much as one that goes on. */
function rankOf(person: Person, words: readonly string[]): number {
  let rank = 0;
  for (const [column, weight] of WEIGHED) {
    const text = ` ${fold(person[column] ?? '').replace(/[^\p{L}\p{N}]+/gu, ' ')} `;
    for (const word of words) {
      if (text.includes(` ${word} `)) rank += 2 * weight;
      else if (text.includes(` ${word}`)) rank += weight;
    }
  }
  return rank;
}

export function byName(people: readonly Person[]): readonly Person[] {
  return people.toSorted((a, b) => compare(a.name ?? '', b.name ?? '') || compare(a.id, b.id));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
