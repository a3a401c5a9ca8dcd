import { fold } from '../../domain/fold.ts';

/** More words narrow nothing down, and each costs a look into the index. */
const MOST_WORDS = 32;
/** What the tokenizer takes for a part of a word (sqlite.org/fts5.html#unicode61_tokenizer). */
const TOKEN = /[\p{L}\p{N}\p{Co}]/u;

export type SearchColumn =
  | 'username'
  | 'name'
  | 'email'
  | 'employee_number'
  | 'title'
  | 'department';

/** The words of a text, folded, that can be looked for. */
export function wordsOf(text: string): readonly string[] {
  const words = fold(text).split(/\s+/u);
  return words.filter((word) => TOKEN.test(word)).slice(0, MOST_WORDS);
}

/** FTS5 query: every word, or how it begins, anywhere in `columns` (all of them unless given). */
export function anywhere(text: string, ...columns: readonly SearchColumn[]): string {
  const words = wordsOf(text).map((word) => `${quoted(word)}*`);
  return words.length === 0 ? NOBODY : within(columns, `(${words.join(' ')})`);
}

/** FTS5 query: begins with these words, the last of which may go on. */
export function beginning(text: string, ...columns: readonly SearchColumn[]): string {
  return within(columns, `^${quoted(wordsOf(text).join(' '))}*`);
}

/** FTS5 query: begins with exactly these words; more may follow. */
export function leading(text: string, ...columns: readonly SearchColumn[]): string {
  return within(columns, `^${quoted(wordsOf(text).join(' '))}`);
}

/** A string without a word matches nothing. */
const NOBODY = '""';

function within(columns: readonly SearchColumn[], query: string): string {
  return columns.length === 0 ? query : `{${columns.join(' ')}} : ${query}`;
}

/** A string of FTS5, in which nothing is an operator. Neither a quote nor a NUL, which would end it, is a part of a word. */
function quoted(words: string): string {
  return `"${words.replace(/["\0]/g, ' ')}"`;
}
