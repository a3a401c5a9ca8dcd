import { attributeType } from '../../domain/dn/attribute-types.ts';
import type { RawEntry } from '../messages/entry.ts';

/** One of an attribute's names as asked for, then others: the number of each among all that are wanted. */
export type Numbers = readonly number[];

const ABSENT = -1;

/** The attributes that a mapper looks for, numbered: an entry is looked through once for all of them. */
export class Wanted {
  readonly #numbers = new Map<string, number>();
  /** By number: where in the entry that was looked through last the attribute is. */
  readonly #places: number[] = [];
  #looked: RawEntry | undefined;

  /** Of the attributes that these names stand for, the best first. */
  numbersOf(names: readonly string[]): Numbers {
    return names.flatMap(spellings).map((name) => this.#numberOf(name));
  }

  look(entry: RawEntry): void {
    if (entry === this.#looked && entry.isLaidOut) return;
    this.#looked = entry;
    if (!this.#place(entry)) {
      entry.layout.merge();
      this.#place(entry);
    }
  }

  /** The first of them that has values: where in the layout it is, undefined where there is none. */
  find(numbers: Numbers): number | undefined {
    for (const number of numbers) {
      const place = this.#places[number] ?? ABSENT;
      if (place !== ABSENT) return place;
    }
    return undefined;
  }

  /** Returns false where an attribute comes in several. */
  #place({ layout }: RawEntry): boolean {
    const places = this.#places;
    places.fill(ABSENT);
    for (let at = 0; at < layout.attributes; at += 1) {
      const number = this.#numbers.get(layout.name(at));
      if (number === undefined || layout.firstValue(at) === layout.endOfValues(at)) continue;
      if (places[number] !== ABSENT) return false;
      places[number] = at;
    }
    return true;
  }

  #numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    this.#numbers.set(name, this.#places.length);
    return this.#places.push(ABSENT) - 1;
  }
}

/** As it may come: a server answers by its own name what it was asked for by an alias or an OID. */
export function spellings(name: string): readonly string[] {
  return [...new Set([name.toLowerCase(), attributeType(name).name])];
}
