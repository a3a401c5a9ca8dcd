import type { ChangeKind } from '../domain/changes.ts';
import type { ChartDifference } from '../domain/chart.ts';

/** Names one person to their source; means nothing elsewhere. */
export type Key = string;

/** What a card shows. Texts are empty where the directory tells nothing. */
export interface Person {
  readonly key: Key;
  /** Never empty. */
  readonly name: string;
  readonly title: string;
  readonly department: string;
  readonly active: boolean;
  readonly manager: Key | null;
  /** Direct reports by all lines; everyone below by the lines that are drawn. */
  readonly direct: number;
  readonly total: number;
  /** What the last run changed of this person, and of how many below. */
  readonly changes: readonly ChangeKind[];
  readonly changesBelow: number;
}

export interface Details extends Person {
  readonly username: string;
  readonly location: string;
  readonly email: string;
  readonly phone: string;
  readonly changed: readonly Change[];
}

/** Somebody on a chain of command, and where among their manager's reports they stand (from 0). */
export interface Step {
  readonly person: Person;
  readonly position: number;
}

export interface Change {
  readonly kind: ChangeKind;
  readonly name: string;
  /** Null: not in the chart (any more). */
  readonly person: Person | null;
  readonly differences: readonly ChartDifference[];
}

/** A part of a list: `items` are those from number `from` on, of `total`. */
export interface Part<T> {
  readonly from: number;
  readonly items: readonly T[];
  readonly total: number;
}

export interface About {
  readonly title: string;
  readonly people: number;
  readonly run: number;
  /** Null: the run is held, and not published. */
  readonly publishedAt: string | null;
  /** Names of those above whom the chart shows, from the root down. */
  readonly above: readonly string[];
  /** Null: there is nothing that the run could be compared with. */
  readonly changes: Readonly<Record<ChangeKind, number>> | null;
}

/**
 * Where the chart has its people from. They lie in the page, or elsewhere: so every answer is promised, and what can be long
 * comes in parts of at most `count`. Everything in an answer is text of the directory: it goes on the page as text, never as markup.
 */
export interface Source {
  about(): Promise<About>;
  roots(from: number, count: number): Promise<Part<Person>>;
  reports(manager: Key, from: number, count: number): Promise<Part<Person>>;
  /** From a root of the chart down to the person. */
  chain(key: Key): Promise<readonly Step[]>;
  details(key: Key): Promise<Details>;
  /** People whom every word of `text` names, diacritics or not, the best matches first. */
  search(text: string, count: number): Promise<Part<Person>>;
  changes(kind: ChangeKind, from: number, count: number): Promise<Part<Change>>;
}
